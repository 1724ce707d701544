"""IPython Parallel: a controller and engines on this machine, and a view that balances the load."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

from harness.core.extras import installing
from harness.core.records import Status
from harness.running.executors.base import Executor
from harness.running.executors.built_call import Layout
from harness.running.executors.options import LOOPBACK
from harness.running.executors.program import Program
from harness.running.workloads.base import Task, Workload

START_SECONDS = 90
"""How long the engines may take to come up."""
_MAPPED = "list(view.map_sync(KERNEL, *zip(*tasks)))"


class IPythonParallel(Executor):
    """Runs ``view.map_sync`` on a view that balances the load, one task in a message.

    The controller is five processes: a hub, and a scheduler each for what it may be asked. Engines
    are Python's own processes with an IPython in each. Messages are signed by a key that stands in
    a file of this user, so that no other user's are obeyed.
    """

    name = "ipyparallel"
    kind = "cluster"
    needs = ("ipyparallel",)
    packages = ("ipyparallel",)
    install = installing("ipyparallel")
    in_suites = False
    ways: ClassVar[Mapping[str, str]] = {"tasks": "map", "map": "map", "submit": "submit"}
    program = Program(
        {
            **dict.fromkeys(("tasks", "map"), _MAPPED),
            "submit": "[sent.get() for sent in [view.apply_async(KERNEL, *t) for t in tasks]]",
        },
        imports=("import ipyparallel",),
        handle="view",
        opening="with ipyparallel.Cluster(n=WORKERS) as client:",
        start="view = client.load_balanced_view()",
    )

    @classmethod
    def environment(cls, scratch: Path, pins: dict[str, str]) -> dict[str, str]:
        return {"IPYTHONDIR": str(scratch / "ipython")}

    def start(self) -> Layout:
        import ipyparallel  # noqa: PLC0415

        self.cluster = ipyparallel.Cluster(
            n=self.workers,
            controller_ip=LOOPBACK,
            profile_dir=str(self.scratch / "ipython" / "profile"),
            engine_timeout=START_SECONDS,
            log_level=logging.ERROR,
        )
        self.client = self.cluster.start_and_connect_sync()
        self.view = self.client.load_balanced_view()
        return Layout(self.workers, 1, {"chunksize": 1})

    def stop(self) -> None:
        self.client.close()
        self.cluster.stop_cluster_sync()

    def map(self, function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        return list(self.view.map_sync(function, *zip(*tasks, strict=True)))

    def submit(self, function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        """Call ``view.apply_async`` for each task, then wait for each result."""
        return [made.get() for made in [self.view.apply_async(function, *task) for task in tasks]]

    def cause(self, error: BaseException) -> BaseException:
        """Return an error of the name and the text that came back: the engine keeps the other."""
        name, text = _told(error)
        return error if name is None else type(name, (Exception,), {})(text)

    def status_of(self, error: BaseException) -> Status:
        out = _told(error)[0] == MemoryError.__name__
        return Status.OUT_OF_MEMORY if out else super().status_of(error)

    def unmeasured_parts(self, workload: Workload) -> dict[str, str]:
        return super().unmeasured_parts(workload) | {"optimise": "no graph"}


def _told(error: BaseException) -> tuple[str | None, str]:
    """The name and the text of what a task raised, of the first where several did."""
    first = next(iter(getattr(error, "elist", ())), None)  # several tasks failed
    if first is not None:
        return str(first[0]), str(first[1])
    name = getattr(error, "ename", None)
    return (None, "") if name is None else (str(name), str(getattr(error, "evalue", "")))
