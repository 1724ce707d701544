"""The workloads, looked up by name; a new one is one file and one row here.

Third parties add theirs under the entry-point group ``chunkbench.workloads``.
"""

from __future__ import annotations

from harness.core.errors import UsageError
from harness.core.registry import Registry
from harness.running.workloads import kept_works, users_work, worked
from harness.running.workloads.base import Workload

OURS = {
    "random-sum": "random_sum:RandomSum",
    "random-sum-as-written": "random_sum:RandomSumAsWritten",
    "empty-task": "empty_task:EmptyTask",
    "random-reduction": "random_reduction:RandomReduction",
    "bag-map": "bag:BagMap",
    "bag-filter": "bag:BagFilter",
    "bag-fold": "bag:BagFold",
    "bag-groupby": "bag:BagGroupby",
    "futures": "futures:Futures",
    "futures-map": "futures:FuturesMap",
    "futures-delayed": "futures:FuturesDelayed",
    "futures-increment": "futures:FuturesIncrement",
    "counter-actor": "counter_actor:CounterActor",
    "blas-product": "blas_product:BlasProduct",
    "spin-task": "spin_task:SpinTask",
    "spin-task-nogil": "spin_task:SpinTaskNoGil",
    "spin-stencil": "spin_stencil:SpinStencil",
    "one-compute": "good_practice:OneCompute",
    "many-computes": "good_practice:ManyComputes",
    "persisted": "good_practice:Persisted",
    "recomputed": "good_practice:Recomputed",
    "made-in-workers": "good_practice:MadeInWorkers",
    "passed-in-graph": "good_practice:PassedInGraph",
    "small-graph": "good_practice:SmallGraph",
    "huge-graph": "good_practice:HugeGraph",
    "reduced-on-workers": "good_practice:ReducedOnWorkers",
    "moved-to-client": "good_practice:MovedToClient",
    "startup": "startup:Startup",
    "io-wait": "io_wait:IoWait",
    "frame-groupby": "frame_groupby:FrameGroupby",
    "small-value": "vendor_loops:SmallValue",
    "small-value-one-by-one": "vendor_loops:SmallValueOneByOne",
    "ones-sum": "vendor_loops:OnesSum",
    **worked.OURS,
}
"""Name to ``file:Class`` of the workloads in this folder."""

GROUP = "chunkbench.workloads"
REGISTRY = Registry(
    "workload", GROUP, {name: f"{__name__}.{place}" for name, place in OURS.items()}
)


def workload_class(name: str) -> type[Workload]:
    """The class of workload *name*.

    Raises
    ------
    UnknownNameError
        With the names that exist.
    UsageError
        For a work of a user's own that is not measured now.
    """
    if spec := kept_works.kept(name):
        return users_work.MappedWork if spec.items else users_work.WholeWork
    if ":" in name and name not in REGISTRY.names():
        raise UsageError(
            f"{name} is a work of a user's own, known while chunkbench try measures it: tables, "
            "figures and compare read its journal"
        )
    workload: type[Workload] = REGISTRY.lookup(name)
    return workload


def least_rounds(name: str) -> int:
    """:attr:`Workload.least_rounds` of workload *name*; 0 for one that is not registered."""
    return workload_class(name).least_rounds if name in REGISTRY.names() else 0


def make_workload(name: str, size: int) -> Workload:
    """The workload *name* of *size* elements.

    Raises
    ------
    UnknownNameError
        With the names that exist.
    UsageError
        For a work of a user's own that is not measured now.
    """
    if spec := kept_works.kept(name):
        made = users_work.MappedWork if spec.items else users_work.WholeWork
        return made(spec, size)
    return workload_class(name)(size)


WORKLOADS = {name: workload_class(name) for name in OURS}
"""Our own, imported here and not when they are first used: that may be in a start-up that is
timed."""
