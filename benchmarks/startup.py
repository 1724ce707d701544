"""What does it cost to bring an engine up?"""

from harness.suite import _Suite, _sweep


class Startup(_Suite):
    """Bring an engine up in a fresh process, for one empty call."""

    workload = "startup"
    share = 0.125
    scales = True
    long_profiles_only = (
        "multiprocessing-fork",
        "multiprocessing-spawn",
        "multiprocessing-forkserver",
        "joblib-loky",
        "dask-threads",
        "dask-processes",
        "dask-distributed-threads",
    )
    axes = {
        "executor": (
            "process-pool",
            *long_profiles_only,
            "dask-distributed-processes",
            "ray-tasks",
        ),
        "workers": (1, "cores"),
        "pin": ("1",),
        "chunk": (1,),
    }


def setup_cache():
    return _sweep(__name__)
