"""Forecast what the fitted costs of a central scheduler would mean for more workers.

These are forecasts, never verdicts: outside the grid nothing is claimed (rule 28). Figures that
were published for many workers stand beside them, so that it shows where they fail.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from harness.core.central_schedulers import DASK_DISTRIBUTED
from harness.core.records import RunInfo
from harness.reading.analysis.beyond.central import (
    TARGET,
    Costs,
    break_even_seconds,
    metg_seconds,
    saturation_seconds,
    saturation_workers,
)
from harness.reading.analysis.beyond.scaling_out import central_scheduler
from harness.reading.analysis.by_group import Row, records, to_table
from harness.reading.analysis.estimate_columns import ENDS
from harness.reading.analysis.keys import OF_GROUP
from harness.reading.ingest.published import PublishedMetg

WORKERS = (8, 32, 64, 128, 256, 512, 1_000, 10_000, 100_000)
HERE = "this machine"


class Range(NamedTuple):
    """The range in which a fit leaves the costs.

    Attributes
    ----------
    low, high : Costs
        The least and the greatest that each cost can be; the least is 0 where an upper end alone
        is known.
    point : Costs or None
        The fitted costs; ``None`` where one of them has no point.
    """

    low: Costs
    high: Costs
    point: Costs | None


def forecast(
    model: pd.DataFrame,
    published: PublishedMetg,
    runs: Mapping[str, RunInfo] = MappingProxyType({}),
    at: Sequence[int] = WORKERS,
) -> pd.DataFrame:
    """Forecast for *at* workers from every fit of a scheduler that is not bound to one machine.

    It is assumed that costs stay what they are, that every worker gives what it gave here
    (``S/P``), and that the number of tasks is large beside the workers. An interval has the ends
    that the fit's intervals give when all costs are at their ends at once; where an upper end of a
    cost alone is known, 0 is its lower one, and there is no point unless that cost does not matter.

    The published METG is held against two more forecasts: calibrated on its first point, as if
    the scheduler alone bound it there; and on its first and last, the first for the workers' cost
    ``o`` and the last for the scheduler's, ``s``.

    Parameters
    ----------
    model : DataFrame
        Obeys ``schema.MODEL``.
    published : PublishedMetg
        METG of Dask's distributed scheduler.
    runs : mapping of str to RunInfo
        Run lines, which name the central scheduler of each executor.
    at : sequence of int
        Numbers of workers.

    Returns
    -------
    DataFrame
        Obeys ``schema.FORECAST``: a row a fit and number of workers, then, if there is any, those
        calibrated on what was published.
    """
    rows: list[Row] = []
    for fit in records(model):
        scheduler = central_scheduler(fit["executor"], runs.get(fit["run"]))
        if scheduler is not None and fit["workers"] >= 2:
            rows += _of_fit(fit, published if scheduler == DASK_DISTRIBUTED else None, at)
    if rows:
        rows += _of_published(published)
    return to_table("forecast", rows)


def _of_fit(fit: Row, peers: PublishedMetg | None, at: Sequence[int]) -> list[Row]:
    """Forecast from one *fit*; the published figures of *peers* stand beside it."""
    known = _costs_of(fit)
    if known is None:
        return []
    workers = fit["workers"]
    share, work = fit["ceiling"] / workers, fit["baseline_seconds"]
    same: Row = {name: fit[name] for name in OF_GROUP}
    same |= {"calibration": HERE, "reason": _doubts(fit)}
    same |= _fed_workers("saturation_workers", known, lambda c: saturation_workers(c, share))
    beside = peers.by_workers if peers is not None else {}
    rows = []
    for count in at:
        row = same | {"at_workers": count}
        row |= _ends("metg_seconds", known, lambda c, P=count: metg_seconds(c, P, share))
        row |= _ends(
            "break_even_seconds",
            known,
            lambda c, P=count: break_even_seconds(c, P, share, work),
        )
        row |= _saturation(known, count, share)
        rows.append(row | _beside_published(row, beside.get(count), known=False))
    return rows


def _costs_of(fit: Row) -> Range | None:
    """The costs that *fit* leaves possible; ``None`` where the scheduler's have no upper end."""
    low, high, point = [], [], []
    for name, unit in (
        ("fixed_seconds", 1.0),
        ("serial_us_per_task", 1e-6),
        ("parallel_us_per_task", 1e-6),
    ):
        ends = [fit[f"{name}{end}"] for end in ENDS]
        likeliest, least, most = (None if end is None else end * unit for end in ends)
        if most is None:
            return None
        # An interval may reach below 0, a task that saves time is not possible.
        low.append(least or 0.0 if name == "fixed_seconds" else max(least or 0.0, 0.0))
        high.append(most)
        point.append(likeliest)
    if fit["ceiling"] is None or fit["baseline_seconds"] is None:
        return None
    known = [cost for cost in point if cost is not None]
    # Without a point every cost is tried at both of its ends: what is the same then is sure.
    return Range(Costs(*low), Costs(*high), Costs(*known) if len(known) == len(point) else None)


def _ends(name: str, known: Range, value: Any) -> Row:
    """The columns of a forecast that grows with every cost."""
    low, high = value(known.low), value(known.high)
    point = value(known.point) if known.point is not None else low if low == high else None
    return _row(name, point, low, high)


def _fed_workers(name: str, known: Range, value: Any) -> Row:
    """The columns of the workers that can be fed: the more, the less the scheduler costs (``s``)
    and the more the workers do (``o``)."""
    low = value(Costs(0.0, known.high.serial, known.low.parallel))
    high = value(Costs(0.0, known.low.serial, known.high.parallel))
    return _row(name, None if known.point is None else value(known.point), low, high)


def _saturation(known: Range, workers: int, share: float) -> Row:
    low = saturation_seconds(Costs(0.0, known.low.serial, known.high.parallel), workers, share)
    high = saturation_seconds(Costs(0.0, known.high.serial, known.low.parallel), workers, share)
    point = None if known.point is None else saturation_seconds(known.point, workers, share)
    return _row("saturation_seconds", point, low, high)


def _row(name: str, point: float | None, low: float, high: float) -> Row:
    ends = {name: point, f"{name}_low": low, f"{name}_high": high}
    return {key: None if end is None or np.isinf(end) else end for key, end in ends.items()}


def _beside_published(row: Row, seconds: float | None, *, known: bool) -> Row:
    """The published figure beside the forecast in *row*."""
    if seconds is None:
        return {}
    name = "published_over_forecast"
    point, low, high = (row.get(f"metg_seconds{end}") for end in ENDS)
    ratios = {name: point, f"{name}_low": high, f"{name}_high": low}
    compared = {key: seconds / value if value else None for key, value in ratios.items()}
    return compared | {"published_seconds": seconds, "calibrated_on": known}


def _of_published(published: PublishedMetg) -> list[Row]:
    by_workers = published.by_workers
    first, last = min(by_workers), max(by_workers)
    ends = published.points[0].nodes, published.points[-1].nodes
    alone = Costs(0.0, by_workers[first] / first, 0.0)
    both = Costs(0.0, by_workers[last] / last, by_workers[first] * (1 - TARGET))
    calibrations: Mapping[str, tuple[Costs, tuple[int, ...]]] = {
        f"published, {ends[0]} node": (alone, (first,)),
        f"published, {ends[0]} and {ends[1]} nodes": (both, (first, last)),
    }
    rows = []
    for name, (costs, used) in calibrations.items():
        for count, seconds in by_workers.items():
            row: Row = {
                "machine": "published",
                "run": published.source.document,
                "workload": published.dependencies,
                "executor": published.system,
                "calibration": name,
                "at_workers": count,
                "metg_seconds": metg_seconds(costs, count, 1.0),
                "saturation_seconds": saturation_seconds(costs, count, 1.0),
                "saturation_workers": saturation_workers(costs, 1.0),
            }
            rows.append(row | _beside_published(row, seconds, known=count in used))
    return rows


def _doubts(fit: Row) -> str | None:
    doubts = []
    if fit["not_identifiable"] is not None:
        doubts.append(f"no more than an upper end is known of {fit['not_identifiable']}")
    if not fit["accepted"]:
        doubts.append(f"the fit was not accepted ({fit['reason']})")
    return "; ".join(doubts) or None
