"""Show the answer of the exercise while it is measured: a table on a terminal, else lines."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from harness.reading.report.exercise.answer_record import WIDTH, Answer
from harness.reading.report.exercise.newly_decided import NewlyDecided
from harness.running.measure.sweep.progress import Above, Report, shown


@contextmanager
def live_answer() -> Iterator[tuple[Report, Callable[[Answer], None]]]:
    """What to tell of progress, and what to give the answer so far; both write to stderr."""
    above, news = Above(), NewlyDecided()

    def so_far(answer: Answer) -> None:
        if above.width is not None:
            above.text = answer.text_so_far(min(WIDTH, above.width)).rstrip("\n")
            return
        for line in news(answer):
            print(f"so far: {line}", file=sys.stderr, flush=True)

    with shown(above=above) as report:
        yield report, so_far


def fitting() -> int:
    """How wide the answer may be on stdout: as the terminal, or as wide as it likes."""
    if not sys.stdout.isatty():
        return WIDTH
    return min(WIDTH, shutil.get_terminal_size().columns)
