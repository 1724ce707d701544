"""The empty-task control: the cost of scheduling alone, by the number of tasks (rule 3)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from harness.core.records import RunInfo
from harness.reading.analysis.keys import SET_UP
from harness.reading.analysis.verdict.estimates import Floats, rounds_used
from harness.reading.analysis.verdict.rounds import with_result

EMPTY = "empty-task"


def empty_rounds(pairs: pd.DataFrame) -> pd.DataFrame:
    """Keep the rounds of *pairs* (``schema.PAIRS``) that are of an empty-task sweep and have a
    result, in the order of :func:`harness.reading.analysis.verdict.rounds.with_result`."""
    return with_result(pairs[pairs["workload"] == EMPTY])


def control_of(ok: pd.DataFrame, group: pd.DataFrame, info: RunInfo) -> pd.DataFrame:
    """Choose the control of a group: of its own run, else the newest of its machine and commit.

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
    first = group.iloc[0]
    mine = ok[(ok[SET_UP] == first[SET_UP]).all(axis=1).fillna(False).to_numpy(dtype=bool)]
    own: pd.DataFrame = mine[(mine["run"] == first["run"]).to_numpy(dtype=bool)]
    if own.empty and not pd.isna(first["commit"]):
        alike = (mine["machine"] == first["machine"]) & (mine["commit"] == first["commit"])
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
        Seconds of an empty call over those of another: for the chunks *short* over its own
        baseline, for the others over T1 of the work in that round.
    short : ndarray of bool, shape (chunks,)
        Whose timed batch lasts about as long as that of its own baseline, rather than about T1.
    own, serial : DataFrame, shape (rounds, any)
        Seconds of that baseline, and T1: the ratio of their means (:func:`mean_ratio`) brings the
        short chunks to units of T1.
    tasks : ndarray of float, shape (chunks,)
        Numbers of tasks.
    """

    ratios: pd.DataFrame
    short: NDArray[np.bool_]
    own: pd.DataFrame
    serial: pd.DataFrame
    tasks: Floats


def beside_work(control: pd.DataFrame, ok: pd.DataFrame) -> Control:
    """Bring the control to units of the work's T1; compare only calls of about one length.

    A machine that stalls now and then makes a long call a little slower every time and a short
    one much slower once in a while: the median of short calls knows nothing of stalls, that of
    long ones does. So a median compares calls that are timed for about as long alone: a short
    empty call and its own baseline, which are both batches of 10 ms (rule 13), or a long one and
    T1. From that baseline to T1 leads a ratio of means.

    Where both were measured in the same rounds of one run, rounds are compared with themselves,
    which takes the drift out; else with T1 over all rounds.

    Parameters
    ----------
    control : DataFrame
        Of :func:`control_of`, not empty.
    ok : DataFrame
        Rounds with a result of the group whose T1 is the unit.
    """
    empty, own = _table(control, "parallel_seconds"), _table(control, "serial_seconds")
    serial = _table(ok, "serial_seconds")
    t1 = serial.median(axis=1)
    if set(control["run"]) != set(ok["run"]) or not t1.index.isin(empty.index).any():
        t1 = pd.Series(float(t1.median()), index=empty.index)
    timed, own_timed = (
        (seconds * _table(control, calls).fillna(1)).median()
        for seconds, calls in ((empty, "calls"), (own, "serial_calls"))
    )
    nearer = np.abs(np.log(timed / own_timed)) < np.abs(np.log(timed / float(t1.median())))
    short = nearer.to_numpy(dtype=bool)  # False where there is no baseline
    ratios = empty.div(t1, axis=0)
    ratios.loc[:, short] = (empty / own).loc[:, short]
    kept = ratios.dropna(how="all")
    tasks = control.groupby("chunk")["n_tasks"].first().reindex(kept.columns)
    return Control(kept, short, own, serial, tasks.to_numpy(np.float64))


def mean_ratio(own: Floats, serial: Floats, order: Floats) -> Floats:
    """Divide the baseline of the control by T1, as the ratio of their power means of an *order*.

    A call does the work ``integral v dt`` on a machine of speed ``v``. Where calls begin evenly in
    the work done, the mean of ``t`` is the same for calls of every length (order 1); where they
    begin evenly in time, the mean of ``1/t`` nearly is (order -1). Calls one after the other are
    between the two, and nothing measured says where.

    Parameters
    ----------
    own, serial : ndarray of float, shape (draws, any)
        Seconds; what is NaN does not count.
    order : ndarray of float, shape (draws,)
        0 is the geometric mean.

    Returns
    -------
    ndarray of float, shape (draws,)
    """
    return np.exp(_log_mean(own, order) - _log_mean(serial, order))


def _log_mean(seconds: Floats, order: Floats) -> Floats:
    logs = np.log(seconds)
    middle = np.nanmean(logs, axis=1, keepdims=True)
    off = order[:, None] * (logs - middle)
    # (log mean exp)/order, whose limit at 0 is the middle itself
    more = np.log(np.nanmean(np.exp(off), axis=1)) / np.where(order == 0, 1.0, order)
    return np.asarray(middle[:, 0] + more, dtype=np.float64)


def _table(pairs: pd.DataFrame, name: str) -> pd.DataFrame:
    """Spread a column of *pairs* as floats: a row a round and a column a chunk, both rising."""
    return pairs.astype({name: "float64"}).pivot_table(
        index="round", columns="chunk", values=name, dropna=False
    )
