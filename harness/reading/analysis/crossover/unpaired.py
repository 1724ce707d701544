"""METG and scaling of timings without pairs: points without intervals, and without a verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pandas as pd

from harness.core import units
from harness.reading.analysis.by_group import Row, records, to_table

_KEYS = ("machine", "run", "commit", "suite", "profile", "workload", "size", "executor")
_GROUP = (*_KEYS, "workers", "pin")
_TARGETS = (0.5, 0.8)
_SURE = "unpaired timings: no interval and no verdict"


def unpaired_metg(timings: pd.DataFrame) -> pd.DataFrame:
    """The smallest mean granularity that still reaches an efficiency, of timings without pairs.

    Efficiency times granularity is the work of a task. By work, between the last point that misses
    the target and the first that reaches it, work is linear in granularity where each task costs
    the same on top of its work: there lies the crossing. METG is the smaller of it and the finest
    point that reaches it; where no task with less work was timed, it is at most that.

    Parameters
    ----------
    timings : DataFrame
        Obeys ``schema.CASES``; rows with ``efficiency`` and ``granularity_seconds`` count.

    Returns
    -------
    DataFrame
        Obeys ``schema.METG``; no end of an interval but the bound of a censored one.
    """
    known = timings[timings["efficiency"].notna() & timings["granularity_seconds"].notna()]
    rows = [row for group in _groups(known, _GROUP) for row in _metg(group)]
    return to_table("metg", rows)


class _Point(NamedTuple):
    work: float
    granularity: float
    efficiency: float


def _groups(frame: pd.DataFrame, names: Sequence[str]) -> list[list[Row]]:
    groups: dict[tuple[object, ...], list[Row]] = {}
    for row in records(frame):
        groups.setdefault(tuple(row[name] for name in names), []).append(row)
    return list(groups.values())


def _metg(group: list[Row]) -> Iterator[Row]:
    pairs = [(row["granularity_seconds"], row["efficiency"]) for row in group]
    points = sorted(_Point(share * length, length, share) for length, share in pairs)
    base = {name: group[0][name] for name in _GROUP}
    for target in _TARGETS if len(points) > 1 else ():
        row = base | {"target": target}
        reaching = [point for point in points if point.efficiency >= target]
        if not reaching:
            yield row | {"censored": "never", "reason": f"no timing reaches it; {_SURE}"}
            continue
        finest = min(point.granularity for point in reaching)
        missing = [point for point in points if point.work < reaching[0].work]
        if missing:
            crossing = _crossing(missing[-1], reaching[0], target)
            bracket = (units.seconds(point.granularity) for point in (missing[-1], reaching[0]))
            reason = f"between the tasks of {' and '.join(bracket)}; {_SURE}"
            yield row | {"seconds": min(crossing, finest), "reason": reason}
        else:
            bound = {"seconds_high": finest, "censored": "below"}
            yield row | bound | {"reason": f"no task with less work was timed; {_SURE}"}


def _crossing(below: _Point, above: _Point, target: float) -> float:
    """The granularity at which the efficiency is *target*, between two points of which one misses
    it."""
    if above.granularity == below.granularity:
        return above.granularity
    slope = (above.work - below.work) / (above.granularity - below.granularity)
    return (below.work - slope * below.granularity) / (target - slope)


def unpaired_scaling(timings: pd.DataFrame) -> pd.DataFrame:
    """Speed-up, efficiency and serial fraction of timings without pairs, where there are several
    worker counts.

    Parameters
    ----------
    timings : DataFrame
        Obeys ``schema.CASES``.

    Returns
    -------
    DataFrame
        Obeys ``schema.SCALING``; points without ends.
    """
    known = timings[timings["speedup"].notna() & timings["workers"].notna()]
    rows: list[Row] = []
    for group in _groups(known, (*_KEYS, "pin")):
        if len({row["workers"] for row in group}) > 1:
            rows += [_scaled(row) for row in group]
    return to_table("scaling", rows)


def _scaled(row: Row) -> Row:
    workers, speedup = row["workers"], row["speedup"]
    fraction = (1 / speedup - 1 / workers) / (1 - 1 / workers) if workers > 1 else None
    return {
        **row,
        "efficiency": speedup / workers,
        "serial_fraction": fraction,
        "reason": _SURE,
    }
