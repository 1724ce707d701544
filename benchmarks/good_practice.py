"""The lesson's good practices for Dask, each beside what it advises against."""

from harness.suite import _Suite, _sweep


class _Practice(_Suite):
    share = 0.0095
    whole = False
    axes = {
        "executor": ("dask-threads", "dask-distributed-processes"),
        "workers": (1, "cores"),
        "pin": ("1",),
        "chunk": (40_000, 10_000_000),
    }


class OneCompute(_Practice):
    """Compute several results in one go."""

    workload = "one-compute"


class ManyComputes(_Practice):
    """Compute several results one after the other."""

    workload = "many-computes"


class Persisted(_Practice):
    """Persist an array that is used four times."""

    workload = "persisted"


class Recomputed(_Practice):
    """Compute an array anew each of the four times that it is used."""

    workload = "recomputed"


class MadeInWorkers(_Practice):
    """Have the workers make their data."""

    workload = "made-in-workers"


class PassedInGraph(_Practice):
    """Pass the data to the workers in the graph."""

    workload = "passed-in-graph"


class SmallGraph(_Practice):
    """Say what is wanted in one statement, which makes a small graph."""

    workload = "small-graph"


class HugeGraph(_Practice):
    """Say the same in a hundred statements, which make a huge graph."""

    workload = "huge-graph"


class ReducedOnWorkers(_Practice):
    """Reduce the data where it is."""

    workload = "reduced-on-workers"


class MovedToClient(_Practice):
    """Move the data to the client, and reduce it there."""

    workload = "moved-to-client"


def setup_cache():
    return _sweep(__name__)
