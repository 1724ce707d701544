"""What a sweep of a work of one's own came to, in plain words."""

from __future__ import annotations

from collections.abc import Sequence

from harness.core import units
from harness.core.records import Estimate, Status, Verdict
from harness.core.units import plural
from harness.reading.report.shown.cells import with_interval
from harness.reading.report.tried.tried_answer import Tried, TriedEdge, TriedRow

LOOP = "serial"
ONE_EACH = (LOOP, "as-written")
"""Executors whose workers are not chosen."""


def sentences(answer: Tried) -> list[str]:
    """Say where going parallel pays, and what it was measured on.

    Parameters
    ----------
    answer : Tried
        Its rows, break-evens, baseline and sizes.
    """
    said = [_verdict_sentence(answer)]
    loop = answer.baseline["seconds"]
    if not any(_measured(row) for row in answer.rows) and loop.point is not None:
        said.append(
            f"The serial way takes about {units.seconds(loop.point)}, going by a first look."
        )
    if answer.items is not None and answer.size is not None and answer.size < answer.items:
        said.append(
            f"Measured with {units.count(answer.size)} of your {units.count(answer.items)} items, "
            "so that it fits the budget: a larger --budget takes more of them."
        )
    if answer.left_out:
        names = ",".join(answer.left_out)
        said.append(
            f"No time was left for {', '.join(answer.left_out)}: ask for them by --on {names}, or "
            "give a larger --budget."
        )
    return said


def _verdict_sentence(answer: Tried) -> str:
    groups: dict[tuple[str, int, str], list[TriedRow]] = {}
    for row in answer.rows:
        groups.setdefault((row.executor, row.workers, row.pin), []).append(row)
    edges = {(edge.executor, edge.workers, edge.pin): edge for edge in answer.break_even}
    several = len({key[1:] for key in groups if key[0] not in ONE_EACH}) > 1
    measured = []
    for key, rows in groups.items():
        best = max(filter(_measured, rows), key=_speedup, default=None)
        if best is not None:
            name = _name(best, answer.serial, several=several)
            outcome = _outcome(answer, best, edges.get(key), rows)
            measured.append((_speedup(best), f"{name} {outcome}"))
    if not measured:
        return "Nothing can be said yet: no case has a result."
    measured.sort(reverse=True)
    return f"{'; '.join(words for _, words in measured)}."


def _measured(row: TriedRow) -> bool:
    return row.status == Status.OK and row.speedup.point is not None


def _speedup(row: TriedRow) -> float:
    return row.speedup.point or 0.0


def _name(row: TriedRow, serial: str, *, several: bool) -> str:
    if row.executor == LOOP:
        threads = {"default": "default native threads", "cores": "native threads on all cores"}
        return f"{serial} at {threads.get(row.pin, 'one native thread')}"
    if row.executor in ONE_EACH or not several:
        return row.executor
    return f"{row.executor} ({plural(row.workers, 'worker')}, pin {row.pin})"


def _outcome(
    answer: Tried, best: TriedRow, edge: TriedEdge | None, rows: Sequence[TriedRow]
) -> str:
    times, at = _times(best.speedup), _at(answer, best.chunk)
    if best.executor == LOOP:
        return f"is {times}"
    if best.verdict == Verdict.PAYS:
        return f"pays{_from(answer, edge, best, rows)}: {times} as {answer.serial}"
    if best.verdict == Verdict.OVERHEAD:
        return f"does not pay: at best {times}{at}" if at else f"does not pay: {times}"
    if best.verdict == Verdict.EQUAL:
        return f"makes no difference: {times}{at}"
    return f"is undecided: {times}{at}"


def _from(answer: Tried, edge: TriedEdge | None, best: TriedRow, rows: Sequence[TriedRow]) -> str:
    if answer.against is None and edge is not None:
        if edge.status == "found" and edge.point is not None:
            return f" from {_items(round(edge.point))} a task on"
        if edge.status == "always pays":
            return f" from {_items(min(row.chunk for row in rows if _measured(row)))} a task on"
    return _at(answer, best.chunk)


def _at(answer: Tried, chunk: int) -> str:
    """How the work is cut."""
    cut = answer.cut(chunk)
    if answer.against is None:
        return f" at {_items(chunk)} a task"
    return "" if cut is None else f" with {answer.takes}={cut}"


def _items(number: int) -> str:
    return f"{units.count(number)} item{'' if number == 1 else 's'}"


def _times(speedup: Estimate) -> str:
    """A speed-up, or how many times slower where that is more than twice."""
    point = speedup.point
    if point is not None and point < _SLOWER:
        ends = speedup.model_copy(
            update={
                "point": 1 / point,
                "low": None if not speedup.high else 1 / speedup.high,
                "high": None if not speedup.low else 1 / speedup.low,
            }
        )
        return f"{_ratio(ends)} times slower"
    return f"{_ratio(speedup)} times as fast"


_SLOWER = 0.5


def _ratio(speedup: Estimate) -> str:
    if speedup.low is None:
        return f"{units.ratio(speedup.point)} (in {plural(speedup.n, 'round')})"
    return with_interval(speedup, units.ratio)
