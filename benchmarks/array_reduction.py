"""The lesson's array example: from how many chunks on does it pay?"""

from harness.suite import _Suite, _sweep

CHUNKS = tuple(5 * side * side for side in (100, 200, 500, 1_000, 2_500, 5_000))


class ArrayReduction(_Suite):
    """Reduce a random array of shape (N, N, 10) over two axes, in chunks of shape (a, a, 5)."""

    workload = "random-reduction"
    share = 0.085
    smoke_executors = ("dask-distributed-threads",)
    axes = {
        "executor": (
            "numpy",
            "serial-replay",
            "dask-threads",
            "dask-distributed-threads",
            "dask-distributed-processes",
            "ray-tasks",
        ),
        "workers": (1, "cores"),
        "pin": ("1",),
        "chunk": CHUNKS,
    }


def setup_cache():
    return _sweep(__name__)
