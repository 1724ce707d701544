"""Dask DataFrame: pandas' own words, by partitions, on threads of this process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.running.executors.built_call import BuiltCall, Layout
from harness.running.executors.frame_executor import FrameExecutor
from harness.running.workloads.frame_groupby import FrameGroupby

if TYPE_CHECKING:
    import pandas as pd


def query(frame: Any, factor: float) -> Any:
    """Sum and mean by key of the values times *factor*, unevaluated."""
    scaled = frame.assign(value=frame["value"] * factor)
    return scaled.groupby("key")["value"].agg(["sum", "mean"])


class DaskDataFrame(FrameExecutor):
    """Runs ``frame.groupby("key")["value"].agg(...).compute()`` on threads, its default."""

    name = "dask-dataframe"
    kind = "local threads"
    needs = ("dask", "pandas", "pyarrow")
    packages = ("dask",)

    def start(self) -> Layout:
        import dask.dataframe  # noqa: F401, PLC0415 - part of start-up, not of a call

        return Layout(1, self.workers, {"scheduler": "threads", "num_workers": self.workers})

    def stop(self) -> None:
        """Dask's own thread pool ends with the process."""

    def load(self, rows: pd.DataFrame, chunk: int) -> Any:
        import dask.dataframe as dd  # noqa: PLC0415

        return dd.from_pandas(rows, chunksize=chunk, sort=False)

    def grouped(self, frame: Any, factor: float) -> Any:
        found = query(frame, factor).compute(scheduler="threads", num_workers=self.workers)
        return found.reset_index().rename(columns={"sum": "total"})

    def n_tasks(self, built: BuiltCall) -> int:
        """Count the tasks of the optimised graph, which is what the scheduler gets."""
        if not isinstance(built.workload, FrameGroupby):
            return super().n_tasks(built)
        return len(dict(query(*built.graph).optimize().__dask_graph__()))
