"""Polars: lazy queries, in memory or streaming."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from harness.core.errors import ChunkbenchError
from harness.running.executors.built_call import Layout
from harness.running.executors.frame_executor import InProcessFrames

if TYPE_CHECKING:
    import pandas as pd

THREADS = "POLARS_MAX_THREADS"
"""Read once, when Polars is imported."""


class Polars(InProcessFrames):
    """Runs ``frame.lazy().group_by("key").agg(...).collect()`` on Polars' threads, in memory."""

    name = "polars"
    needs = ("polars", "pandas")
    packages = ("polars", "pandas")
    install = "chunkbench systems --install polars"
    lives_in = "polars"
    engine: ClassVar[Literal["in-memory", "streaming"]] = "in-memory"
    """How ``collect`` runs the query."""

    def start(self) -> Layout:
        os.environ[THREADS] = str(self.workers)
        import polars  # noqa: PLC0415 - its threads are as many as the variable says by now

        if (threads := polars.thread_pool_size()) != self.workers:
            raise ChunkbenchError(f"Polars has {threads} threads instead of {self.workers}")
        return self.layout(**{THREADS: threads, "engine": self.engine})

    def stop(self) -> None:
        """Its threads end with the process."""

    def load(self, rows: pd.DataFrame, chunk: int) -> Any:
        import polars  # noqa: PLC0415

        return polars.DataFrame({name: rows[name].to_numpy() for name in rows})

    def grouped(self, frame: Any, factor: float) -> Any:
        from polars import col  # noqa: PLC0415

        value = col("value") * factor
        query = frame.lazy().group_by("key").agg(total=value.sum(), mean=value.mean())
        return query.collect(engine=self.engine)


class PolarsStreaming(Polars):
    """Runs the same query with ``collect(engine="streaming")``, which takes the rows in batches."""

    name = "polars-streaming"
    engine = "streaming"
