"""What do a call of an actor and many of them in flight cost?"""

from harness.suite import _Suite, _sweep


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


def setup_cache():
    return _sweep(__name__)
