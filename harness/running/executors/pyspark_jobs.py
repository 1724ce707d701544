"""Spark from Python, in one JVM on this machine: frames, and RDDs for tasks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from harness.core.records import Status
from harness.running.executors.base import Executor
from harness.running.executors.built_call import Layout
from harness.running.executors.frame_executor import FrameExecutor
from harness.running.executors.program import Program
from harness.running.executors.tracebacks import raised_in
from harness.running.workloads.base import Task

if TYPE_CHECKING:
    import pandas as pd

LOOPBACK = "127.0.0.1"
STOP_SECONDS = 10.0
_CRASHED = "Python worker exited unexpectedly"


class PySpark(FrameExecutor):
    """Runs ``frame.groupBy("key").agg(...)`` with Spark in one JVM, ``local[workers]``; tasks as an
    RDD, ``sc.parallelize(tasks, len(tasks)).map(f).collect()``, in Python processes of Spark.

    A partition holds one task. A job of Spark takes tens of milliseconds, a task some: use tens of
    partitions, not thousands.
    """

    name = "pyspark"
    kind = "local processes"
    needs = ("pyspark", "pandas")
    packages = ("pyspark", "pandas", "pyarrow")
    install = "chunkbench systems --install pyspark"
    lives_in = "pyspark"
    ways: ClassVar[Mapping[str, str]] = {"frame": "map", "tasks": "map", "map": "map"}
    probe = Executor.probe
    program = Program(
        dict.fromkeys(
            ("tasks", "map"),
            "spark.sparkContext.parallelize(tasks, len(tasks))"
            ".map(lambda task: KERNEL(*task)).collect()",
        ),
        imports=("from pyspark.sql import SparkSession",),
        handle="spark",
        start='spark = SparkSession.builder.master(f"local[{WORKERS}]").getOrCreate()',
        end="spark.stop()",
    )

    @classmethod
    def missing(cls) -> str | None:
        """Say what is missing; Java as well, which is no package of Python."""
        if (absent := super().missing()) is not None:
            return absent
        if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
            return "Java not installed: apt-get install openjdk-17-jre-headless"
        return None

    @classmethod
    def environment(cls, scratch: Path, pins: dict[str, str]) -> dict[str, str]:
        home = {"JAVA_HOME": os.environ["JAVA_HOME"]} if "JAVA_HOME" in os.environ else {}
        return home | {"SPARK_LOCAL_IP": LOOPBACK, "SPARK_LOCAL_DIRS": str(scratch)}

    def start(self) -> Layout:
        os.environ["PYSPARK_PYTHON"] = sys.executable
        from pyspark.sql import SparkSession  # noqa: PLC0415

        settings = self.settings()
        builder = SparkSession.builder.master(f"local[{self.workers}]").appName("chunkbench")
        for name, value in (settings | self._kept_here()).items():
            builder = builder.config(name, value)
        self.spark = builder.getOrCreate()
        self.spark.sparkContext.setLogLevel("OFF")
        return Layout(self.workers, 1, {"master": f"local[{self.workers}]", **settings})

    def settings(self) -> dict[str, object]:
        """What moves a result: as many partitions after a shuffle as workers, where Spark has 200,
        and Arrow between the JVM and pandas."""
        return {
            "spark.sql.shuffle.partitions": self.workers,
            "spark.sql.execution.arrow.pyspark.enabled": "true",
        }

    def _kept_here(self) -> dict[str, object]:
        """Settings by which it listens on the loopback alone, to those who know a secret
        that Spark makes up, and writes into the block's folder alone."""
        java = f"-XX:ActiveProcessorCount={self.workers} -XX:-UsePerfData"
        return {
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.driver.bindAddress": LOOPBACK,
            "spark.driver.host": LOOPBACK,
            "spark.authenticate": "true",
            "spark.local.dir": str(self.scratch),
            "spark.sql.warehouse.dir": str(self.scratch / "warehouse"),
            "spark.driver.extraJavaOptions": f"{java} -Djava.io.tmpdir={self.scratch}",
        }

    def stop(self) -> None:
        gateway = self.spark.sparkContext._gateway
        self.spark.stop()
        gateway.shutdown()
        gateway.proc.stdin.close()  # the JVM ends with its input
        try:
            gateway.proc.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            gateway.proc.kill()

    def map(self, function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        partitions = self.spark.sparkContext.parallelize(tasks, len(tasks))
        results: list[Any] = partitions.map(lambda task: function(*task)).collect()
        return results

    def load(self, rows: pd.DataFrame, chunk: int) -> Any:
        frame = self.spark.createDataFrame(rows).repartition(-(-len(rows) // chunk)).cache()
        frame.count()  # kept in memory from here on
        return frame

    def grouped(self, frame: Any, factor: float) -> Any:
        from pyspark.sql import functions as F  # noqa: N812, PLC0415 - as everybody calls it

        value = F.col("value") * factor
        query = frame.groupBy("key").agg(F.sum(value).alias("total"), F.avg(value).alias("mean"))
        return query.toPandas()

    def cause(self, error: BaseException) -> BaseException:
        """Return what a task raised, read from the traceback that Spark makes a text of."""
        text = str(error)
        if _CRASHED in text:
            return RuntimeError(f"a worker was terminated: {_CRASHED}")
        return raised_in(text) or error

    def status_of(self, error: BaseException) -> Status:
        return super().status_of(self.cause(error))
