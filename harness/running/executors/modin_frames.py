"""Modin: pandas' own words, by partitions, in the workers of Ray or of Dask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from harness.running.executors.base import Executor
from harness.running.executors.built_call import Layout
from harness.running.executors.dask_distributed import DaskDistributedProcesses
from harness.running.executors.frame_executor import FrameExecutor
from harness.running.executors.program import Program
from harness.running.executors.ray_tasks import RayTasks

if TYPE_CHECKING:
    import pandas as pd


class ModinFrames(FrameExecutor):
    """Base of both: runs ``frame.groupby("key")["value"].agg(...)`` of ``modin.pandas``."""

    kind = "cluster"
    tried = ""
    program: ClassVar[Program | None] = None
    probe = Executor.probe

    def take(self, engine: str) -> None:
        """Have Modin use the *engine* that is up, which it finds by itself when it is loaded."""
        from modin import config  # noqa: PLC0415

        config.Engine.put(engine)
        config.CpuCount.put(self.workers)
        import modin.pandas  # noqa: F401, PLC0415 - part of start-up

    def load(self, rows: pd.DataFrame, chunk: int) -> Any:
        import modin.pandas  # noqa: PLC0415
        from modin import config  # noqa: PLC0415

        config.NPartitions.put(-(-len(rows) // chunk))
        config.MinRowPartitionSize.put(min(chunk, config.MinRowPartitionSize.get()))
        return modin.pandas.DataFrame(rows)

    def grouped(self, frame: Any, factor: float) -> Any:
        scaled = frame.assign(value=frame["value"] * factor)
        found = scaled.groupby("key")["value"].agg(["sum", "mean"])
        return found.reset_index().rename(columns={"sum": "total"})


class ModinRay(ModinFrames, RayTasks):
    """Runs ``frame.groupby("key")["value"].agg(...)`` of ``modin.pandas`` on Ray.

    Ray is started beforehand, as for ``ray-tasks``.
    """

    name = "modin-ray"
    needs = ("modin", "ray", "pyarrow")
    packages = ("modin", "ray", "pandas")
    install = "chunkbench systems --install modin-ray"
    lives_in = "modin-ray"
    map = RayTasks.map

    def start(self) -> Layout:
        layout = RayTasks.start(self)
        self.take("Ray")
        return layout


class ModinDask(ModinFrames, DaskDistributedProcesses):
    """Runs ``frame.groupby("key")["value"].agg(...)`` of ``modin.pandas`` on Dask.

    A ``LocalCluster`` of processes is started beforehand, as for ``dask-distributed-processes``.
    """

    name = "modin-dask"
    needs = ("modin", "distributed", "dask")
    packages = ("modin", "dask", "distributed", "pandas")
    install = "chunkbench systems --install modin-dask"
    lives_in = "modin-dask"
    map = DaskDistributedProcesses.map

    def start(self) -> Layout:
        layout = DaskDistributedProcesses.start(self)
        self.take("Dask")
        return layout
