"""Live progress: a bar with the time left on a terminal, plain lines elsewhere, or a file."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import TextIO

from rich.console import Console, RenderableType
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.progress import (
    Progress as Bar,
)
from rich.text import Text

from harness.core import units
from harness.running.measure.sweep.ports import Progress

Report = Callable[[Progress], None]
REFRESHES_PER_SECOND = 2.0
"""Of the bar: each takes about a millisecond of a core, also while a call is timed."""
BAR = 40
LEAST_BAR = 6
"""Columns of the bar at most, and what it is left out below."""
NUMBERS = 46
"""Columns of ``⠋ 12345/12345 pairs 0:12:34 left 43.2 ms``, with a space after each part."""
LABEL = 24
"""Columns of the label that the bar makes room for."""
PLAIN_SECONDS = 5.0
"""Between two lines where there is no terminal."""
SILENCE_SECONDS = 10.0
"""After so long without a line there is one that says that a long call goes on."""


class Remaining:
    """Seconds left, from the mean cost of a pair so far and the pairs that are still planned, but
    never more than the budget has."""

    def __init__(self) -> None:
        self.began = monotonic()
        self.first: int | None = None
        self.last = 0

    def __call__(self, progress: Progress) -> float | None:
        """Seconds left; ``None`` until a pair is done."""
        if self.first is None or progress.done < self.last:  # the first, or the next suite
            self.began, self.first = monotonic(), progress.done
        self.last = progress.done
        measured = progress.done - self.first
        if measured <= 0:
            return None
        pairs = (monotonic() - self.began) / measured * (progress.planned - progress.done)
        return pairs if progress.budget_left is None else min(pairs, progress.budget_left)


class News:
    """A line about each dashboard, when it opens, and whatever else there is to say once."""

    def __init__(self) -> None:
        self.link: str | None = None

    def __call__(self, progress: Progress) -> str | None:
        """The line; ``None`` where the link is the same as before, or there is none, and nothing
        else."""
        if progress.news:
            return progress.news
        before, self.link = self.link, progress.link
        return f"dashboard: {self.link}" if self.link and self.link != before else None


class Above:
    """Text above the bar of a terminal; elsewhere there is none.

    Attributes
    ----------
    width : int or None
        Columns of the terminal.
    text : str
        Of as many lines as it likes; written with the next refresh.
    """

    def __init__(self, width: int | None = None) -> None:
        self.width, self.text = width, ""


class _BarBelow(Bar):
    """The bar, with text above it that is laid out once and not with every refresh."""

    above = Above()

    def get_renderables(self) -> Iterable[RenderableType]:
        """What is written: the text, and the bar."""
        if self.above.text:
            yield Text(self.above.text, no_wrap=True, overflow="ignore")
        yield from super().get_renderables()


@contextmanager
def kept_alive(report: Report, stream: TextIO | None = None) -> Iterator[Report]:
    """*report*, and a line on *stream* whenever nothing was told for 10 s: a long call is no hang.
    On a terminal the bar shows that by itself."""
    stream = stream or sys.stderr
    if stream.isatty():
        yield report
        return
    began = told = monotonic()
    done = 0
    over = Event()

    def noted(progress: Progress) -> None:
        nonlocal told, done
        told, done = monotonic(), progress.done
        report(progress)

    def speak() -> None:
        nonlocal told
        while not over.wait(1.0):
            now = monotonic()
            if now - told >= SILENCE_SECONDS:
                told = now
                stream.write(
                    f"still measuring, {units.seconds(now - began)} since the start: "
                    f"{units.plural(done, 'pair')} done, this call is a long one\n"
                )
                stream.flush()

    speaker = Thread(target=speak, daemon=True)
    speaker.start()
    try:
        yield noted
    finally:
        over.set()
        speaker.join()


@contextmanager
def shown(
    stream: TextIO | None = None, quiet: bool = False, above: Above | None = None
) -> Iterator[Report]:
    """A report for one sweep: a live bar where *stream* is a terminal, else a line every 5 s;
    *quiet*, nothing. *above* learns the width of a terminal, and its text stands above the bar."""
    stream = stream or sys.stderr
    if quiet:
        yield lambda progress: None
    elif stream.isatty():
        with _bar(stream, above or Above()) as report:
            yield report
    else:
        yield _lines(stream)


@contextmanager
def _bar(stream: TextIO, above: Above) -> Iterator[Report]:
    left = Remaining()
    console = Console(file=stream)
    bar_width = min(BAR, max(0, console.width - NUMBERS - LABEL))
    columns = (
        SpinnerColumn(),
        *([BarColumn(bar_width)] if bar_width >= LEAST_BAR else []),
        MofNCompleteColumn(),
        TextColumn("pairs"),
        TimeElapsedColumn(),
        TextColumn("left {task.fields[left]}  {task.description}"),
    )
    room = console.width - NUMBERS - (bar_width + 1 if bar_width >= LEAST_BAR else 0)
    above.width = console.width
    bar = _BarBelow(
        *columns, console=console, transient=True, refresh_per_second=REFRESHES_PER_SECOND
    )
    bar.above = above
    with bar:
        task = bar.add_task("starting", total=None, left="?")
        news = News()

        def report(progress: Progress) -> None:
            if line := news(progress):
                bar.console.print(line)
            bar.update(
                task,
                completed=progress.done,
                total=progress.planned,
                description=shortened(progress.label, room),
                left=units.seconds(left(progress)),
            )

        yield report


def shortened(label: str, room: int) -> str:
    """*label* in at most *room* columns: what stands last in it, the chunk, is cut off first."""
    if len(label) <= room:
        return label
    return f"{label[: room - 1]}…" if room > 1 else ""


def _lines(stream: TextIO) -> Report:
    left = Remaining()
    last = -PLAIN_SECONDS
    news = News()

    def report(progress: Progress) -> None:
        nonlocal last
        if line := news(progress):
            stream.write(f"{line}\n")
            stream.flush()
        if progress.news or monotonic() - last < PLAIN_SECONDS:
            return
        last = monotonic()
        stream.write(
            f"{progress.done}/{progress.planned} pairs, about {units.seconds(left(progress))} left:"
            f" {progress.label}\n"
        )
        stream.flush()

    return report


def to_file(path: Path) -> Report:
    """A report that appends JSON lines to *path*, for another process to show."""

    def report(progress: Progress) -> None:
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(vars(progress)) + "\n")

    return report


@contextmanager
def reported(path: str | None) -> Iterator[Report]:
    """The report of a sweep under ASV: to the file at *path*, if there is a path, and as lines, so
    that ASV does not take a long sweep for a dead one."""
    lines = _lines(sys.stdout)
    file = to_file(Path(path)) if path else None

    def report(progress: Progress) -> None:
        lines(progress)
        if file:
            file(progress)

    yield report
