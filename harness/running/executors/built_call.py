"""What an executor's start and build give: the layout of its workers, and a call ready to run."""

from __future__ import annotations

from typing import Any, NamedTuple

from harness.running.workloads.base import Task, Workload


class Layout(NamedTuple):
    """How ``workers`` is split into processes and threads, and the engine settings that matter."""

    processes: int
    threads_per_process: int
    settings: dict[str, object]


class BuiltCall(NamedTuple):
    """One call of a workload, ready to run.

    Attributes
    ----------
    workload : Workload
    chunk : int
        Elements a task.
    tasks : list of Task
        Arguments of the workload's kernel, one tuple a task; empty where ``graph`` says it all.
    graph : object
        The same call in the engine's own form, or the actors that it talks to; ``None`` where the
        engine has no form of its own.
    """

    workload: Workload
    chunk: int
    tasks: list[Task]
    graph: Any = None
