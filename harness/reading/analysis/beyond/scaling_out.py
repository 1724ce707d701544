"""Say which central scheduler an executor had in a run, if any: only such a one scales out."""

from __future__ import annotations

from harness.core.central_schedulers import DASK_DISTRIBUTED, SETTING
from harness.core.records import RunInfo

ON_ONE_MACHINE = frozenset(
    {
        "thread-pool",
        "process-pool",
        "dask-synchronous",
        "dask-threads",
        "dask-processes",
        "dask-distributed-threads",
    }
)
"""Executors without a central scheduler in journals whose run line does not say so. Today's run
lines do, so no name is ever added here."""


def central_scheduler(executor: str, run: RunInfo | None) -> str | None:
    """Return the name of the scheduler that handed out the tasks of *executor* in *run*.

    ``None`` where its workers share one machine, or where calls pass the scheduler by.
    """
    by_executor = run.settings.get(SETTING) if run is not None else None
    if isinstance(by_executor, dict) and executor in by_executor:
        scheduler = by_executor[executor]
        return None if scheduler is None else str(scheduler)
    return _by_name(executor)


def _by_name(executor: str) -> str | None:
    """Tell the scheduler from the executor's name, for journals that do not name it."""
    if executor in ON_ONE_MACHINE or executor.endswith("-actors"):
        return None
    return DASK_DISTRIBUTED if executor.startswith("dask-") else executor
