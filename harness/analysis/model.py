"""The overhead model of every group, with what it can tell and what it cannot: rule 24."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from harness import schema
from harness.analysis.costs import ceiling
from harness.analysis.crossing import draw_rounds
from harness.analysis.empty import beside_work, control_of, empty_rounds, mean_ratio
from harness.analysis.estimates import Floats, expanded_tail, median_interval
from harness.analysis.fit import Sweep, fit, on_serial_branch, predicted, sweep
from harness.analysis.grid import grid, is_swept, measured, scheduled
from harness.analysis.rounds import GROUP, PROVENANCE, run_info, with_result
from harness.records import RunInfo

DRAWS = 200
LEAST_POINTS = 4
"""One more than there are costs to fit."""
LEAST_ON_BRANCH = 2
STRUCTURE = 0.1
NAMES = ("fixed_seconds", "serial_us_per_task", "parallel_us_per_task")

Row = dict[str, Any]


class _Measured(NamedTuple):
    # log(T1/T) of all points, (rounds, points), those of the control last, where short over their
    # own baseline; the seconds of that baseline and T1, (rounds, any); the control's numbers of
    # tasks.
    logs: Floats
    short: NDArray[np.bool_]
    own: Floats
    serial: Floats
    empty: Floats


class _Draws(NamedTuple):
    # As measured, and resampled: costs (draws, 3), and their greatest possible values (draws, 2).
    costs: Floats
    resampled: Floats
    most: Floats


def model(
    cases: pd.DataFrame,
    pairs: pd.DataFrame,
    blocks: pd.DataFrame,
    runs: Mapping[str, RunInfo],
    seed: int = 0,
    draws: int = DRAWS,
) -> pd.DataFrame:
    """Fit ``T(K,P) = c0 + max(K*s, K*o/P + W/S(P)) + I`` to every group of every run.

    ``c0`` is a fixed cost, ``s`` the serial and ``o`` the parallel cost of a task, ``W = T1``,
    ``S(P)`` the ceiling as measured, and ``I = (ceil(n/P) - n/P) * W/n`` the imbalance of the last
    wave of ``n`` chunks. What is fitted is ``TP/T1``, one median a chunk, by
    :func:`harness.analysis.fit.fit`; an empty-task sweep of the same set-up, in the same run or of
    the same machine and commit, takes part with the little ``W`` of its own and so holds ``c0`` and
    ``max(s, o/P)``; how it is brought to units of T1 says
    :func:`harness.analysis.empty.beside_work`. Intervals are quantiles of a bootstrap over rounds,
    :func:`harness.analysis.estimates.expanded_tail` from either end.

    ``s`` is given only where at least two chunks of the sweep lie on its branch and its interval
    lies above 0; likewise ``o``. Else its column ``_high`` alone holds what it can be at most: it
    must bind nowhere by more than what was measured.

    A fit is not accepted where a residual is above 10 % and the exact interval of that point
    excludes the fit: then it is not noise. No fit ever overrides a measured bracket.

    Parameters
    ----------
    cases : DataFrame
        Obeys ``schema.CASES``.
    pairs : DataFrame
        Obeys ``schema.PAIRS``; the rounds behind *cases*.
    blocks : DataFrame
        Obeys ``schema.BLOCKS``; the ceilings.
    runs : mapping of str to RunInfo
        Run lines: level and looks.
    seed : int
        Seed of the bootstrap.
    draws : int
        Bootstrap samples.

    Returns
    -------
    DataFrame
        Obeys ``schema.MODEL``: one row for each group that has chunks to choose from and a
        scheduler to model.

    Raises
    ------
    InputError
        Where a run line is missing, its looks are not known, or a pair marked ok has no time.
    """
    rows: list[Row] = []
    swept = scheduled(cases)
    if not swept.empty:
        ok = dict(iter(with_result(pairs).groupby(GROUP, sort=False)))
        starts = dict(iter(blocks.groupby(GROUP, sort=False)))
        empty = empty_rounds(pairs)
        for key, group in swept.groupby(GROUP, sort=False):
            found = ok.get(key)
            if found is not None and is_swept(measured(group)):
                info = run_info(runs, str(group["run"].iloc[0]))
                mine = starts.get(key, blocks.iloc[:0])
                control = control_of(empty, group, info)
                rows.append(_row(group, found, mine, control, info, seed, draws))
    frame = pd.DataFrame(rows, columns=schema.names("model"))
    return frame.astype(schema.dtypes("model"))


def _row(
    group: pd.DataFrame,
    ok: pd.DataFrame,
    blocks: pd.DataFrame,
    control: pd.DataFrame,
    info: RunInfo,
    seed: int,
    draws: int,
) -> Row:
    row: Row = {name: group[name].iloc[0] for name in dict.fromkeys((*PROVENANCE, *GROUP))}
    points = grid(group, ok, info)
    executor, workers = str(row["executor"]), int(row["workers"])
    S = ceiling(blocks, executor, workers)
    spread = median_interval(blocks["ceiling"].dropna()) if workers > 1 else None
    row |= {
        "ceiling": S,
        "ceiling_low": S if spread is None else spread.low,
        "ceiling_high": S if spread is None else spread.high,
        "anchored": not control.empty,
        "accepted": False,
    }
    if np.isnan(S):
        return row | {"reason": "the ceiling was not measured"}
    if len(points.chunks) < LEAST_POINTS:
        return row | {"reason": f"{len(points.chunks)} chunks have rounds enough, 4 are needed"}
    data = _measured(points.d, control, ok)
    every = np.arange(len(data.logs))[None, :]
    loop = float(_loop(data, every, np.zeros(1))[0]) if data.short.any() else 0.0
    shape = sweep(points.n, points.tasks, data.empty, S, workers, loop)
    found = _bootstrap(data, shape, seed, draws)
    t1 = float(np.median(ok[ok["chunk"].isin(points.chunks)]["serial_seconds"].dropna()))
    row |= {"baseline_seconds": t1} | _costs(found, shape, t1, len(points.d), len(points.chunks))
    return row | _judged(data.logs, shape, found.costs, points.chunks, info)


def _measured(d: pd.DataFrame, control: pd.DataFrame, ok: pd.DataFrame) -> _Measured:
    work = d.to_numpy(np.float64)
    if control.empty:
        none = np.zeros(d.shape[1], dtype=bool)
        return _Measured(work, none, np.empty((len(d), 0)), np.empty((len(d), 0)), np.empty(0))
    found = beside_work(control, ok)
    logs, own = found.ratios.map(lambda ratio: -np.log(ratio)), found.own
    if set(control["run"]) != set(ok["run"]):
        logs.index, own.index = -1 - logs.index, -1 - own.index  # none of these rounds
    both = pd.concat([d, logs.add_prefix("empty ")], axis=1)
    short = np.concatenate((np.zeros(d.shape[1], dtype=bool), found.short))
    return _Measured(
        both.to_numpy(np.float64),
        short,
        own.reindex(both.index).to_numpy(np.float64),
        found.serial.reindex(both.index).to_numpy(np.float64),
        found.tasks,
    )


def _bootstrap(data: _Measured, shape: Sweep, seed: int, draws: int) -> _Draws:
    has = ~np.isnan(data.logs)
    every = np.arange(len(data.logs))[None, :]
    costs = fit(_over_t1(data, every, np.zeros(1)), shape)[0]
    rng = np.random.default_rng(seed)
    rows = draw_rounds(has, draws, rng)
    resampled = fit(_over_t1(data, rows, rng.uniform(-1, 1, draws)), shape, costs)
    return _Draws(costs, resampled, _most(resampled, shape))


def _over_t1(data: _Measured, rows: NDArray[np.int64], order: Floats) -> Floats:
    """``T/T1`` of all points, shape (draws, points), from the rounds *rows*, (draws, rounds), with
    means of an *order*, (draws,)."""
    y = np.empty((len(rows), data.logs.shape[1]))
    for i, values in enumerate(data.logs.T):
        y[:, i] = np.exp(-np.median(values[rows[:, ~np.isnan(values)]], axis=1))
    if data.short.any():
        y[:, data.short] *= _loop(data, rows, order)[:, None]
    return y


def _loop(data: _Measured, rows: NDArray[np.int64], order: Floats) -> Floats:
    """The control's own ``W`` in units of T1, (draws,)."""
    own, serial = (each[rows].reshape(len(rows), -1) for each in (data.own, data.serial))
    return mean_ratio(own, serial, order)


def _most(costs: Floats, shape: Sweep) -> Floats:
    """The greatest ``s`` and ``o`` that would bind nowhere beyond the fitted times."""
    binding = predicted(costs, shape) - costs[..., :1] - shape.waves
    s = binding / shape.tasks
    o = (binding - shape.work) * shape.workers / shape.tasks
    return np.stack([s.min(axis=-1), o.min(axis=-1)], axis=-1)


def _costs(found: _Draws, shape: Sweep, t1: float, rounds: int, chunks: int) -> Row:
    serial = on_serial_branch(found.costs, shape)[:chunks]
    seen = (LEAST_ON_BRANCH, serial.sum(), (~serial).sum())
    row: Row = {}
    hidden = []
    tail = expanded_tail(rounds)
    for i, (name, unit) in enumerate(zip(NAMES, (t1, t1 * 1e6, t1 * 1e6))):
        low, high = np.quantile(found.resampled[:, i], (tail, 1 - tail), method="weibull")
        if i == 0 or (seen[i] >= LEAST_ON_BRANCH and low > 0):
            point = found.costs[i]
            row |= {name: point * unit, f"{name}_low": min(low, point) * unit}
            row[f"{name}_high"] = max(high, point) * unit
        else:
            hidden.append(name)
            most = float(np.quantile(found.most[:, i - 1], 1 - tail, method="weibull"))
            # A bound below 0 says that the model does not hold, which the residuals say better.
            row[f"{name}_high"] = most * unit if most > 0 else None
    row["not_identifiable"] = ", ".join(hidden) or None
    return row


def _judged(
    logs: Floats, shape: Sweep, costs: Floats, chunks: list[int], info: RunInfo
) -> dict[str, Any]:
    model_log = -np.log(np.maximum(predicted(costs, shape), np.finfo(float).tiny))
    off, structure = [], []
    for i, chunk in enumerate(chunks):
        values = logs[:, i]
        # Rounds are those of log_ratios, already cut at a look: the level is that of the looks.
        ends = median_interval(values[~np.isnan(values)], info.level, info.looks)
        residual = float(np.exp(np.nanmedian(values) - model_log[i]) - 1)
        off.append(abs(residual))
        outside = ends.low is not None and not ends.low <= model_log[i] <= (
            np.inf if ends.high is None else ends.high
        )
        if abs(residual) > STRUCTURE and outside:
            structure.append(f"{residual:+.0%} at chunk {chunk}")
    texts = f"the model misses what was measured: {', '.join(structure)}" if structure else None
    return {"residual": max(off), "accepted": not structure, "reason": texts}
