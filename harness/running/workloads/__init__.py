"""The workloads, looked up by name; a new one is one file and one row here."""

from __future__ import annotations

from harness.core.errors import UnknownNameError
from harness.running.workloads.bag import BagFilter, BagFold, BagGroupby, BagMap
from harness.running.workloads.base import Workload
from harness.running.workloads.blas_product import BlasProduct
from harness.running.workloads.counter_actor import CounterActor
from harness.running.workloads.empty_task import EmptyTask
from harness.running.workloads.futures import Futures, FuturesDelayed, FuturesIncrement, FuturesMap
from harness.running.workloads.good_practice import PRACTICES
from harness.running.workloads.random_reduction import RandomReduction
from harness.running.workloads.random_sum import RandomSum, RandomSumAsWritten
from harness.running.workloads.spin_stencil import SpinStencil
from harness.running.workloads.spin_task import SpinTask, SpinTaskNoGil
from harness.running.workloads.startup import StartUp
from harness.running.workloads.vendor_loops import OnesSum, SmallValue, SmallValueOneByOne

WORKLOADS: dict[str, type[Workload]] = {
    workload.name: workload
    for workload in (
        RandomSum,
        RandomSumAsWritten,
        EmptyTask,
        RandomReduction,
        BagMap,
        BagFilter,
        BagFold,
        BagGroupby,
        Futures,
        FuturesMap,
        FuturesDelayed,
        FuturesIncrement,
        CounterActor,
        BlasProduct,
        SpinTask,
        SpinTaskNoGil,
        SpinStencil,
        *PRACTICES,
        StartUp,
        SmallValue,
        SmallValueOneByOne,
        OnesSum,
    )
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
