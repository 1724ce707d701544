"""The answer of a machine in one sentence."""

from __future__ import annotations

from collections.abc import Sequence

from harness.core.units import plural
from harness.reading.report.glance.at_a_glance import PAYS, Glance, GlanceCell, GlanceLine
from harness.reading.report.glance.plain_numbers import speed_in_short

NAMED = 3
"""At most as many workloads are named; the others are counted."""


def machine_sentence(glance: Glance) -> str:
    """Say for how many workloads going parallel pays on a machine, and for which most.

    "Pays" is against the serial way and NumPy on all cores; where only the first is shown, it says
    so (rule 1).
    """
    if not glance.lines:
        return (
            "Nothing was measured here with several workers and more than one chunk size, so there "
            "is no break-even to show."
        )
    of = plural(len(glance.lines), "workload")
    best = [(line, line.best) for line in glance.lines]
    paying = [(line, cell) for line, cell in best if cell]
    both = _fastest_first([each for each in paying if each[1].kind == PAYS])
    serial = _fastest_first([each for each in paying if each[1].kind != PAYS])
    if not paying:
        return f"Going parallel is not shown to pay here for any of {of}{_nearest(glance)}."
    if not both:
        return (
            f"Going parallel is shown to pay here for {len(serial)} of {of}, against the serial "
            f"way alone and not against NumPy on all cores: {_named(serial)}."
        )
    also = f"; against the serial way alone for {len(serial)} more" if serial else ""
    rest = "" if len(paying) == len(best) else "; for the others that is not shown"
    return f"Going parallel pays here for {len(both)} of {of}: {_named(both)}{also}{rest}."


def best_other(glance: Glance, executor: str | None, family: str = "random-sum") -> str:
    """Name the executor beside *executor* on which *family* pays most; empty where none is shown.

    What holds of one executor is not to be read as holding of all.
    """
    lines = [line for line in glance.lines if line.family == family]
    cells = [
        cell
        for line in lines
        for cell in line.cells.values()
        if cell.executor != executor and cell.pays and cell.best
    ]
    if executor is None or not cells:
        return ""
    best = max(cells, key=lambda cell: float(_best(cell)["speedup_low"]))
    fast = speed_in_short(float(_best(best)["speedup"]))
    serial = "" if best.kind == PAYS else ", against NumPy on one thread alone"
    why = f"; {best.above_workers}" if best.above_workers else ""
    return (
        f"That is said of {executor}. On {best.executor} the same sum pays {best.words} on: {fast} "
        f"at best{serial}{why}."
    )


def _named(paying: Sequence[tuple[GlanceLine, GlanceCell]]) -> str:
    more = f"; and {len(paying) - NAMED} more" if len(paying) > NAMED else ""
    return "; ".join(_pays(line, cell) for line, cell in paying[:NAMED]) + more


def _fastest_first(
    paying: Sequence[tuple[GlanceLine, GlanceCell]],
) -> list[tuple[GlanceLine, GlanceCell]]:
    return sorted(paying, key=lambda each: -float(_best(each[1])["speedup_low"]))


def _pays(line: GlanceLine, cell: GlanceCell) -> str:
    fast = speed_in_short(float(_best(cell)["speedup"]))
    return f"{line.family} {cell.words} on {cell.executor} ({fast} at best)"


def _nearest(glance: Glance) -> str:
    """The cell that came nearest to paying."""
    known = [(line, cell) for line in glance.lines for cell in line.cells.values() if cell.best]
    if not known:
        return ""
    line, cell = max(known, key=lambda each: float(_best(each[1])["speedup_low"]))
    fast = speed_in_short(float(_best(cell)["speedup"]))
    return f"; nearest comes {line.family} on {cell.executor}: {fast} at best"


def _best(cell: GlanceCell | None) -> dict[str, float]:
    return dict(cell.best or {}) if cell else {}
