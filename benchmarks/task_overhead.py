"""What does a scheduler cost when there is nothing to do?"""

from harness.suite import _Suite, _sweep


class TaskOverhead(_Suite):
    """Make empty calls, in ever more tasks, on every executor."""

    workload = "empty-task"
    share = 0.085
    scales = True
    whole = False
    long_profiles_only = (
        "multiprocessing-threads",
        "multiprocessing-fork",
        "multiprocessing-spawn",
        "multiprocessing-forkserver",
        "multiprocessing-batched",
        "asyncio-threads",
        "joblib-loky",
        "joblib-loky-batched",
        "joblib-threading",
        "joblib-threading-batched",
    )
    axes = {
        "executor": (
            "dask-synchronous",
            "dask-threads",
            "dask-processes",
            "dask-distributed-threads",
            "dask-distributed-processes",
            "ray-tasks",
            "thread-pool",
            "process-pool",
            *long_profiles_only,
        ),
        "workers": (1, "cores"),
        "pin": ("1",),
        "chunk": (1, 10, 100, "size / cores"),
    }


def setup_cache():
    return _sweep(__name__)
