"""Advice for one's own work: the record that ``advise`` gives, as text, page and JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from harness.core import units
from harness.core.records import Estimate, Machine, Record
from harness.core.units import plural
from harness.reading.report.advice.advice_words import baseline, chunks_text, forecast_verdict
from harness.reading.report.advice.choices import Checked, Choice, Chunks
from harness.reading.report.formats import html
from harness.reading.report.shown.cells import ABSENT, with_interval
from harness.reading.report.shown.plain import WIDTH, plain_text
from harness.reading.report.shown.section import WORDS, Chapter, Section

NOTHING = Estimate(point=None)


class Advice(Record):
    """What ``advise`` returns, and the shape of its JSON; ``print(advice)`` shows it.

    Attributes
    ----------
    work : str
    argument : str or None
        Name of its argument that takes the chunks.
    machine : Machine
    executor : str
    workers : int
        The most workers that were forecast.
    against : str or None
        The user's own serial way, where it was named.
    rounds : int
        That the forecasts rest on.
    serial_seconds : float
        Of the whole on one native thread: of *against*, or of the fastest chunks.
    all_cores_seconds : Estimate or None
        The same with native threads on all cores.
    recommended : Choice
    as_good : list
        The chunks that are not shown to be worse.
    dask_auto : Choice or None
        Dask's own choice.
    storage_chunks : int or None
        How many chunks the array in storage has, where the work has one.
    choices : list of Choice
        Every chunk size that could be forecast.
    fixed_seconds, us_per_task : dict of int to float
        Cost of a call in s and of a task in µs, by number of workers.
    checked : list of Checked
        Forecasts beside what was measured, where that was asked for.
    median_error : float or None
        Of the forecasts that were held out, as a share.
    recommended_over_best : float or None
        Time of the recommended chunk size over that of the best one measured.
    sentences, notes : list of str
    seconds_spent : float
    """

    work: str
    argument: str | None
    machine: Machine
    executor: str
    workers: int
    against: str | None = None
    rounds: int
    serial_seconds: float
    all_cores_seconds: Estimate | None = None
    recommended: Choice
    as_good: list[Chunks]
    dask_auto: Choice | None
    storage_chunks: int | None = None
    choices: list[Choice]
    fixed_seconds: dict[int, float]
    us_per_task: dict[int, float]
    checked: list[Checked]
    median_error: float | None
    recommended_over_best: float | None
    sentences: list[str]
    notes: list[str]
    seconds_spent: float

    def __str__(self) -> str:
        return text(self).rstrip("\n")

    def __rich__(self) -> RenderableType:
        return Group(*_parts(self))

    def _repr_html_(self) -> str:
        """The tables and sentences; every text in it is escaped."""
        first, *others = _sections(self)
        notes = [*self.sentences, *first.notes]
        first = Section(first.title, first.columns, first.rows, notes=notes)
        return html.fragment([Chapter(f"advice for {self.work}", [first, *others])])


def text(advice: Advice, width: int = WIDTH) -> str:
    """Write *advice* as plain text."""
    return plain_text(_parts(advice), width)


def _parts(advice: Advice) -> Iterator[RenderableType]:
    for sentence in advice.sentences:
        yield Text(sentence)
    for section in _sections(advice):
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


def _sections(advice: Advice) -> Iterator[Section]:
    yield _recommended_section(advice)
    every = _every_chunk_section(advice)
    if not advice.checked:
        yield replace(every, notes=list(_remarks(advice)))
        return
    yield every
    yield _check_section(advice)


def _recommended_section(advice: Advice) -> Section:
    """Show the recommended chunk size, a row for each number of workers."""
    machine = advice.machine
    rows: list[tuple[str, ...]] = [
        (
            str(expected.workers),
            with_interval(expected.seconds, units.seconds),
            with_interval(expected.speedup, units.ratio),
            with_interval(expected.speedup_vs_all_cores or NOTHING, units.ratio),
            units.size(expected.memory_bytes),
            forecast_verdict(expected),
        )
        for expected in advice.recommended.lines
    ]
    return Section(
        f"chunks {chunks_text(advice.recommended.chunks)} on {machine.name} "
        f"({machine.cores_usable:g} usable cores), {advice.executor}",
        ("workers", "time", "over serial", "over all cores", "memory", "forecast"),
        rows,
    )


def _every_chunk_section(advice: Advice) -> Section:
    """Show every chunk size with all workers, a row each, most chunks first."""
    rows: list[tuple[str, ...]] = []
    for choice in sorted(_distinct(advice), key=lambda choice: -choice.n_chunks):
        expected = choice.lines[-1]
        marks = [
            *(["recommended"] if choice.chunks == advice.recommended.chunks else []),
            *(["chunks='auto'"] if choice == advice.dask_auto else []),
        ]
        rows.append(
            (
                chunks_text(choice.chunks),
                units.count(choice.n_chunks),
                units.count(choice.n_tasks),
                units.size(choice.chunk_bytes),
                units.size(choice.worker_memory_bytes),
                *([_reads(choice, advice.storage_chunks)] if advice.storage_chunks else []),
                with_interval(expected.seconds, units.seconds),
                ", ".join([forecast_verdict(expected), *marks]),
            )
        )
    return Section(
        f"every chunk size with {plural(advice.workers, 'worker')}",
        (
            *("chunks", "how many", "tasks", "bytes", "a worker"),
            *(["storage reads"] if advice.storage_chunks else []),
            *("time", "forecast"),
        ),
        rows,
    )


def _reads(choice: Choice, stored: int) -> str:
    """How many chunks of the storage are read, and how often each where that is not once."""
    if choice.storage_reads is None:
        return ABSENT
    often = choice.storage_reads / stored
    return units.count(choice.storage_reads) + (f" ({often:.2g}x)" if often > 1 else "")


def _distinct(advice: Advice) -> list[Choice]:
    auto = advice.dask_auto
    known = [choice.chunks for choice in advice.choices]
    return [*advice.choices, *([auto] if auto is not None and auto.chunks not in known else [])]


def _check_section(advice: Advice) -> Section:
    rows: list[tuple[str, ...]] = [
        (
            chunks_text(check.chunks),
            with_interval(check.forecast, units.seconds),
            with_interval(check.measured, units.seconds),
            f"{check.error:+.0%}".replace("%", " %"),
            "held out" if check.held_out else "",
        )
        for check in advice.checked
    ]
    return Section(
        f"the forecast checked with {plural(advice.workers, 'worker')}",
        ("chunks", "forecast time", "measured time", "error", "status"),
        rows,
        notes=list(_remarks(advice)),
    )


def _remarks(advice: Advice) -> Iterator[str]:
    yield baseline(advice.against, advice.serial_seconds, advice.all_cores_seconds)
    tasks = ", ".join(
        f"{units.seconds(us / 1e6)} with {plural(p, 'worker')}"
        for p, us in advice.us_per_task.items()
    )
    yield f"a task costs {tasks}, beyond the work in it and building the graph"
    if advice.median_error is not None:
        error = f"{advice.median_error:.0%}".replace("%", " %")
        yield f"median error of the forecasts of held-out chunk sizes: {error}"
    if advice.recommended_over_best is not None:
        times = units.ratio(advice.recommended_over_best)
        yield f"the recommended chunk size took {times} times as long as the best one measured"
    yield from advice.notes
