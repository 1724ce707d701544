"""Executors that run each task in a process of its own."""

from __future__ import annotations

from collections.abc import Sequence

from harness.core.records import Status, WorkerProbe
from harness.running.executors.base import Executor
from harness.running.executors.built_call import Layout
from harness.running.executors.tracebacks import raised_in
from harness.running.host.pins import probe_worker
from harness.running.workloads.base import Workload


class FreshProcesses(Executor):
    """Starts a Python for each task, which ends with it: what a task raises is a text in a file."""

    kind = "local processes"
    fresh_processes = True
    in_suites = False
    plain_pickle = True

    def probe(self, layout: Layout, workloads: Sequence[Workload]) -> list[WorkerProbe]:
        """As many processes as run at a time: all come from the same environment."""
        probes: list[WorkerProbe] = self.map(probe_worker, [(0.0, False)] * layout.processes)
        return probes

    def cause(self, error: BaseException) -> BaseException:
        return raised_in(str(error)) or error

    def status_of(self, error: BaseException) -> Status:
        return super().status_of(self.cause(error))

    def unmeasured_parts(self, workload: Workload) -> dict[str, str]:
        return super().unmeasured_parts(workload) | {"optimise": "no graph"}
