"""The empty-task control: what scheduling alone costs at how many tasks (rule 3)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from harness.analysis.estimates import Floats, rounds_used
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


class Control(NamedTuple):
    """An empty-task sweep beside the work of a group, in two units.

    Attributes
    ----------
    ratios : DataFrame, shape (rounds, chunks)
        Seconds of an empty call: of the chunks *short* over its own baseline, of the others over
        the work's T1 of that round.
    short : ndarray of bool, shape (chunks,)
        Which chunks are timed for a time nearer to that of their own baseline than to T1.
    speeds : Series, shape (rounds,)
        T1 over that baseline: one over its mean brings the short ones to units of T1.
    tasks : ndarray of float, shape (chunks,)
    """

    ratios: pd.DataFrame
    short: NDArray[np.bool_]
    speeds: pd.Series[float]
    tasks: Floats


def beside_work(control: pd.DataFrame, ok: pd.DataFrame) -> Control:
    """The control in units of the work's T1, like compared with like.

    A machine that stalls now and then makes a long call a little slower every time and a short
    one much slower once in a while: the median of short calls knows nothing of stalls, that of
    long ones does. So a median compares calls that are timed for about as long alone: a short
    empty call and its own baseline, which are both batches of 10 ms (rule 13), or a long one and
    T1. From that baseline to T1 leads the mean of speeds, which is the same for calls of any
    length: in a time ``t`` a machine of speed ``v`` does the work ``integral v dt``.

    Where both were measured in one run, rounds are compared with themselves, which takes the drift
    out; else with T1 over all rounds.

    Parameters
    ----------
    control : DataFrame
        Of :func:`control_of`, not empty.
    ok : DataFrame
        Rounds with a result of the group whose T1 is the unit.
    """
    empty, own = _table(control, "parallel_seconds"), _table(control, "serial_seconds")
    by_round = ok.groupby("round")["serial_seconds"]
    t1, speed = by_round.median(), by_round.agg(lambda seconds: 1 / np.mean(1 / seconds))
    if set(control["run"]) != set(ok["run"]):
        t1 = pd.Series(float(t1.median()), index=empty.index)
        speed = pd.Series(float(1 / np.mean(1 / speed)), index=empty.index)
    timed, own_timed = (
        (seconds * _table(control, calls).fillna(1)).median()
        for seconds, calls in ((empty, "calls"), (own, "serial_calls"))
    )
    nearer = np.abs(np.log(timed / own_timed)) < np.abs(np.log(timed / float(t1.median())))
    short = nearer.to_numpy(dtype=bool)  # False where there is no baseline
    ratios = empty.div(t1, axis=0)
    ratios.loc[:, short] = (empty / own).loc[:, short]
    speeds = (1 / own).mul(speed, axis=0).mean(axis=1).dropna()
    kept = ratios.dropna(how="all")
    tasks = control.groupby("chunk")["n_tasks"].first().reindex(kept.columns)
    return Control(kept, short, speeds, tasks.to_numpy(np.float64))


def _table(control: pd.DataFrame, name: str) -> pd.DataFrame:
    """A column of *control* as floats, a row a round and a column a chunk, both rising."""
    return control.astype({name: "float64"}).pivot_table(
        index="round", columns="chunk", values=name, dropna=False
    )
