"""The answer to the exercise: a record that prints itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from harness.core import units
from harness.core.records import Estimate, Machine, Record
from harness.core.units import plural
from harness.reading.analysis.verdict.scope import BEYOND
from harness.reading.report.exercise.example import COLUMNS, Example, table_line
from harness.reading.report.shown.cells import interval, not_generalised, saving
from harness.reading.report.shown.plain import plain_text

WIDTH = 128
_LEFT = ("example", "verdict")
_CONFIRMS = {True: ", which confirms it", False: ", which does not confirm it", None: ""}


class Answer(Record):
    """What ``settle`` returns and ``chunkbench settle`` prints; ``print(answer)`` shows it.

    Attributes
    ----------
    machine : Machine
    executor : str
    workers : int
    rows : list of Example
        One for each example: ``many``, ``few``, ``numpy``, ``numpy-as-written``, ``best``.
    break_even_chunk : dict
        ``status``, and ``point``, ``low``, ``high`` in elements; ``None`` where there is none.
    best_chunk : dict
        The recommended chunk, those not worse by 5 %, and its speed-up in fresh rounds.
    refined : dict
        How many chunks the sweep added, and how many pairs that saved.
    generator : dict of str to Estimate
        Ratios that tell what the random generator does to the comparison.
    sentences : list of str
    rounds, blocks : int
        Paired rounds of a case, and start-ups of its engine, at most.
    scope : str or None
        Whether the verdicts hold beyond these start-ups (rule 12).
    warnings : list of str
    seconds_spent : float or None
        What the whole sweep took, in s.
    journal : str
        Name of the file that holds every pair.
    """

    machine: Machine
    executor: str
    workers: int
    rows: list[Example]
    break_even_chunk: dict[str, Any]
    best_chunk: dict[str, Any]
    refined: dict[str, int | None]
    generator: dict[str, Estimate]
    sentences: list[str]
    rounds: int
    blocks: int
    scope: str | None
    warnings: list[str]
    seconds_spent: float | None
    journal: str

    def text(self, width: int = WIDTH) -> str:
        """The table, the two sentences, and what they rest on, at most *width* columns wide."""
        return plain_text(self._parts(), width)

    def __str__(self) -> str:
        return self.text().rstrip("\n")

    @property
    def title(self) -> str:
        """What was asked, and of what machine and executor."""
        here = self.machine
        size = max((row.chunk for row in self.rows if row.chunk), default=None)
        return (
            f"Sum of {units.count(size)} random numbers on {here.name}"
            f" ({here.cores_usable:g} usable cores): {self.executor}, "
            f"{plural(self.workers, 'worker')}"
        )

    @property
    def break_even(self) -> str:
        """The break-even chunk with its interval, or why there is none."""
        edge = self.break_even_chunk
        if edge["point"] is None:
            return str(edge["status"])
        return f"{interval((edge['point'], edge['low'], edge['high']), units.count)} numbers"

    @property
    def best_chunks(self) -> str:
        """The chunks not worse than the best by 5 %."""
        chosen = ", ".join(units.count(chunk) for chunk in self.best_chunk["set"])
        return chosen or "undetermined"

    @property
    def basis(self) -> str:
        """How much was measured, and how far the answer reaches."""
        reach = (
            "holds beyond these launches"
            if self.scope == BEYOND
            else not_generalised([self.blocks])
        )
        launches = "1 launch" if self.blocks == 1 else f"{self.blocks} launches"
        return (
            f"{self.rounds} paired rounds over {launches} of the engine, intervals 95 %, "
            f"{units.seconds(self.seconds_spent)} of measuring; {reach}"
        )

    def _parts(self) -> Iterator[RenderableType]:
        yield Text(self.title)
        table = Table(box=None, pad_edge=False)
        for heading in COLUMNS:
            table.add_column(heading, justify="left" if heading in _LEFT else "right")
        for row in self.rows:
            table.add_row(*table_line(row))
        yield table
        yield Text(f"\nbreak-even chunk: {self.break_even}")
        yield Text(f"chunks not worse than the best by 5 %: {self.best_chunks}")
        yield from map(Text, self._refinement())
        yield Text()
        yield from map(Text, self.sentences)
        yield Text(f"\n{self.basis}")
        yield Text(f"journal: {self.journal}", no_wrap=True, overflow="ignore")
        yield from (Text(f"warning: {warning}") for warning in self.warnings)

    def _refinement(self) -> Iterator[str]:
        """What the sweep measured beyond its grid, a line each."""
        fresh, added = self.best_chunk["fresh_speedup"], self.refined["chunks_added"]
        if fresh is not None:
            ends = (fresh["point"], fresh["low"], fresh["high"])
            speedup = interval(ends, units.ratio)
            confirms = _CONFIRMS[self.best_chunk["confirmed"]]
            yield f"speed-up of the best chunk in fresh rounds: {speedup}{confirms}"
        if added is not None:
            yield saving(added, self.refined["pairs_saved"] or 0)
