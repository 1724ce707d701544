"""The answer to "should I parallelise this?": a record that prints itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from harness.core import units
from harness.core.errors import UsageError
from harness.core.records import Estimate, Record, Status, Verdict
from harness.core.units import plural
from harness.reading.report.shown.cells import ABSENT, with_interval
from harness.reading.report.shown.plain import plain_text

WIDTH = 128
NARROW = 118
"""A table of fewer columns is shown without the bytes."""


class TriedRow(Record):
    """One way to run the work: an executor with its workers and pin, and so many items a task.

    Attributes
    ----------
    executor, workers, pin, chunk
        The case; *chunk* is items a task.
    n_tasks : int or None
    status, reason : str, str or None
        ``ok``; or what became of it instead, and why.
    seconds : Estimate
        A warm call of the whole, in s.
    first_call_seconds : float or None
        The first call of this executor after its start, of whichever chunk came first.
    speedup : Estimate
        How many times as fast as the plain loop.
    verdict : str or None
    bytes_in, bytes_out : float or None
        Of a task, pickled: what goes to a worker, and what comes back, by a few items that were
        pickled; ``None`` where nothing is pickled, or cannot be.
    rounds : int
        Pairs of such a call and of the loop.
    """

    executor: str
    workers: int
    pin: str
    chunk: int
    n_tasks: int | None
    status: str
    reason: str | None
    seconds: Estimate
    first_call_seconds: float | None
    speedup: Estimate
    verdict: str | None
    bytes_in: float | None
    bytes_out: float | None
    rounds: int = 0


class TriedEdge(Record):
    """From how many items a task on an executor pays; ``point`` is ``None`` where none does, or
    all do, or it is not known: ``status`` says which."""

    executor: str
    workers: int
    pin: str
    status: str
    point: float | None
    low: float | None
    high: float | None


class TriedBest(Record):
    """The fastest way that was found."""

    executor: str
    workers: int
    pin: str
    chunk: int
    speedup: Estimate


class Tried(Record):
    """What :func:`harness.run` returns of a work, and ``chunkbench try`` prints.

    Attributes
    ----------
    work : str
    against : str or None
        What does the same serially, where that is not the loop over items.
    takes : str or None
        What its function calls the argument that says how the work is cut, where it has one.
    baseline : dict
        ``seconds``, an Estimate of the plain loop on one native thread.
    items, size : int or None
        How many items there are, and how many of them were measured.
    rows : list of TriedRow
    break_even : list of TriedEdge
    best : TriedBest or None
    left_out : tuple of str
        Executors that nobody named and that no time was left for.
    sentences : list of str
    seconds_spent : float or None
    journal : str
    ended : str or None
        ``complete``, ``out of budget``, ``interrupted``; ``running`` while it measures.
    """

    work: str
    against: str | None = None
    takes: str | None = None
    baseline: dict[str, Estimate]
    items: int | None
    size: int | None
    rows: list[TriedRow]
    break_even: list[TriedEdge]
    best: TriedBest | None
    left_out: tuple[str, ...] = ()
    sentences: list[str]
    seconds_spent: float | None
    journal: str
    ended: str | None = "complete"

    def __str__(self) -> str:
        return self.text().rstrip("\n")

    def text(self, width: int = WIDTH) -> str:
        """The tables, what became of the rest, and the sentences, at most *width* columns wide."""
        return plain_text(self._parts(width), width)

    def text_so_far(self, width: int = WIDTH) -> str:
        """The tables alone, of a run that still measures."""
        return plain_text([Text(f"{self.title}; so far"), *self._tables(width)], width)

    @property
    def title(self) -> str:
        """What was tried, and what the loop takes."""
        loop = self.baseline["seconds"]
        took = "" if loop.point is None else f", {self.serial} {_shown(loop)}"
        count = ""
        if self.items is not None and self.size is not None:
            count = f": {units.count(self.size)} items"
        if self.size != self.items and self.items is not None:
            count += f" of {units.count(self.items)}, evenly spaced"
        return f"{self.work}{count}{took}"

    @property
    def serial(self) -> str:
        """What the serial way is called."""
        return "your loop" if self.against is None else self.against

    def verdict(self, executor: str | None = None) -> str:
        """The verdict on the fastest way on *executor*, or on any that is not the serial way:
        ``"pays"``, ``"overhead exceeds gain"``, ``"equal"`` or ``"undetermined"``. Where no way has
        a result, what became of the first: ``"failed"``, ``"wrong answer"``, ``"skipped"`` ...

        Raises
        ------
        UsageError
            For an executor that is not in the answer.
        """
        rows = [
            row
            for row in self.rows
            if (row.executor != "serial" if executor is None else row.executor == executor)
        ]
        if not rows:
            known = ", ".join(dict.fromkeys(row.executor for row in self.rows))
            raise UsageError(f"{executor or 'no engine'} was not tried: there are {known}")
        measured = [(row.speedup.point, row) for row in rows if row.speedup.point is not None]
        if not measured:
            return rows[0].status
        _, best = max(measured, key=lambda each: each[0])
        return best.verdict or Verdict.UNDETERMINED

    def cut(self, chunk: int) -> int | None:
        """What the function is told of how to cut the work; ``None`` where nothing is."""
        if self.against is None or self.takes == "chunks":
            return chunk
        return self.size // chunk if self.takes and self.size else None

    def _tables(self, width: int) -> Iterator[RenderableType]:
        """A heading for each executor, and a line for each of its rows with a result."""
        groups: dict[tuple[str, int, str], list[TriedRow]] = {}
        for row in self.rows:
            if row.status == Status.OK and row.speedup.point is not None:
                groups.setdefault((row.executor, row.workers, row.pin), []).append(row)
        for (executor, workers, pin), rows in groups.items():
            first = units.seconds(rows[0].first_call_seconds)
            yield Text(f"\n{executor}, {plural(workers, 'worker')}, pin {pin}; first call {first}")
            yield self._table(sorted(rows, key=lambda row: row.chunk), width)

    def _table(self, rows: Sequence[TriedRow], width: int) -> Table:
        cut = "items/task" if self.against is None else self.takes or "cut"
        columns = {cut: 12, "tasks": 8, "warm call": 22, "times as fast": 20}
        pickled = any(row.bytes_in is not None for row in rows)
        columns |= {"sent/task": 10, "result/task": 11} if pickled and width >= NARROW else {}
        table = Table(box=None, pad_edge=False)
        for heading, least in columns.items():
            table.add_column(heading, justify="right", no_wrap=True, min_width=least)
        table.add_column("verdict", no_wrap=True)
        for row in rows:
            told = self.cut(row.chunk)
            cells = _cells(row, ABSENT if told is None else units.count(told))
            table.add_row(*cells[: len(columns)], row.verdict or ABSENT)
        return table

    def _parts(self, width: int) -> Iterator[RenderableType]:
        yield Text(self.title)
        yield from self._tables(width)
        yield Text()
        yield from map(Text, self.missing)
        yield Text()
        yield from map(Text, self.sentences)
        spent = units.seconds(self.seconds_spent)
        rounds = max((row.rounds for row in self.rows), default=0)
        yield Text(f"\nup to {plural(rounds, 'paired round')}, 95 % intervals, {spent} in all")
        yield Text(f"journal: {self.journal}", no_wrap=True, overflow="ignore")

    @property
    def missing(self) -> list[str]:
        """What became of the rows without a result, and why: a line for each reason."""
        lines: dict[str, list[str]] = {}
        for row in self.rows:
            if row.executor in self.left_out:
                continue  # a sentence names them
            if row.status != Status.OK or row.speedup.point is None:
                why = ": ".join(filter(None, (row.status, row.reason)))
                cut = self.cut(row.chunk)
                at = "" if cut is None or row.executor == "serial" else f"/{cut}"
                lines.setdefault(why, []).append(f"{row.executor}{at}")
        return [f"{', '.join(names)}: {why}" for why, names in lines.items()]


def _shown(seconds: Estimate) -> str:
    if seconds.low is None:
        return f"about {units.seconds(seconds.point)}"
    return with_interval(seconds, units.seconds)


def _cells(row: TriedRow, cut: str) -> tuple[str, ...]:
    return (
        cut,
        ABSENT if row.n_tasks is None else units.count(row.n_tasks),
        with_interval(row.seconds, units.seconds),
        with_interval(row.speedup, units.ratio),
        units.size(row.bytes_in),
        units.size(row.bytes_out),
    )
