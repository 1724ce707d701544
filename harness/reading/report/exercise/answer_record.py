"""The answer to the exercise: a record that prints itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console, JustifyMethod, RenderableType
from rich.table import Table
from rich.text import Text

from harness.core import units
from harness.core.records import Estimate, Machine, Record, Status
from harness.core.units import plural
from harness.reading.analysis.verdict.scope import BEYOND
from harness.reading.report.exercise.answer_sentences import one_sentence
from harness.reading.report.exercise.example import COLUMNS, SHOWN_AS, Example, table_line
from harness.reading.report.shown.cells import interval, not_generalised, saving
from harness.reading.report.shown.plain import plain_text

WIDTH = 98
_LEFT = ("example", "verdict")
_SHORT = ("chunk", "tasks", "time", "speed-up", "rounds")
_NARROW = ("example", "chunk", "tasks", "time", "speed-up", "verdict")
_NARROWER = ("example", "chunk", "time", "speed-up", "verdict")
_LEAST = ("example", "speed-up", "verdict")
_BREAKS = 72
"""Columns below which words of the last layout break: then the least is shown."""
_LAYOUTS = ((COLUMNS, False), (_NARROW, False), (_NARROWER, False), (_NARROW, True))
"""Columns, and whether intervals stand below their points: the first that fits is taken."""
_ENDLESS, _WORDS = 10_000, 26
_CUT_SHORT = {
    "out of budget": "the time ended before all was measured",
    "interrupted": "the run was stopped before all was measured",
    None: "the run has no end: it was stopped, or still goes on",
}
_CONFIRMS = {True: ", which confirms it", False: ", which does not confirm it", None: ""}


class Answer(Record):
    """What ``settle`` returns and ``chunkbench settle`` prints; ``print(answer)`` shows it.

    Attributes
    ----------
    machine : Machine
    executor, workers, size : str, int, int
        Whose chunks, on how many workers, how many numbers; ``None`` where the journal of a run
        that was cut short does not tell.
    rows : list of Example
        One for each example: ``many``, ``few``, ``numpy``, ``numpy-as-written``, ``best``. One
        that was not measured says why; ``best`` is left out where no chunk can be recommended.
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
    ended : str or None
        ``complete``, ``out of budget``, ``interrupted``; ``running`` while it measures; ``None``
        where the journal has no end.
    go_on : str or None
        The command that goes on with a run that was cut short.
    """

    machine: Machine
    executor: str | None
    workers: int | None
    size: int | None = None
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
    ended: str | None = "complete"
    go_on: str | None = None

    def text(self, width: int = WIDTH) -> str:
        """The table, the two sentences, what they rest on, and the answer in one sentence, at most
        *width* columns wide."""
        return plain_text(self._parts(width), width)

    def text_so_far(self, width: int = WIDTH) -> str:
        """The table alone, of a run that still measures."""
        return plain_text([Text(f"{self.title}; so far"), self.table(width)], width)

    def __str__(self) -> str:
        return self.text().rstrip("\n")

    @property
    def title(self) -> str:
        """What was asked, and of what machine and executor."""
        here, size = self.machine, self.size
        if size is None:
            size = max((row.chunk for row in self.rows if row.chunk), default=None)
        cores = "" if here.cores_usable is None else f" ({here.cores_usable:g} usable cores)"
        layout = f": {self.executor}, {plural(self.workers, 'worker')}" if self.workers else ""
        return f"Sum of {units.count(size)} random numbers on {here.name}{cores}{layout}"

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
        if not self.rounds:
            return f"nothing measured in {units.seconds(self.seconds_spent)}"
        reach = (
            "holds beyond these launches"
            if self.scope == BEYOND
            else not_generalised([self.blocks])
        )
        launches = "1 launch" if self.blocks == 1 else f"{self.blocks} launches"
        return (
            f"up to {plural(self.rounds, 'paired round')} over {launches} of the engine, "
            f"{self._intervals}, {units.seconds(self.seconds_spent)} of measuring; {reach}"
        )

    @property
    def _intervals(self) -> str:
        """The rules that the intervals of the speed-ups come from, and their level."""
        rules = sorted({row.speedup.interval for row in self.rows if row.speedup.interval})
        return f"95 % intervals ({', '.join(rules)})" if rules else "intervals 95 %"

    @property
    def missing(self) -> list[str]:
        """What became of the examples without a result, and why: a line for each reason."""
        lines: dict[str, list[str]] = {}
        for row in self.rows:
            if row.status != Status.OK:
                why = ": ".join(filter(None, (row.status, row.reason)))
                lines.setdefault(why, []).append(SHOWN_AS[row.example])
        return [f"{', '.join(names)}: {why}" for why, names in lines.items()]

    def table(self, width: int = WIDTH) -> Table:
        """A line for each example; where *width* is too small, the cost of a task, the rounds and
        the tasks are left out, and then intervals stand below their points."""
        tables = (self._table(columns, stacked=stacked) for columns, stacked in _LAYOUTS)
        table = next(tables)
        for narrower in tables:
            if Console(width=_ENDLESS).measure(table).maximum <= width:
                break
            table = narrower
        return self._table(_LEAST, stacked=True) if width < _BREAKS else table

    def _table(self, columns: Sequence[str], *, stacked: bool) -> Table:
        table = Table(box=None, pad_edge=False)
        for heading in columns:
            justify: JustifyMethod = "left" if heading in _LEFT else "right"
            table.add_column(heading, justify=justify, no_wrap=heading in _SHORT, max_width=_WORDS)
        for row in self.rows:
            cells = dict(zip(COLUMNS, table_line(row), strict=True))
            shown = (cells[heading] for heading in columns)
            table.add_row(*(cell.replace(" [", "\n[") if stacked else cell for cell in shown))
        return table

    def _parts(self, width: int) -> Iterator[RenderableType]:
        yield Text(self.title)
        yield self.table(width)
        yield from map(Text, self.missing)
        yield Text(f"\nbreak-even chunk: {self.break_even}")
        yield Text(f"chunks not worse than the best by 5 %: {self.best_chunks}")
        yield from map(Text, self._refinement())
        yield Text()
        yield from map(Text, self.sentences)
        yield Text(f"\n{self.basis}")
        yield Text(f"journal: {self.journal}", no_wrap=True, overflow="ignore")
        yield from (Text(f"warning: {warning}") for warning in self.warnings)
        if self.go_on:
            yield Text(f"\n{_CUT_SHORT[self.ended]}: go on with")
            yield Text(f"  {self.go_on}", no_wrap=True, overflow="ignore")
        if self.rows:
            yield Text(f"\n{one_sentence({row.example: row for row in self.rows}, self.executor)}")

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
