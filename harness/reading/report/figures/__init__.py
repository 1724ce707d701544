"""Draw every figure for which there is data, describe it in words, and write it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

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
    waterfall,
)
from harness.reading.report.figures.saving import Planned, Saved, save_as, slug
from harness.reading.report.in_processes import each_done
from harness.reading.report.made_from import made_from
from harness.reading.report.manifest import Outputs

KINDS: dict[str, Callable[[Analysed], Iterator[Planned]]] = {
    "run-time": run_time.planned,
    "speed-up": heat.planned,
    "pins": pin_times.planned,
    "actor-latency": actors.planned,
    "task-grain": grain.planned,
    "practices": practices.planned,
    "start-up": engine_starts.planned,
    "waterfall": waterfall.planned,
    "residuals": residuals.planned,
    "forecast": metg_forecast.planned,
    "time-budget": budget_bars.planned,
}
"""Name of a kind of figure, as in the file's name, to the function that plans them."""


class _Task(NamedTuple):
    """A figure to be drawn, and the files that it is written to."""

    plan: Planned
    paths: tuple[Path, ...]


def save_all(
    results: Analysed,
    folder: Path,
    *,
    endings: Sequence[str] = (".png", ".svg"),
    processes: int = 1,
    outputs: Outputs | None = None,
    step: Step = unsaid,
) -> list[Saved]:
    """Write every figure that *results* has data for to *folder*, in each format of *endings*.

    Parameters
    ----------
    results : Analysed
    folder : Path
    endings : sequence of str
        Of :data:`harness.reading.report.figures.saving.ENDINGS`.
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
    paths = {stem: [folder / f"{stem}{end}" for end in endings] for stem in planned}
    sources = {stem: made_from(*vars(plan).values()) for stem, plan in planned.items()}
    todo = {
        stem: _Task(planned[stem], stale)
        for stem in planned
        if (stale := tuple(path for path in paths[stem] if not _kept(outputs, path, sources[stem])))
    }
    tasks = {id(task): stem for stem, task in todo.items()}
    of = len(planned)
    for done, (task, _) in enumerate(
        each_done(_draw, list(todo.values()), processes), of - len(todo) + 1
    ):
        if outputs is not None:
            for path in task.paths:
                outputs.made(sources[tasks[id(task)]], _name(outputs, path))
        step("figures", done, of)
    return [Saved(path, planned[stem].alt) for stem in planned for path in paths[stem]]


def _draw(task: _Task) -> None:
    save_as(task.plan.drawn(), task.paths)


def _kept(outputs: Outputs | None, path: Path, source: str) -> bool:
    return outputs is not None and outputs.kept(source, _name(outputs, path))


def _name(outputs: Outputs, path: Path) -> str:
    return path.relative_to(outputs.folder).as_posix()
