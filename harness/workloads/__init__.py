"""The workloads, looked up by name; a new one is one file and one row here."""

from __future__ import annotations

from harness.errors import UnknownNameError
from harness.workloads.base import Workload
from harness.workloads.empty_task import EmptyTask
from harness.workloads.random_sum import RandomSum, RandomSumAsWritten

WORKLOADS: dict[str, type[Workload]] = {
    workload.name: workload for workload in (RandomSum, RandomSumAsWritten, EmptyTask)
}


def make_workload(name: str, size: int) -> Workload:
    """The workload *name* of *size* elements.

    Raises
    ------
    UnknownNameError
        With the names that exist.
    """
    if name not in WORKLOADS:
        raise UnknownNameError("workload", name, list(WORKLOADS))
    return WORKLOADS[name](size)
