"""Lay out what reading costs: the commands before and after, and the curve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from statistics import median
from typing import Any, NamedTuple

from tabulate import tabulate

from harness.core import units
from selfbench.before_and_after import AFTER, AGAIN, BEFORE, Comparison
from selfbench.reading_curve import LABELS, Point

FIGURES = {
    "wall time": ("wall_seconds", units.seconds),
    "CPU time": ("cpu_seconds", units.seconds),
    "peak memory": ("peak_bytes", units.size),
}
COMPARED = ["command", "before", "after", "before / after", "again, unchanged"]
CURVE = [
    "pairs",
    "what",
    "read",
    "wall time",
    "CPU time",
    "a pair",
    "over orjson",
    "peak memory",
    "importing",
]


class ComparedRow(NamedTuple):
    """One figure of one command: medians, ``None`` where it was not run; *ratio* is before over
    after."""

    command: str
    figure: str
    before: float | None
    after: float | None
    again: float | None

    @property
    def ratio(self) -> float | None:
        """How many times less it is."""
        return self.before / self.after if self.before and self.after else None


def compared_rows(comparison: Comparison) -> list[ComparedRow]:
    """Take the median of each figure of each command."""
    rows = []
    for command, sides in comparison.runs.items():
        for figure, (attribute, _) in FIGURES.items():
            values = {
                side: median(getattr(run, attribute) for run in runs)
                for side, runs in sides.items()
            }
            rows.append(
                ComparedRow(
                    command, figure, values.get(BEFORE), values.get(AFTER), values.get(AGAIN)
                )
            )
    return rows


def over_orjson(point: Point, points: Sequence[Point]) -> float | None:
    """The wall time of *point* over that of ``orjson`` on as many pairs."""
    for other in points:
        if (other.what, other.pairs) == ("orjson", point.pairs):
            if point.wall_seconds is None or not other.wall_seconds:
                return None
            return point.wall_seconds / other.wall_seconds
    return None


def printed(comparison: Comparison, points: Sequence[Point], table_format: str) -> str:
    """Lay out both tables; one without rows is left out.

    Parameters
    ----------
    comparison : Comparison
    points : sequence of Point
    table_format : str
        As ``tabulate`` names it.
    """
    look: dict[str, Any] = {"tablefmt": table_format, "disable_numparse": True}
    compared = [
        (
            f"{row.command}: {row.figure}",
            *(FIGURES[row.figure][1](value) for value in (row.before, row.after)),
            units.ratio(row.ratio),
            FIGURES[row.figure][1](row.again),
        )
        for row in compared_rows(comparison)
    ]
    curve = [
        (
            units.count(point.pairs),
            LABELS[point.what],
            units.size(point.bytes_read),
            point.failure or units.seconds(point.wall_seconds),
            units.seconds(point.cpu_seconds),
            units.seconds(point.wall_seconds and point.wall_seconds / point.pairs),
            units.ratio(over_orjson(point, points)),
            units.size(point.peak_bytes),
            units.seconds(point.importing_seconds),
        )
        for point in points
    ]
    tables = [
        tabulate(compared, COMPARED, **look) if compared else "",
        tabulate(curve, CURVE, **look) if curve else "",
    ]
    return "\n\n".join(filter(None, tables))


def as_data(comparison: Comparison, points: Sequence[Point]) -> dict[str, Any]:
    """Collect every run and every point for JSON."""
    return {
        "commands": {
            command: {
                side: [
                    {name: value for name, value in asdict(run).items() if name != "output"}
                    for run in runs
                ]
                for side, runs in sides.items()
            }
            for command, sides in comparison.runs.items()
        },
        "curve": [asdict(point) | {"over_orjson": over_orjson(point, points)} for point in points],
    }
