"""Many small chunks, few large ones, or plain NumPy?"""

from harness.suite import _Suite, _sweep


class ManyVsFewChunks(_Suite):
    """Sum ten million random numbers, cut into ever smaller chunks, on every executor."""

    workload = "random-sum"
    share = 0.15
    scales = True
    smoke_executors = ("dask-distributed-processes", "ray-tasks")
    axes = {
        "executor": (
            "numpy",
            "serial-replay",
            "dask-synchronous",
            "dask-threads",
            "dask-distributed-processes",
            "ray-tasks",
            "thread-pool",
            "process-pool",
        ),
        "workers": (1, "cores"),
        "pin": ("1",),
        "chunk": (1_000, 10_000, 100_000, 1_000_000, 5_000_000),
    }


def setup_cache():
    return _sweep(__name__)
