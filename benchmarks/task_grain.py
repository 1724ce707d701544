"""How long must a task last, and threads or processes?"""

from harness.suite import _Suite, _sweep


class _Grain(_Suite):
    share = 0.05
    axes = {
        "executor": (
            "serial-replay", "thread-pool", "process-pool", "dask-threads",
            "dask-distributed-processes", "ray-tasks",
        ),
        "workers": (1, "cores"),
        "pin": ("1",),
        "chunk": (40, 400, 4_000, 20_000, 400_000, 2_000_000),
    }  # fmt: skip


class SpinTask(_Grain):
    """Iterate in Python, which holds the GIL."""

    workload = "spin-task"


class SpinTaskNoGil(_Grain):
    """Iterate in C, which releases the GIL."""

    workload = "spin-task-nogil"


def setup_cache():
    return _sweep(__name__)
