"""The empty-task control: the cost of scheduling alone, by the number of tasks (rule 3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from harness.core.records import RunInfo
from harness.reading.analysis.by_group import Key, Row, records
from harness.reading.analysis.crossover.spread import Spread, spread, used_of_chunks
from harness.reading.analysis.keys import GROUP, SET_UP
from harness.reading.analysis.verdict.estimates import Floats
from harness.reading.analysis.verdict.grouped_rounds import GroupedRounds, RoundColumns
from harness.reading.analysis.verdict.ragged import row_medians

EMPTY = "empty-task"


class EmptySweep(NamedTuple):
    """The rounds with a result of one empty-task sweep, and the run that measured it."""

    run: str
    rounds: RoundColumns


class EmptySweeps(NamedTuple):
    """All empty-task sweeps, by what a group asks for.

    Attributes
    ----------
    of_run : mapping of tuple to EmptySweep
        By run and set-up.
    newest : mapping of tuple to EmptySweep
        Of the runs of one machine, commit, environment and set-up, that of the newest.
    """

    of_run: Mapping[Key, EmptySweep]
    newest: Mapping[Key, EmptySweep]


def empty_sweeps(
    pairs: pd.DataFrame, ok: GroupedRounds, runs: Mapping[str, RunInfo]
) -> EmptySweeps:
    """Index the empty-task sweeps by set-up.

    Parameters
    ----------
    pairs : DataFrame
        Rows of ``schema.PAIRS``; ``machine`` and ``commit`` are read.
    ok : GroupedRounds
        Their rounds with a result.
    runs : mapping of str to RunInfo
        The run line of every run.
    """
    parts: dict[Key, list[RoundColumns]] = {}
    for key in ok.groups:
        of = dict(zip(GROUP, key, strict=True))
        if of["workload"] == EMPTY:
            parts.setdefault((of["run"], *_set_up(of)), []).append(ok.of_group(key))
    of_run = {key: EmptySweep(key[0], _joined(rounds)) for key, rounds in parts.items()}
    origin = pairs[["run", "machine", "commit"]].drop_duplicates("run")
    origins = {row["run"]: (row["machine"], row["commit"]) for row in records(origin)}
    newest: dict[Key, EmptySweep] = {}
    for (run, *set_up), sweep in sorted(of_run.items(), key=lambda item: str(item[0][0])):
        where = environment_of(runs[run], set_up[SET_UP.index("executor")])
        newest[*origins[run], where, *set_up] = sweep
    return EmptySweeps(of_run, newest)


def _joined(parts: Sequence[RoundColumns]) -> RoundColumns:
    """One sweep may have several problem sizes."""
    names = [each.name for each in fields(RoundColumns)]
    return RoundColumns(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in names)
    )


def control_of(empty: EmptySweeps, group: Row, info: RunInfo) -> EmptySweep | None:
    """Choose the control of a group: of its own run, else the newest of its machine, commit
    and environment.

    Parameters
    ----------
    empty : EmptySweeps
    group : dict
        ``machine``, ``run``, ``commit`` and set-up of the group.
    info : RunInfo
        Run line of the group: looks, environment.

    Returns
    -------
    EmptySweep or None
        The rounds that count, chunks rising; ``None`` where there is no control.
    """
    sweep = empty.of_run.get((group["run"], *_set_up(group)))
    if sweep is None and group["commit"] is not None:
        where = environment_of(info, group["executor"])
        origin = (group["machine"], group["commit"], where)
        sweep = empty.newest.get((*origin, *_set_up(group)))
    return sweep and sweep._replace(rounds=used_of_chunks(sweep.rounds, info.looks))


def environment_of(info: RunInfo, executor: str) -> str | None:
    """The Python that *executor* ran on, where that was another one than the run's own."""
    return info.environment or info.homes.get(executor)


def _set_up(row: Row) -> Key:
    return tuple(row[name] for name in SET_UP)


class Control(NamedTuple):
    """An empty-task sweep beside the work of a group, in two units.

    Attributes
    ----------
    ratios : Spread
        Seconds of an empty call over those of another: for the chunks *short* over its own
        baseline, for the others over T1 of the work in that round. Rounds without any are left out.
    short : ndarray of bool, shape (chunks,)
        Whose timed batch lasts about as long as that of its own baseline, rather than about T1.
    own, serial : Spread
        Seconds of that baseline, and T1: the ratio of their means (:func:`mean_ratio`) brings the
        short chunks to units of T1. Of the rounds that both have, where there are any.
    tasks : ndarray of float, shape (chunks,)
        Numbers of tasks.
    """

    ratios: Spread
    short: NDArray[np.bool_]
    own: Spread
    serial: Spread
    tasks: Floats


def beside_work(control: RoundColumns, ok: RoundColumns, *, same_run: bool) -> Control:
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
    control : RoundColumns
        Of :func:`control_of`, not empty.
    ok : RoundColumns
        Rounds with a result of the group whose T1 is the unit.
    same_run : bool
        Whether one run measured both.
    """
    empty, own = (
        spread(control, each) for each in (control.parallel_seconds, control.serial_seconds)
    )
    serial = spread(ok, ok.serial_seconds)
    by_round = row_medians(serial.values)
    usual = float(row_medians(by_round[None, :])[0])
    shared = np.isin(empty.rounds, serial.rounds)
    t1 = np.full(empty.rounds.size, usual)
    if same_run and shared.any():
        t1[~shared] = np.nan
        t1[shared] = by_round[np.searchsorted(serial.rounds, empty.rounds[shared])]
    timed, own_timed = (
        row_medians((seconds.values * np.nan_to_num(spread(control, calls).values, nan=1.0)).T)
        for seconds, calls in ((empty, control.calls), (own, control.serial_calls))
    )
    # False where there is no baseline
    short = np.abs(np.log(timed / own_timed)) < np.abs(np.log(timed / usual))
    ratios = np.where(short, empty.values / own.values, empty.values / t1[:, None])
    some = ~np.isnan(ratios).all(axis=1)
    kept = Spread(empty.rounds[some], empty.chunks, ratios[some])
    if same_run and shared.any():  # other rounds would bring the drift between them and these
        own, serial = _in_rounds(own, serial.rounds), _in_rounds(serial, own.rounds)
    return Control(kept, short, own, serial, _tasks(control, empty.chunks))


def _in_rounds(table: Spread, rounds: NDArray[np.int64]) -> Spread:
    kept = np.isin(table.rounds, rounds)
    return table._replace(rounds=table.rounds[kept], values=table.values[kept])


def _tasks(control: RoundColumns, chunks: NDArray[np.int64]) -> Floats:
    """The number of tasks with each of *chunks*, as the first round with one has it."""
    known = control[~np.isnan(control.n_tasks)]
    with_tasks, first = np.unique(known.chunk, return_index=True)
    tasks = np.full(chunks.size, np.nan)
    tasks[np.searchsorted(chunks, with_tasks)] = known.n_tasks[first]
    return tasks


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
