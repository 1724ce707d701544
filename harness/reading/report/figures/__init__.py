"""Draw every figure for which there is data, describe it in words, and write it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from harness.core.errors import InputError
from harness.core.progress_step import Step, unsaid
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
    unpaired_times,
    waterfall,
    work_curves,
)
from harness.reading.report.figures.saving import Planned, Saved, save_as, slug
from harness.reading.report.in_processes import shared_out
from harness.reading.report.made_from import made_from
from harness.reading.report.manifest import Outputs

KINDS: dict[str, Callable[[Analysed], Iterator[Planned]]] = {
    "run-time": run_time.planned,
    "speed-up": heat.planned,
    "pins": pin_times.planned,
    "actor-latency": actors.planned,
    "task-grain": grain.planned,
    "work-of-an-item": work_curves.planned,
    "practices": practices.planned,
    "start-up": engine_starts.planned,
    "waterfall": waterfall.planned,
    "residuals": residuals.planned,
    "forecast": metg_forecast.planned,
    "time-budget": budget_bars.planned,
    "unpaired": unpaired_times.planned,
}
"""Name of a kind of figure, as in the file's name, to the function that plans them."""


class _Task(NamedTuple):
    """A figure to be drawn, the files that it is written to, and the digest of what it shows."""

    plan: Planned
    paths: tuple[Path, ...]
    source: str


class Drawing(NamedTuple):
    """Figures that are being drawn: their files, and what waits until all are there."""

    files: list[Saved]
    finish: Callable[[], None]


def save_all(
    results: Analysed, folder: Path, *, endings: Sequence[str] = (".png", ".svg"), **options: Any
) -> list[Saved]:
    """Write every figure that *results* has data for to *folder*, in each format of *endings*.

    The other *options* are those of :func:`drawing`, and so is the error.
    """
    with drawing(results, folder, endings=endings, **options) as begun:
        begun.finish()
        return begun.files


@contextmanager
def drawing(
    results: Analysed,
    folder: Path,
    *,
    endings: Sequence[str],
    processes: int = 1,
    outputs: Outputs | None = None,
    step: Step = unsaid,
) -> Iterator[Drawing]:
    """Begin to draw every figure that *results* has data for, while the block does something else.

    Parameters
    ----------
    results : Analysed
    folder : Path
        Where the files are written.
    endings : sequence of str
        Formats, of :data:`harness.reading.report.figures.saving.ENDINGS`.
    processes : int
        Draw in at most so many at once. More than one is for programs that may be started anew: a
        script without ``if __name__ == "__main__"`` would run again in each.
    outputs : Outputs, optional
        Knows what is there already: figures whose data have not changed are not drawn. By default
        all are. The names in it begin with the name of *folder* below its own.
    step : callable, optional
        Is told of each figure.

    Raises
    ------
    InputError
        Where there is nothing to draw.
    """
    planned = {
        f"{slug(plan.run)}-{slug(plan.what)}-{kind}": plan
        for kind, plans in KINDS.items()
        for plan in plans(results)
    }
    if not planned:
        raise InputError(
            "nothing to draw: no run has more than one chunk size, worker count, pin, "
            "practice, start-up or trace: measure with settle, run or trace"
        )
    files = [
        Saved(folder / f"{stem}{end}", plan.alt)
        for stem, plan in planned.items()
        for end in endings
    ]
    tasks = []
    for stem, plan in planned.items():
        source = made_from(*vars(plan).values())
        paths = (folder / f"{stem}{end}" for end in endings)
        stale = tuple(path for path in paths if not _kept(outputs, path, source))
        if stale:
            tasks.append(_Task(plan, stale, source))
    with shared_out(_draw, tasks, processes) as drawn:

        def finish() -> None:
            for done, (task, _) in enumerate(drawn, len(planned) - len(tasks) + 1):
                if outputs is not None:
                    outputs.made(task.source, *(_name(outputs, path) for path in task.paths))
                step("figures", done, len(planned))

        yield Drawing(files, finish)


def _draw(task: _Task) -> None:
    save_as(task.plan.drawn(), task.paths)


def _kept(outputs: Outputs | None, path: Path, source: str) -> bool:
    return outputs is not None and outputs.kept(source, _name(outputs, path))


def _name(outputs: Outputs, path: Path) -> str:
    return path.relative_to(outputs.folder).as_posix()
