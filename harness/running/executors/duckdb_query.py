"""DuckDB: SQL over a table in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.core.errors import ChunkbenchError
from harness.running.executors.built_call import Layout
from harness.running.executors.frame_executor import InProcessFrames

if TYPE_CHECKING:
    import pandas as pd

SETTINGS = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
"""It loads no code of others, from the network or from a home folder."""


class DuckDB(InProcessFrames):
    """Runs ``SELECT key, sum(..), avg(..) FROM rows GROUP BY key`` on DuckDB's threads."""

    name = "duckdb"
    needs = ("duckdb", "pandas")
    packages = ("duckdb", "pandas")
    install = "chunkbench systems --install duckdb"
    lives_in = "duckdb"

    def start(self) -> Layout:
        import duckdb  # noqa: PLC0415

        self.connection = duckdb.connect(
            ":memory:", config={"threads": self.workers, "home_directory": str(self.scratch)}
        )
        for name, value in SETTINGS.items():
            self.connection.execute(f"SET {name} = {str(value).lower()}")
        [[threads]] = self.connection.execute("SELECT current_setting('threads')").fetchall()
        if threads != self.workers:
            raise ChunkbenchError(f"DuckDB has {threads} threads instead of {self.workers}")
        return self.layout(threads=threads)

    def stop(self) -> None:
        self.connection.close()

    def load(self, rows: pd.DataFrame, chunk: int) -> Any:
        name = f"rows_{len(rows)}"
        self.connection.from_df(rows).create(name)
        return name

    def grouped(self, frame: Any, factor: float) -> Any:
        query = (
            "SELECT key, sum(value * $1) AS total, avg(value * $1) AS mean "  # noqa: S608 - ours
            f"FROM {frame} GROUP BY key"
        )
        return self.connection.execute(query, [factor]).fetchnumpy()
