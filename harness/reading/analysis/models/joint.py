"""Fit the costs of groups that differ in the number of workers alone, together or one by one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from harness.core.records import RunInfo
from harness.core.units import plural
from harness.reading.analysis.by_group import Row
from harness.reading.analysis.estimate_columns import ENDS
from harness.reading.analysis.models.fit import fit
from harness.reading.analysis.models.free_ceiling import asked_ceiling, with_free_ceiling
from harness.reading.analysis.models.points import Points, over_t1, resampled
from harness.reading.analysis.models.predictors import (
    Predictors,
    on_serial_branch,
    predicted,
    together,
)
from harness.reading.analysis.verdict.estimates import Floats, expanded_tail, median_interval

LEAST_POINTS = 4
"""One more than there are costs to fit."""
LEAST_ON_BRANCH = 2
STRUCTURE = 0.1
NAMES = {"fixed_seconds": 1.0, "serial_us_per_task": 1e6, "parallel_us_per_task": 1e6}
"""Column of each cost, and how many of its units make a second."""

STRETCH = float(special.ndtri(1 - 0.05 / (2 * len(NAMES))) / special.ndtri(1 - 0.05 / 2))
"""How much longer an interval of 95 % becomes when 95 % have to hold for three costs together."""


class GroupToFit(NamedTuple):
    """One group, and what its costs are to be fitted to.

    Attributes
    ----------
    row : dict
        The columns that are known without a fit.
    points : Points or None
        What is fitted; ``None`` where nothing can be.
    info : RunInfo
    joins : bool
        Whether other numbers of workers may be fitted with it.
    """

    row: Row
    points: Points | None
    info: RunInfo
    joins: bool


class _Part(NamedTuple):
    workers: int
    points: Points
    info: RunInfo
    anchored: bool


def fitted(groups: Sequence[GroupToFit], seed: int, draws: int) -> list[Row]:
    """Fit the costs of each group alone, and of all together where one fit serves them.

    Parameters
    ----------
    groups : sequence of GroupToFit
        They differ in the number of workers alone.
    seed, draws : int
        Of the bootstrap.

    Returns
    -------
    list of dict
        One row of ``schema.MODEL`` a group, and in it ``residuals``, a list of rows of
        ``schema.RESIDUALS``, where the group was fitted.
    """
    parts = {
        i: _Part(int(group.row["workers"]), group.points, group.info, group.row["anchored"])
        for i, group in enumerate(groups)
        if group.points is not None
    }
    joining = sorted((i for i in parts if groups[i].joins), key=lambda i: parts[i].workers)
    own = [
        group.row | (_fit([parts[i]], seed, draws) if i in parts else {})
        for i, group in enumerate(groups)
    ]
    if len(joining) < 2 or max(len(parts[i].points.chunks) for i in joining) < LEAST_POINTS:
        return own
    differ = _differ([own[i] for i in joining if own[i]["accepted"]])
    joint = {} if differ else _fit([parts[i] for i in joining], seed, draws)
    for i in joining:
        if joint.get("accepted"):
            own[i] = groups[i].row | joint
        else:
            reasons = (
                own[i].get("reason"),
                differ or f"fitted alone, since with all worker counts {joint['reason']}",
            )
            own[i]["reason"] = "; ".join(filter(None, reasons))
    return own


def _fit(parts: Sequence[_Part], seed: int, draws: int) -> Row:
    """Fit one set of costs to the points of all *parts*."""
    n = sum(len(part.points.chunks) for part in parts)
    if n < LEAST_POINTS:
        return {"reason": f"{n} chunks have rounds enough, {LEAST_POINTS} are needed"}
    data = [part.points for part in parts]
    shape = together([each.shape for each in data])
    y = np.concatenate([over_t1(each) for each in data], axis=1)
    costs = fit(y, shape)[0]
    drawn = resampled(data, draws, np.random.default_rng(seed))
    samples = fit(drawn.y, drawn.shape, costs)
    t1 = float(np.median(np.concatenate([each.t1 for each in data])))
    left = [row for part in parts for row in _residuals(part, costs)]
    serial = on_serial_branch(costs, shape)[~shape.control]
    most = _most(samples, drawn.shape)
    tail = expanded_tail(min(each.fewest_rounds for each in data))
    judged = _judged(left, several=len(parts) > 1)
    every, limits = samples[None], most[None]
    if judged["accepted"] and shape.control.any():
        free = with_free_ceiling(samples, drawn.y, drawn.shape)
        asked = asked_ceiling(free.factors, tail)
        judged |= {} if asked is None else {"accepted": False, "reason": asked}
        every = np.stack((samples, free.costs))
        beside = drawn.shape._replace(work=drawn.shape.work * free.factors[:, None])
        limits = np.stack((most, _most(free.costs, beside)))
    return {
        "baseline_seconds": t1,
        "anchored": any(part.anchored for part in parts),
        "fitted_workers": ", ".join(str(part.workers) for part in parts),
        **_costs(costs, every, limits, serial, t1, tail),
        **judged,
        "residuals": left,
    }


def _costs(
    costs: Floats,
    draws: Floats,
    most: Floats,
    serial: NDArray[np.bool_],
    t1: float,
    tail: float,
) -> Row:
    """The columns of the costs, from those measured, (3,), and those resampled, (ways, draws, 3).

    *most* is what a cost can be at most in each sample, (ways, draws, 2), and *serial* says at
    which chunks the serial one binds. The first way says what is identified, and intervals cover
    those of all: a lower end below 0 says that the cost rests on the ceiling as measured.
    """
    seen = (LEAST_ON_BRANCH, serial.sum(), (~serial).sum())
    row: Row = {}
    hidden = []
    for i, (name, per_second) in enumerate(NAMES.items()):
        unit = t1 * per_second
        ends = np.quantile(draws[..., i], (tail, 1 - tail), axis=-1, method="weibull")
        low, high = ends[0].min(), ends[1].max()
        if i == 0 or (seen[i] >= LEAST_ON_BRANCH and ends[0, 0] > 0):
            point = costs[i]
            row |= {name: point * unit, f"{name}_low": min(low, point) * unit}
            row[f"{name}_high"] = max(high, point) * unit
        else:
            hidden.append(name)
            of_ways = np.quantile(most[..., i - 1], 1 - tail, axis=-1, method="weibull")
            end = float(of_ways.max())
            # A bound below 0 says that the model does not hold, which the residuals say better.
            row[f"{name}_high"] = end * unit if end > 0 else None
    row["not_identifiable"] = ", ".join(hidden) or None
    return row


def _most(costs: Floats, shape: Predictors) -> Floats:
    """The greatest ``s`` and ``o`` with which no point takes longer than fitted, (draws, 2)."""
    binding = predicted(costs, shape) - costs[..., :1] - shape.waves
    s = binding / shape.tasks
    o = (binding - shape.work) * shape.workers / shape.tasks
    return np.stack([s.min(axis=-1), o.min(axis=-1)], axis=-1)


def _residuals(part: _Part, costs: Floats) -> list[Row]:
    """Make a row of each chunk of the sweep: by how much the model is above the measured time."""
    shape = part.points.shape
    model_log = -np.log(np.maximum(predicted(costs, shape), np.finfo(float).tiny))
    serial = on_serial_branch(costs, shape)
    rows = []
    for i, chunk in enumerate(part.points.chunks):
        values = part.points.logs[:, i]
        # Rounds are those of log_ratios, already cut at a look: the level is that of the looks.
        ends = median_interval(values[~np.isnan(values)], part.info.level, part.info.looks)
        row: Row = {"workers": part.workers, "chunk": chunk, "serial_binds": bool(serial[i])}
        for side, value in (("", ends.point), ("_low", ends.low), ("_high", ends.high)):
            row[f"residual{side}"] = None if value is None else math.expm1(value - model_log[i])
        rows.append(row)
    return rows


def _judged(rows: Sequence[Row], *, several: bool) -> Row:
    structure = []
    for row in rows:
        off, low, high = (row[f"residual{side}"] for side in ENDS)
        outside = low is not None and not low <= 0 <= (math.inf if high is None else high)
        if abs(off) > STRUCTURE and outside:
            at = f" with {plural(int(row['workers']), 'worker')}" if several else ""
            structure.append(f"{off:+.0%} at chunk {row['chunk']}{at}")
    texts = f"the model misses what was measured: {', '.join(structure)}" if structure else None
    return {
        "residual": max(abs(row["residual"]) for row in rows),
        "accepted": not structure,
        "reason": texts,
    }


def _differ(rows: Sequence[Row]) -> str | None:
    """Name the costs whose intervals, in units of T1, exclude each other; ``None``: no cost."""
    differences = []
    for name in NAMES:
        ends = [
            [_end(row, name, end, bound) for row in rows]
            for end, bound in (("low", -np.inf), ("high", np.inf))
        ]
        if rows and max(ends[0]) > min(ends[1]):
            each = (f"{_shown(row, name)} with {row['workers']}" for row in rows)
            differences.append(f"{name} {', '.join(each)}")
    if not differences:
        return None
    listed = "; ".join(differences)
    return f"the costs differ between worker counts, so each is fitted alone: {listed}"


def _end(row: Row, name: str, end: str, bound: float) -> float:
    value, point = row.get(f"{name}_{end}"), row.get(name)
    if value is None:
        return bound
    stretched = value if point is None else point + STRETCH * (value - point)
    return float(stretched / row["baseline_seconds"])


def _shown(row: Row, name: str) -> str:
    point = row.get(name)
    return f"<= {row[f'{name}_high']:.3g}" if point is None else f"{point:.3g}"
