"""The grid of the first page: what stands in each cell, its colour, its tool tip and its link."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from harness.core import units
from harness.core.work_families import family_of
from harness.reading.report.glance.at_a_glance import Glance, GlanceCell, GlanceLine
from harness.reading.report.glance.plain_numbers import speed, speed_in_short
from harness.reading.report.glance.task_costs import task_cost, task_cost_in_full
from harness.reading.report.shown.cells import AGAINST_SERIAL


@dataclass(frozen=True)
class LinkedCell:
    """One cell; ``kind`` is the verdict that gives sign and colour."""

    executor: str
    words: str
    fast: str
    tip: str
    kind: str
    page: str


@dataclass(frozen=True)
class LinkedLine:
    """One workload with its page: a cell for each column, ``None`` where nothing was measured."""

    name: str
    page: str
    cells: list[LinkedCell | None]


def linked_lines(glance: Glance, pages: Mapping[str, str]) -> Iterator[LinkedLine]:
    """Give each line of *glance* its cells, in the order of its executors.

    Parameters
    ----------
    glance : Glance
    pages : mapping of str to str
        Workload to its page.
    """
    for line in glance.lines:
        page = _page(line, pages)
        cells = (line.cells.get(executor) for executor in glance.executors)
        yield LinkedLine(
            line.family,
            page,
            [None if cell is None else _linked(cell, page, pages) for cell in cells],
        )


def cost_cells(glance: Glance) -> list[tuple[str, str, str] | None]:
    """What an empty task costs on each executor: its name, the cost, and the same in full."""
    found = (glance.task_costs.get(executor) for executor in glance.executors)
    return [
        None if row is None else (str(row["executor"]), task_cost(row), task_cost_in_full(row))
        for row in found
    ]


def _page(line: GlanceLine, pages: Mapping[str, str]) -> str:
    """The page of the workload itself, or of the first that adds work to it."""
    members = [name for name in pages if family_of(name)[0] == line.family]
    return pages.get(line.family) or pages.get(min(members, default=""), "workloads.html")


def _linked(cell: GlanceCell, page: str, pages: Mapping[str, str]) -> LinkedCell:
    best = cell.best
    fast = speed_in_short(float(best["speedup"])) if best and cell.pays else ""
    own = pages.get(str(best["workload"]), page) if best else page
    return LinkedCell(cell.executor, cell.words, fast, _tip(cell), cell.kind, own)


def _tip(cell: GlanceCell) -> str:
    parts = [cell.detail]
    if best := cell.best:
        shown = speed(best["speedup"], best["speedup_low"], best["speedup_high"])
        parts.append(
            f"best: {shown}, {best['workload']} in chunks of {units.count(best['chunk'])}, "
            f"{best['workers']} workers, pin {best['pin']}"
        )
    if cell.kind == AGAINST_SERIAL:
        parts.append("against the serial way; not shown against NumPy on all cores")
    parts += [note for note in (cell.above_workers if cell.pays else None, *cell.others) if note]
    return "; ".join(parts)
