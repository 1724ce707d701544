"""Advice for one's own work: the record that ``advise`` gives, as text, page and JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from harness.core import units
from harness.core.records import Estimate, Machine, Record, Verdict
from harness.reading.report import html
from harness.reading.report.cells import AGAINST_SERIAL, interval
from harness.reading.report.section import WORDS, Chapter, Section

WIDTH = 100


class Line(Record):
    """What is expected of one chunk size with some workers.

    ``memory_bytes`` is what the workers and the answer fill, beyond what the process fills anyhow.
    """

    workers: int
    seconds: Estimate
    speedup: Estimate
    verdict: Verdict
    memory_bytes: int | None


class Choice(Record):
    """One way to cut the work; ``chunks`` is what to hand over as chunks or partitions."""

    chunks: str | int | list[int] | None
    n_chunks: int
    n_tasks: int
    chunk_bytes: int | None
    timed: bool
    lines: list[Line]


class Checked(Record):
    """A forecast beside what was measured; ``error`` is (forecast - measured) / measured.

    ``measured`` is in the forecast's own seconds: the paired ratio to the serial run beside it,
    times that run's seconds when the forecast was made. ``measured_seconds`` is by the clock.
    """

    chunks: str | int | list[int] | None
    n_chunks: int
    held_out: bool
    forecast: Estimate
    measured: Estimate
    measured_seconds: float
    error: float


class Advice(Record):
    """What ``harness.advise`` returns, and the shape of its JSON."""

    work: str
    argument: str | None
    machine: Machine
    executor: str
    workers: int
    serial_seconds: float
    recommended: Choice
    as_good: list[str | int | list[int] | None]
    dask_auto: Choice | None
    choices: list[Choice]
    fixed_seconds: dict[int, float]
    us_per_task: dict[int, float]
    checked: list[Checked]
    median_error: float | None
    recommended_over_best: float | None
    sentences: list[str]
    notes: list[str]
    seconds_spent: float

    def __rich__(self) -> RenderableType:
        return Group(*_parts(self))

    def _repr_html_(self) -> str:
        """The tables and sentences; every text in it is escaped."""
        first, *others = _sections(self)
        notes = [*self.sentences, *first.notes]
        first = Section(first.title, first.columns, first.rows, notes=notes)
        return html.fragment([Chapter(f"advice for {self.work}", [first, *others])])


def text(found: Advice, width: int = WIDTH) -> str:
    """*found* as plain text."""
    out = StringIO()
    console = Console(
        file=out,
        width=width,
        color_system=None,
        markup=False,
        emoji=False,
        highlight=False,
        _environ={},
    )
    console.print(found)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def chunks_text(chunks: str | int | list[int] | None) -> str:
    """What to hand over as chunks, as it is written in Python."""
    if isinstance(chunks, list):
        return f"({', '.join(map(str, chunks))}{',' if len(chunks) == 1 else ''})"
    return "as built" if chunks is None else str(chunks)


def _parts(found: Advice) -> Iterator[RenderableType]:
    for sentence in found.sentences:
        yield Text(sentence)
    for section in _sections(found):
        yield Text(f"\n{section.title}")
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
        for name in section.columns:
            table.add_column(
                name,
                justify="left" if name in WORDS or name == "chunks" else "right",
                no_wrap=name != "forecast",
            )
        for row in section.rows:
            table.add_row(*row)
        yield table
        if section.notes:
            yield Text("\n" + "\n".join(section.notes))


def _sections(found: Advice) -> Iterator[Section]:
    here = f"{found.machine.name} ({found.machine.cores_usable:g} usable cores), {found.executor}"
    rows: list[tuple[str, ...]] = [
        (
            str(line.workers),
            _shown(line.seconds, units.seconds),
            _shown(line.speedup, units.ratio),
            units.size(line.memory_bytes),
            said(line.verdict),
        )
        for line in found.recommended.lines
    ]
    yield Section(
        f"chunks {chunks_text(found.recommended.chunks)} on {here}",
        ("workers", "time", "times as fast as serial", "memory", "forecast"),
        rows,
    )
    best = found.recommended.chunks
    rows = []
    for choice in sorted(_distinct(found), key=lambda choice: -choice.n_chunks):
        line = choice.lines[-1]
        marks = [
            *(["recommended"] if choice.chunks == best else []),
            *(["chunks='auto'"] if choice == found.dask_auto else []),
        ]
        rows.append(
            (
                chunks_text(choice.chunks),
                units.count(choice.n_chunks),
                units.count(choice.n_tasks),
                units.size(choice.chunk_bytes),
                _shown(line.seconds, units.seconds),
                ", ".join([said(line.verdict), *marks]),
            )
        )
    yield Section(
        f"every chunk size with {found.workers} workers",
        ("chunks", "how many", "tasks", "bytes", "time", "forecast"),
        rows,
        notes=[] if found.checked else list(_remarks(found)),
    )
    if found.checked:
        yield _check_section(found)


def _distinct(found: Advice) -> list[Choice]:
    auto = found.dask_auto
    known = [choice.chunks for choice in found.choices]
    return [*found.choices, *([auto] if auto is not None and auto.chunks not in known else [])]


def _check_section(found: Advice) -> Section:
    rows: list[tuple[str, ...]] = [
        (
            chunks_text(one.chunks),
            _shown(one.forecast, units.seconds),
            _shown(one.measured, units.seconds),
            f"{one.error:+.0%}".replace("%", " %"),
            "held out" if one.held_out else "",
        )
        for one in found.checked
    ]
    return Section(
        f"the forecast checked with {found.workers} workers",
        ("chunks", "forecast time", "measured time", "error", "status"),
        rows,
        notes=list(_remarks(found)),
    )


def _remarks(found: Advice) -> Iterator[str]:
    tasks = ", ".join(
        f"{units.seconds(us / 1e6)} with {p} worker{'s' if p != 1 else ''}"
        for p, us in found.us_per_task.items()
    )
    yield f"a task costs {tasks}, beyond the work in it and building the graph"
    if found.median_error is not None:
        error = f"{found.median_error:.0%}".replace("%", " %")
        yield f"median error of the forecasts of held-out chunk sizes: {error}"
    if found.recommended_over_best is not None:
        times = units.ratio(found.recommended_over_best)
        yield f"the recommended chunk size took {times} times as long as the best one measured"
    yield from found.notes


def said(verdict: Verdict) -> str:
    """The verdict in plain words: that it pays against serial is all that a forecast can say
    (rule 1)."""
    return AGAINST_SERIAL if verdict is Verdict.PAYS else verdict.value


def _shown(found: Estimate, show: Callable[[float | None], str]) -> str:
    ends: tuple[Any, Any, Any] = (found.point, found.low, found.high)
    return interval(ends, show)


def sentences(work: str, argument: str | None, found: Choice, auto: Choice | None) -> list[str]:
    """Does parallel pay, with which chunks, and what Dask's own choice would do."""
    line = found.lines[-1]
    fast = _shown(line.speedup, units.ratio)
    verdict = {
        Verdict.PAYS: f"Parallel pays against serial: {fast} times as fast is expected",
        Verdict.OVERHEAD: f"Overhead exceeds gain, run it serially: {fast} times as fast expected",
        Verdict.EQUAL: f"It makes no difference, within 5 %: {fast} times as fast is expected",
        Verdict.UNDETERMINED: f"The data cannot tell whether it pays: {fast} times as fast",
    }[line.verdict]
    of = f" of {units.size(found.chunk_bytes)}" if found.chunk_bytes else ""
    named = f"{argument}=" if argument else "chunks "
    chunks = repr(found.chunks) if isinstance(found.chunks, str) else chunks_text(found.chunks)
    count = "1 chunk" if found.n_chunks == 1 else f"{units.count(found.n_chunks)} chunks"
    workers = "1 worker" if line.workers == 1 else f"{line.workers} workers"
    first = (
        f"{work}: {verdict}, with {workers} and {named}{chunks}: {count}{of}, "
        f"{_shown(line.seconds, units.seconds)}."
    )
    texts = [first]
    if auto is not None:
        mine = auto.lines[-1]
        n = "1 chunk" if auto.n_chunks == 1 else f"{units.count(auto.n_chunks)} chunks"
        texts.append(
            f"Dask's own chunks='auto' gives {n}: {_shown(mine.seconds, units.seconds)}, "
            f"{said(mine.verdict)}."
        )
    return texts
