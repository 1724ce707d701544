"""Modin on Ray: pandas' own words, by partitions, in Ray's workers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.running.executors.base import Executor
from harness.running.executors.built_call import Layout
from harness.running.executors.frame_executor import FrameExecutor
from harness.running.executors.ray_tasks import RayTasks

if TYPE_CHECKING:
    import pandas as pd


class ModinRay(FrameExecutor, RayTasks):
    """Runs ``frame.groupby("key")["value"].agg(...)`` of ``modin.pandas`` on Ray.

    Ray is started beforehand, as for ``ray-tasks``.
    """

    name = "modin-ray"
    kind = "cluster"
    tried = ""
    needs = ("modin", "ray")
    packages = ("modin", "ray", "pandas")
    install = "chunkbench systems --install modin-ray"
    lives_in = "modin-ray"
    ways = FrameExecutor.ways
    program = None
    map = RayTasks.map
    probe = Executor.probe

    @classmethod
    def environment(cls, scratch: Path, pins: dict[str, str]) -> dict[str, str]:
        return super().environment(scratch, pins) | {"MODIN_ENGINE": "ray"}

    def start(self) -> Layout:
        layout = RayTasks.start(self)
        from modin import config  # noqa: PLC0415

        config.CpuCount.put(self.workers)
        import modin.pandas  # noqa: F401, PLC0415 - part of start-up; it takes the Ray that is up

        return layout

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
