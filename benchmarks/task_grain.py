"""How long must a task last, and threads or processes?"""

from harness.suite import _Suite, _sweep


class _Grain(_Suite):
    share = 0.035
    whole = False
    axes = {
        "executor": (
            "thread-pool",
            "process-pool",
            "dask-threads",
            "dask-distributed-processes",
            "ray-tasks",
        ),
        "workers": (1, "cores"),
        "pin": ("1",),
        "chunk": (200, 2_000, 10_000, 100_000, 1_000_000),
    }


class SpinTask(_Grain):
    """Iterate in Python, which holds the GIL."""

    workload = "spin-task"


class SpinTaskNoGil(_Grain):
    """Iterate in C, which releases the GIL."""

    workload = "spin-task-nogil"
    scales = True


class SpinStencil(_Grain):
    """Iterate in C, in tasks that need the results of three others each."""

    workload = "spin-stencil"
    axes = {**_Grain.axes, "chunk": (50, 200, 1_000, 2_500, 25_000, 250_000)}


def setup_cache():
    return _sweep(__name__)
