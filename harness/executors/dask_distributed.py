"""Dask's distributed scheduler on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from harness.executors.base import Layout
from harness.executors.dask_local import DaskThreads

LOOPBACK = "127.0.0.1"
RECORDED = (
    "distributed.scheduler.worker-saturation",
    "distributed.scheduler.work-stealing",
    "distributed.worker.memory.target",
    "distributed.worker.memory.spill",
    "distributed.worker.memory.pause",
    "distributed.worker.memory.terminate",
    "array.chunk-size",
)


class DaskDistributedProcesses(DaskThreads):
    """``LocalCluster(processes=True)``, one thread a worker; the client is the block's process."""

    name = "dask-distributed-processes"
    kind = "cluster"
    needs = ("distributed", "dask")
    scheduler = None  # the client registers itself as the default

    @classmethod
    def environment(cls, scratch: Path, pins: dict[str, str]) -> dict[str, str]:
        return {"DASK_TEMPORARY_DIRECTORY": str(scratch)}

    def start(self) -> Layout:
        import dask  # noqa: PLC0415
        import dask.array  # noqa: PLC0415
        from distributed import Client, LocalCluster  # noqa: PLC0415

        self.cluster = LocalCluster(
            n_workers=self.workers,
            threads_per_worker=1,
            processes=True,
            host=LOOPBACK,
            dashboard_address=f"{LOOPBACK}:0",
            local_directory=str(self.scratch),
        )
        self.client = Client(self.cluster)
        self.client.wait_for_workers(self.workers, timeout=60)
        return Layout(self.workers, 1, {name: dask.config.get(name, None) for name in RECORDED})

    def stop(self) -> None:
        self.client.close()
        self.cluster.close()

    @property
    def options(self) -> dict[str, Any]:
        return {}
