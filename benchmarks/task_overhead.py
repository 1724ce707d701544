"""What does a scheduler cost when there is nothing to do?"""

from harness.suite import _Suite


class TaskOverhead(_Suite):
    """Make a thousand empty calls, in ever more tasks, on every executor."""

    workload = "empty-task"
    share = 0.25
    axes = {
        "executor": (
            "dask-synchronous", "dask-threads", "dask-distributed-processes", "ray-tasks",
            "thread-pool", "process-pool",
        ),
        "workers": (1, "cores"),
        "pin": ("1",),
        "chunk": (1, 10, 100, 1_000),
    }  # fmt: skip

    def setup_cache(self):
        return self._sweep()
