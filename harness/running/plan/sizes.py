"""How large each workload is under each profile."""

from __future__ import annotations

from collections.abc import Mapping

Sizes = Mapping[str, tuple[int, ...]]
"""Workload to its size; where there are several, the first that the machine's memory allows."""

FAMILIES = {
    "random-sum": ("random-sum", "random-sum-as-written"),
    "empty-task": ("empty-task",),
    "random-reduction": ("random-reduction",),
    "bag": ("bag-map", "bag-filter", "bag-fold", "bag-groupby"),
    "futures": ("futures", "futures-map", "futures-delayed", "futures-increment"),
    "counter-actor": ("counter-actor",),
    "blas-product": ("blas-product",),
    "spin-task": ("spin-task", "spin-task-nogil"),
    "spin-stencil": ("spin-stencil",),
    "practices": (
        "one-compute",
        "many-computes",
        "persisted",
        "recomputed",
        "made-in-workers",
        "passed-in-graph",
        "small-graph",
        "huge-graph",
        "reduced-on-workers",
        "moved-to-client",
    ),
    "startup": ("startup",),
    "vendor-loops": ("small-value", "small-value-one-by-one", "ones-sum"),
}
"""Workloads that are to be compared with one another have the same size."""


def cube(side: int) -> int:
    """Elements of the array reduction's array of shape (side, side, 10)."""
    return 10 * side * side


def _spread(sizes: Mapping[str, int | tuple[int, ...]]) -> Sizes:
    return {
        name: (size,) if isinstance(size, int) else size
        for family, size in sizes.items()
        for name in FAMILIES[family]
    }


SMOKE = _spread(
    {
        "random-sum": 200_000,
        "empty-task": 100,
        "random-reduction": cube(200),
        "bag": 1_000,
        "futures": 100,
        "counter-actor": 50,
        "blas-product": 256**2,
        "spin-task": 2_000,
        "spin-stencil": 2_000,
        "practices": 20_000,
        "startup": 1,
        "vendor-loops": 100,
    }
)
LAPTOP = _spread(
    {
        "random-sum": 10_000_000,
        "empty-task": 400,
        "random-reduction": cube(400),
        "bag": 10_000,
        "futures": 100,
        "counter-actor": 200,
        "blas-product": 1_024**2,
        "spin-task": 20_000,
        "spin-stencil": 20_000,
        "practices": 400_000,
        "startup": 1,
        "vendor-loops": 1_000,
    }
)
NIGHTLY = _spread(
    {
        "random-sum": 10_000_000,
        "empty-task": 10_000,
        "random-reduction": (cube(10_000), cube(5_000), cube(2_000)),
        "bag": 1_000_000,
        "futures": 10_000,
        "counter-actor": 10_000,
        "blas-product": 8_192**2,
        "spin-task": 10_000_000,
        "spin-stencil": 10_000_000,
        "practices": 100_000_000,
        "startup": 1,
        "vendor-loops": 1_000,
    }
)
