"""Gain and overhead of one case, written out."""

from __future__ import annotations

from typing import Any

import numpy as np

from harness.reading.analysis.verdict.costs import costs
from harness.reading.analysis.verdict.estimates import median_interval

ENDS = ("", "_low", "_high")


def costs_of_case(row, seconds, rounds, d, info):
    """The columns, with the spread of the rounds and that of the ceiling."""
    t1, tp, n_tasks = rounds
    known = [float(row.get(f"ceiling{end}", np.nan)) for end in ENDS]
    out: dict[str, Any] = {}
    for name in ("gain_seconds", "overhead_over_gain", "overhead_seconds", "overhead_us_per_task"):
        hardly = name in ("overhead_seconds", "overhead_us_per_task") and hardly_matters(
            row, seconds
        )
        P = row["workers"]
        S = [2 * P / (P + 1), 1.0, float(P)] if hardly else known
        each = costs(t1, tp, S[0], n_tasks)[name]
        if not len(each):
            found = [None] * 3
        elif d.interval == "moderated t":
            point, *moved = (few_costs(seconds, d, end, n_tasks)[name] for end in S)
            found = with_the_ceilings(point, [end[0] for end in moved])
        else:
            one = median_interval(each, info.level, info.looks)
            moved = [np.median(costs_at(t1, tp, end, n_tasks)[name]) for end in S[1:]]
            found = with_the_ceilings(np.array([one.point, one.low, one.high], dtype=float), moved)
        if name == "overhead_over_gain" and S[1] <= 1:
            found = [found[0], None, None]
        out |= {f"{name}{end}": value for end, value in zip(ENDS, found, strict=True)}
    return out


def hardly_matters(row, seconds):
    """Whether a ceiling that was refused would move the overhead by 5 % at most, from 1 to P."""
    t1, tp, P = seconds["baseline_seconds"], seconds["seconds"], row["workers"]
    return bool(row.get("ceiling_unknown")) and P > 1 and t1 * (1 - 1 / P) <= 0.05 * (tp - t1)


def few_costs(out, d, S, n_tasks):
    """Gain and overhead out of the intervals of T1 and d, written out."""
    t1, low, high = (out[f"baseline_seconds{end}"] for end in ("", "_low", "_high"))
    share, over = 1 - 1 / S, np.exp(-np.array([d.point, d.high, d.low])) - 1 / S
    point = t1 * over[0]
    moved = [low * over[0] - point, high * over[0] - point]
    down = np.hypot(min(moved), t1 * (over[0] - over[1]))
    up = np.hypot(max(moved), t1 * (over[2] - over[0]))
    overhead = np.array([point, point - down, point + up])
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            "gain_seconds": [t1 * share, *sorted((low * share, high * share))],
            "overhead_seconds": overhead,
            "overhead_over_gain": over / share,
            "overhead_us_per_task": overhead / n_tasks * 1e6,
        }


def costs_at(t1, tp, S, n_tasks):
    gain, overhead = t1 - t1 / S, tp - t1 / S
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            "gain_seconds": gain,
            "overhead_seconds": overhead,
            "overhead_over_gain": np.where(gain == 0, np.nan, overhead / gain),
            "overhead_us_per_task": overhead / n_tasks * 1e6,
        }


def with_the_ceilings(of_rounds, moved):
    """Point, low and high, widened by where the ends of the ceiling move the point."""
    point, low, high = of_rounds
    moved = [value for value in (*moved, point) if not np.isnan(value)] or [np.nan]
    below, above = point - min(moved), max(moved) - point
    return [point, point - np.hypot(point - low, below), point + np.hypot(high - point, above)]
