"""Time the user's own work for ``advise``: a few chunk sizes one after the other, several copies
at once, and what the engine costs; the whole on the engine only to check a forecast."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psutil

from harness.core.errors import Interrupted
from harness.core.progress_step import Step
from harness.running.measure.own.own_calls import OwnCalls
from harness.running.measure.own.own_processes import OwnProcesses, Patience
from harness.running.measure.own.own_records import Cut, Rounds, Sample
from harness.running.measure.own.own_rounds import Parts, RoundTimer
from harness.running.measure.process import probes
from harness.running.measure.process.scratch_parent import scratch_parent
from harness.running.measure.process.supervision import supervised


class OwnWork:
    """The user's work in processes of its own; made by :func:`opened`.

    Attributes
    ----------
    takes : str or None
        What the function calls the argument that says how its work is cut.
    stored : list of StoredVariable
        What lies in storage of the array that it works on.
    patience : Patience
        How long its calls are waited for.
    """

    def __init__(self, processes: OwnProcesses) -> None:
        self._processes, self.patience = processes, processes.patience
        self._bare, self.takes, self.stored = processes.bare, processes.takes, processes.stored
        self._calls = OwnCalls(processes)
        self._base_bytes = psutil.Process(self._bare.process.pid).memory_info().rss
        self._order = random.Random(0)

    def survey(self, spec: Any) -> Cut:
        """What the work consists of when it is cut as *spec* says."""
        reply = self._processes.ask(self._bare, "survey", spec=spec)
        return Cut(spec=spec, **{name: reply[name] for name in Cut.model_fields if name != "spec"})

    def warm_up(self, engines: Sequence[int], ways: Sequence[str]) -> dict[str, float]:
        """Bring up the engines with so many workers, and call the user's own serial way once with
        the native threads of each of *ways*; the seconds of these calls."""
        self._calls.warm_up(engines)
        return {pin: self._calls.own_way_seconds(pin) for pin in ways}

    def sample(self, cut: Cut, run_seconds: float, look_seconds: float) -> Sample:
        """Run a whole cut where *look_seconds* allow it; later runs are of its first tasks, which
        take about *run_seconds*, at least one."""
        tree = probes.Tree(self._bare.process.pid)
        tree.forget_peak()
        reply = self._processes.ask(
            self._bare,
            "sample",
            spec=cut.spec,
            run_seconds=run_seconds,
            look_seconds=look_seconds,
        )
        peak = tree.usage().peak_rss_bytes
        self._calls.sampled_tasks[repr(cut.spec)] = reply["tasks"]
        over = reply["serial_seconds"] / max(reply["seconds"], 1e-9)
        self._calls.whole_over_sampled[repr(cut.spec)] = over
        return Sample(
            tasks=reply["tasks"],
            seconds=reply["seconds"],
            serial_seconds=reply["serial_seconds"],
            gather_seconds=reply["gather_seconds"],
            unseen_tasks=reply["unseen_tasks"],
            peak_bytes=None if peak is None else peak - self._base_bytes,
        )

    def rounds(self, parts: Parts, rounds: int, until: float, step: Step) -> Rounds:
        """Time all parts in every round, in random order, each beside a serial run of the
        reference, so that a machine that gets slower changes no ratio.

        Parameters
        ----------
        parts : Parts
        rounds : int
            Fewer are run where these take long.
        until : float
            A moment of ``monotonic`` by which they should be done.
        step : Step
            Is told how far they are.
        """
        return RoundTimer(self._calls, parts, self._order, step).run(rounds, until)


@contextmanager
def opened(
    work: Mapping[str, Any], executor: str, cores: float, patience: Patience
) -> Iterator[OwnWork]:
    """Processes that have loaded *work*
    (:meth:`harness.running.measure.own.own_child.OwnChild.load`), ended with all that they
    started, also when this process is killed.

    Raises
    ------
    UsageError
        Where the function is not there, or not what it should be.
    MeasureError
        Where it raises, or its process dies.
    Interrupted
        On Ctrl-C, SIGTERM or SIGHUP.
    """
    try:
        with supervised(parent=scratch_parent([executor]).path) as reaper:
            processes = OwnProcesses(work, executor, cores, reaper.scratch, reaper, patience)
            try:
                yield OwnWork(processes)
            finally:
                processes.close()
    except KeyboardInterrupt:
        raise Interrupted("stopped: nothing is kept") from None
