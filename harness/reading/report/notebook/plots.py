"""The figures by name, each returned for one run, never shown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice

from matplotlib.figure import Figure

from harness.core.errors import InputError, UsageError
from harness.reading.report.analysed import Analysed
from harness.reading.report.figures import KINDS

_MOST_NAMED = 12


@dataclass(frozen=True, repr=False)
class Plots:
    """A method for each figure, which returns a matplotlib figure that belongs to no window.

    *workload* and *run* choose where several could be drawn: runs are never pooled silently. Each
    raises :class:`~harness.core.errors.InputError` where nothing of the kind was measured, and
    :class:`~harness.core.errors.UsageError` where there are several and none is chosen.
    """

    _judged: Analysed

    def time_vs_chunk(self, workload: str | None = None, run: str | None = None) -> Figure:
        """Run time against chunk size, a line for each executor set-up."""
        return self._one("run-time", workload, run)

    def speed_up(self, workload: str | None = None, run: str | None = None) -> Figure:
        """Speed-up over chunk sizes and workers, with the verdict in each cell."""
        return self._one("speed-up", workload, run)

    def pins(self, workload: str | None = None, run: str | None = None) -> Figure:
        """Run time under each limit on native threads."""
        return self._one("pins", workload, run)

    def actor_latency(self, run: str | None = None) -> Figure:
        """Time of a call of an actor against calls in flight."""
        return self._one("actor-latency", None, run)

    def task_grain(self, run: str | None = None) -> Figure:
        """Efficiency against the work in a task."""
        return self._one("task-grain", None, run)

    def work_of_an_item(self, workload: str | None = None, run: str | None = None) -> Figure:
        """Speed-up against the work of an item, one by one and at the best chunk; *workload* is the
        family's name."""
        return self._one("work-of-an-item", workload, run)

    def practices(self, run: str | None = None) -> Figure:
        """Good practices, each against its opposite."""
        return self._one("practices", None, run)

    def start_up(self, run: str | None = None) -> Figure:
        """What bringing each engine up costs."""
        return self._one("start-up", None, run)

    def waterfall(self, workload: str | None = None, run: str | None = None) -> Figure:
        """Where the time of a case goes, part by part."""
        return self._one("waterfall", workload, run)

    def residuals(self, workload: str | None = None, run: str | None = None) -> Figure:
        """What the overhead model misses, chunk by chunk."""
        return self._one("residuals", workload, run)

    def forecast(self, run: str | None = None) -> Figure:
        """METG over workers: forecasts beside published figures."""
        return self._one("forecast", None, run)

    def time_budget(self, workload: str | None = None, run: str | None = None) -> Figure:
        """What the workers' time was spent on, in traced calls."""
        return self._one("time-budget", workload, run)

    def unpaired(self, workload: str | None = None, run: str | None = None) -> Figure:
        """Timings that others took, against chunk or workers: ``mean-by-chunk``."""
        return self._one("unpaired", workload, run)

    def _one(self, kind: str, workload: str | None, run: str | None) -> Figure:
        cases, contrasts = self._judged.cases, self._judged.contrasts
        for name, value in (("workload", workload), ("run", run)):
            if value is not None:
                cases, contrasts = (
                    frame[frame[name].eq(value).fillna(False).astype(bool)]
                    for frame in (cases, contrasts)
                )
        chosen = replace(self._judged, cases=cases, contrasts=contrasts)
        asked_for = (
            figure
            for figure in KINDS[kind](chosen)
            if workload in (None, figure.what) and run in (None, figure.run)
        )
        planned = list(islice(asked_for, _MOST_NAMED))
        if not planned:
            asked = [value for value in (workload, run) if value is not None]
            of = f" of {' in '.join(asked)}" if asked else ""
            raise InputError(
                f"nothing to draw as {kind}{of}: chunkbench tables lists what there is"
            )
        if len(planned) > 1:
            names = "; ".join(f"{figure.what} in {figure.run}" for figure in planned)
            raise UsageError(f"several can be drawn as {kind}, choose a workload or run: {names}")
        return planned[0].figure
