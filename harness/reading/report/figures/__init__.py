"""Every figure for which there is data: drawn, described in words, and written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from harness.core.errors import InputError
from harness.reading.report.analysed import Analysed
from harness.reading.report.figures import (
    actors,
    forecast,
    grain,
    heat,
    pins,
    practices,
    residuals,
    run_time,
    start_up,
    time_budget,
    waterfall,
)
from harness.reading.report.figures.base import Drawn, Saved, save, slug

KINDS: dict[str, Callable[[Analysed], Iterator[Drawn]]] = {
    "run-time": run_time.drawn,
    "speed-up": heat.drawn,
    "pins": pins.drawn,
    "actor-latency": actors.drawn,
    "task-grain": grain.drawn,
    "practices": practices.drawn,
    "start-up": start_up.drawn,
    "waterfall": waterfall.drawn,
    "residuals": residuals.drawn,
    "forecast": forecast.drawn,
    "time-budget": time_budget.drawn,
}
"""Name of the kind, as in the file's name, to what draws it."""


def save_all(
    found: Analysed, folder: Path, *, endings: Sequence[str] = (".png", ".svg")
) -> list[Saved]:
    """Draw all that *found* has data for, each in *folder* in every format of *endings*.

    Raises
    ------
    InputError
        Where there is nothing to draw.
    """
    saved = [
        save(one, folder / f"{slug(one.run)}-{slug(one.what)}-{kind}{end}")
        for kind, draw in KINDS.items()
        for one in draw(found)
        for end in endings
    ]
    if not saved:
        raise InputError(
            "nothing to draw: no run has more than one chunk size, worker count, pin, "
            "practice, start-up or trace: measure with settle, run or trace"
        )
    return saved
