"""What does a future cost: submitted, mapped, or delayed?"""

from harness.suite import _by_work, _Suite, _sweep


class _Futures(_Suite):
    share = 0.02
    whole = False
    axes = {
        "executor": (
            "dask-threads",
            "dask-distributed-processes",
            "ray-tasks",
            "thread-pool",
            "process-pool",
        ),
        "workers": (1, "cores"),
        "pin": ("1",),
        "chunk": (1, 10, 1_000),
    }


class Futures(_Futures):
    """Submit double for every chunk of a sequence, and gather the results."""

    workload = "futures"


class FuturesMap(_Futures):
    """Map double over the chunks of a sequence with the engine's own map."""

    workload = "futures-map"


class FuturesDelayed(_Futures):
    """Delay double for every chunk of a sequence, and compute all together."""

    workload = "futures-delayed"


class FuturesIncrement(_Futures):
    """Submit increment, the lesson's task for Ray, for every chunk of a sequence."""

    workload = "futures-increment"


class _WorkedFutures(_Suite):
    """Submit double for every chunk of a sequence."""

    share = 0.015
    whole = False
    long_profiles_only = ("thread-pool",)
    axes = {
        "executor": ("dask-distributed-processes", "ray-tasks", "thread-pool", "process-pool"),
        "workers": (1, "cores"),
        "pin": ("1",),
        "chunk": (1, 10, 100, 1_000, "size / cores"),
    }


vars().update(_by_work(_WorkedFutures, "futures"))


def setup_cache():
    return _sweep(__name__)
