"""What do a call of an actor and many of them in flight cost?"""

from harness.suite import _by_work, _Suite, _sweep


class CounterActor(_Suite):
    """Increment the lesson's counters, with ever more calls in flight, and read them back."""

    workload = "counter-actor"
    share = 0.05
    smoke_executors = ("dask-actors", "ray-actors")
    axes = {
        "executor": ("serial-replay", "thread-pool", "process-pool", "dask-actors", "ray-actors"),
        "workers": (1, "cores"),
        "pin": ("1",),
        "chunk": (1, 10, 100),
    }


class _WorkedCounterActor(_Suite):
    """Increment the lesson's counters, with ever more calls in flight."""

    share = 0.02
    smoke_executors = ("dask-actors", "ray-actors")
    long_profiles_only = ("thread-pool",)
    axes = {
        "executor": ("thread-pool", "process-pool", "dask-actors", "ray-actors"),
        "workers": (1, "cores"),
        "pin": ("1",),
        "chunk": (1, 10, 100),
    }


vars().update(_by_work(_WorkedCounterActor, "counter-actor"))


def setup_cache():
    return _sweep(__name__)
