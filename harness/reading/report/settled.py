"""The answer to the exercise as text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import StringIO

from rich.console import Console
from rich.table import Table

from harness.core import units
from harness.core.records import Estimate
from harness.reading.report.answer import Answer, Row
from harness.reading.report.cells import interval, saving, verdict

EXAMPLES = {
    "many": "1 many chunks",
    "few": "2 few chunks",
    "numpy": "3 NumPy, matched",
    "numpy-as-written": "3 NumPy, as written",
    "best": "best chunk",
}
COLUMNS = ("example", "chunk", "tasks", "time", "times as fast", "overhead/task", "verdict")


def text(found: Answer, width: int = 128) -> str:
    """*found* as a table, the two sentences, and what they rest on."""
    out = StringIO()
    console = Console(file=out, width=width, highlight=False)
    console.print(title(found))
    table = Table(box=None, pad_edge=False)
    for heading in COLUMNS:
        table.add_column(heading, justify="left" if heading in ("example", "verdict") else "right")
    for row in found.rows:
        table.add_row(*cells(row))
    console.print(table)
    console.print(f"\nbreak-even chunk: {break_even(found)}")
    console.print(f"chunks not worse than the best by 5 %: {best_chunks(found)}")
    for line in _refined(found):
        console.print(line)
    console.print()
    for sentence in found.sentences:
        console.print(sentence, soft_wrap=False)
    console.print(f"\n{rests_on(found)}")
    console.print(f"journal: {found.journal}", soft_wrap=True)
    for warning in found.warnings:
        console.print(f"warning: {warning}")
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def title(found: Answer) -> str:
    """What was asked, and of what."""
    here = found.machine
    size = max((row.chunk for row in found.rows if row.chunk), default=None)
    return (
        f"Sum of {units.count(size)} random numbers on {here.name}"
        f" ({here.cores_usable:g} usable cores): {found.executor}, {found.workers} workers"
    )


def rests_on(found: Answer) -> str:
    """How much was measured, and how far the answer reaches."""
    return (
        f"{found.rounds} paired rounds over {found.blocks} start-ups, intervals 95 %, "
        f"{units.seconds(found.seconds_spent)} of measuring; holds "
        f"{'beyond these start-ups' if found.scope == 'beyond' else 'for these start-ups'}"
    )


def best_chunks(found: Answer) -> str:
    """The chunks not worse than the best by 5 %."""
    chosen = ", ".join(units.count(chunk) for chunk in found.best_chunk["set"])
    return chosen or "undetermined"


def cells(row: Row, whole: bool = False) -> tuple[str, ...]:
    """One example as the cells of :data:`COLUMNS`; *whole* shows the time with its interval."""
    cost = row.overhead_us_per_task
    return (
        EXAMPLES[row.example],
        units.count(row.chunk) if row.n_tasks else "-",
        units.count(row.n_tasks),
        _interval(row.seconds, units.seconds) if whole else units.seconds(row.seconds.point),
        _interval(row.speedup, units.ratio),
        _interval(cost, units.seconds, 1e-6) if cost else "-",
        verdict(row.model_dump()),
    )


def _interval(found: Estimate, show: Callable[[float | None], str], scale: float = 1.0) -> str:
    return interval((found.point, found.low, found.high), show, scale)


def _refined(found: Answer) -> Iterator[str]:
    fresh, added = found.best_chunk["fresh_speedup"], found.refined["chunks_added"]
    if fresh is not None:
        again = interval((fresh["point"], fresh["low"], fresh["high"]), units.ratio)
        said = {True: ", which confirms it", False: ", which does not confirm it", None: ""}
        judged = said[found.best_chunk["confirmed"]]
        yield f"best chunk in fresh rounds: {again} times as fast{judged}"
    if added is not None:
        yield saving(added, found.refined["pairs_saved"] or 0)


def break_even(found: Answer) -> str:
    """The break-even chunk with its interval, or why there is none."""
    edge = found.break_even_chunk
    if edge["point"] is None:
        return str(edge["status"])
    low, high = units.count(edge["low"]), units.count(edge["high"])
    return f"{units.count(edge['point'])} [{low}, {high}] numbers"
