"""chunkbench: where does scheduler overhead exceed the gain of going parallel?

In a notebook::

    import harness

    r = harness.read_results("results")
    r.cases                                    # a pandas frame; so are r.break_even, r.metg, ...
    r.only(workload="random-sum").plot.time_vs_chunk()
    harness.advise("mywork:mean", check=True)  # which chunks for one's own work?
    harness.run(harness.work(task, items=inputs))  # is one's own loop faster on some engine?
    print(harness.settle(Path("results")))     # many small chunks, few large ones, or NumPy?

What is named here is imported when it is first used, so that ``import harness`` stays cheap.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.apps.advice import advise
    from harness.apps.exercise import settle
    from harness.apps.own_sweep import run
    from harness.reading.report.job_listing import read_jobs
    from harness.reading.report.notebook.measured import read_results
    from harness.running.executors.base import Executor
    from harness.running.executors.built_call import BuiltCall, Layout
    from harness.running.executors.program import Program
    from harness.running.workloads.base import ActorWorkload, Task, Workload
    from harness.running.workloads.given_work import work
    from harness.running.workloads.same_answers import close, equal

__version__ = "0.1.0"
__all__ = [
    "ActorWorkload",
    "BuiltCall",
    "Executor",
    "Layout",
    "Program",
    "Task",
    "Workload",
    "__version__",
    "advise",
    "close",
    "equal",
    "read_jobs",
    "read_results",
    "run",
    "settle",
    "work",
]

_HOMES = {
    "ActorWorkload": "harness.running.workloads.base",
    "BuiltCall": "harness.running.executors.built_call",
    "Executor": "harness.running.executors.base",
    "Layout": "harness.running.executors.built_call",
    "Program": "harness.running.executors.program",
    "Task": "harness.running.workloads.base",
    "Workload": "harness.running.workloads.base",
    "advise": "harness.apps.advice",
    "close": "harness.running.workloads.same_answers",
    "equal": "harness.running.workloads.same_answers",
    "read_jobs": "harness.reading.report.job_listing",
    "read_results": "harness.reading.report.notebook.measured",
    "run": "harness.apps.own_sweep",
    "settle": "harness.apps.exercise",
    "work": "harness.running.workloads.given_work",
}
"""Public name to the module that defines it."""


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
