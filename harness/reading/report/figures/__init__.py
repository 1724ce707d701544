"""Draw every figure for which there is data, describe it in words, and write it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from harness.core.errors import InputError
from harness.reading.report.analysed import Analysed
from harness.reading.report.figures import (
    actors,
    budget_bars,
    engine_starts,
    grain,
    heat,
    metg_forecast,
    pin_times,
    practices,
    residuals,
    run_time,
    waterfall,
)
from harness.reading.report.figures.saving import Drawn, Saved, save, slug

KINDS: dict[str, Callable[[Analysed], Iterator[Drawn]]] = {
    "run-time": run_time.drawn,
    "speed-up": heat.drawn,
    "pins": pin_times.drawn,
    "actor-latency": actors.drawn,
    "task-grain": grain.drawn,
    "practices": practices.drawn,
    "start-up": engine_starts.drawn,
    "waterfall": waterfall.drawn,
    "residuals": residuals.drawn,
    "forecast": metg_forecast.drawn,
    "time-budget": budget_bars.drawn,
}
"""Name of a kind of figure, as in the file's name, to the function that draws it."""


def save_all(
    results: Analysed, folder: Path, *, endings: Sequence[str] = (".png", ".svg")
) -> list[Saved]:
    """Write every figure that *results* has data for to *folder*, in each format of *endings*.

    Raises
    ------
    InputError
        Where there is nothing to draw.
    """
    saved = [
        save(drawn, folder / f"{slug(drawn.run)}-{slug(drawn.what)}-{kind}{end}")
        for kind, draw in KINDS.items()
        for drawn in draw(results)
        for end in endings
    ]
    if not saved:
        raise InputError(
            "nothing to draw: no run has more than one chunk size, worker count, pin, "
            "practice, start-up or trace: measure with settle, run or trace"
        )
    return saved
