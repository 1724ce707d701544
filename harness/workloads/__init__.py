"""The workloads, looked up by name; a new one is one file and one row here."""

from __future__ import annotations

from harness.errors import UnknownNameError
from harness.workloads.bag import BagFilter, BagFold, BagGroupby, BagMap
from harness.workloads.base import Workload
from harness.workloads.blas_product import BlasProduct
from harness.workloads.counter_actor import CounterActor
from harness.workloads.empty_task import EmptyTask
from harness.workloads.futures import Futures, FuturesDelayed, FuturesIncrement, FuturesMap
from harness.workloads.good_practice import PRACTICES
from harness.workloads.random_reduction import RandomReduction
from harness.workloads.random_sum import RandomSum, RandomSumAsWritten
from harness.workloads.spin_stencil import SpinStencil
from harness.workloads.spin_task import SpinTask, SpinTaskNoGil
from harness.workloads.start_up import StartUp
from harness.workloads.vendor_loops import OnesSum, SmallValue, SmallValueOneByOne

WORKLOADS: dict[str, type[Workload]] = {
    workload.name: workload
    for workload in (
        RandomSum, RandomSumAsWritten, EmptyTask, RandomReduction, BagMap, BagFilter, BagFold,
        BagGroupby, Futures, FuturesMap, FuturesDelayed, FuturesIncrement, CounterActor,
        BlasProduct, SpinTask, SpinTaskNoGil, SpinStencil, *PRACTICES, StartUp, SmallValue,
        SmallValueOneByOne, OnesSum,
    )
}  # fmt: skip


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
