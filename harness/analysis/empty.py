"""The empty-task control: what scheduling alone costs at how many tasks (rule 3)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from harness.analysis.estimates import rounds_used
from harness.analysis.rounds import with_result
from harness.records import RunInfo

EMPTY = "empty-task"
SET_UP = ["executor", "workers", "pin"]


def empty_rounds(pairs: pd.DataFrame) -> pd.DataFrame:
    """The rounds with a result of every empty-task sweep in *pairs* (``schema.PAIRS``)."""
    return with_result(pairs[pairs["workload"] == EMPTY])


def control_of(ok: pd.DataFrame, group: pd.DataFrame, info: RunInfo) -> pd.DataFrame:
    """The control of a group: that of its own run, else the newest of its machine and commit.

    Parameters
    ----------
    ok : DataFrame
        Of :func:`empty_rounds`.
    group : DataFrame
        Rows of one group, at least one; ``machine``, ``run``, ``commit`` and set-up are read.
    info : RunInfo
        Run line of the group: looks.

    Returns
    -------
    DataFrame
        Rows of *ok* of one run; empty where there is no control.
    """
    one = group.iloc[0]
    mine = ok[(ok[SET_UP] == one[SET_UP]).all(axis=1).fillna(False).to_numpy(dtype=bool)]
    own: pd.DataFrame = mine[(mine["run"] == one["run"]).to_numpy(dtype=bool)]
    if own.empty and not pd.isna(one["commit"]):
        alike = (mine["machine"] == one["machine"]) & (mine["commit"] == one["commit"])
        others = mine[alike.fillna(False).to_numpy(dtype=bool)]
        own = others[(others["run"] == others["run"].max()).to_numpy(dtype=bool)]
    used = [
        rows.iloc[: rounds_used(len(rows), info.looks)]
        for _, rows in own.groupby("chunk", sort=True)
    ]
    return pd.concat(used) if used else own


def over_baseline(control: pd.DataFrame, ok: pd.DataFrame) -> pd.DataFrame:
    """Seconds of an empty call in units of the work's T1, a row a round and a column a chunk.

    Where both were measured in one run, a round is divided by the median T1 of that same round,
    which takes the drift out; else all by the median T1 over the rounds.

    Parameters
    ----------
    control : DataFrame
        Of :func:`control_of`.
    ok : DataFrame
        Rounds with a result of the group whose T1 is the unit.
    """
    by_chunk = control.groupby("chunk", sort=True)
    seconds = pd.DataFrame(
        {chunk: rows.set_index("round")["parallel_seconds"] for chunk, rows in by_chunk}
    )
    t1 = ok.groupby("round")["serial_seconds"].median()
    if set(control["run"]) == set(ok["run"]):
        return seconds.div(t1, axis=0).dropna(how="all")
    return seconds.div(float(np.median(t1)))
