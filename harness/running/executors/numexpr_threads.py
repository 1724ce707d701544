"""numexpr: one expression over whole arrays, evaluated block by block on its own threads."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from harness.core.extras import installing
from harness.core.records import WorkerProbe
from harness.running.executors.base import Executor
from harness.running.executors.built_call import BuiltCall, Layout
from harness.running.executors.program import Program
from harness.running.host.pins import probe_worker
from harness.running.workloads.base import Task, Workload
from harness.running.workloads.random_reduction import DEPTH, RandomReduction

EXPRESSION = "arcsin(x) + arccos(y)"


class Numexpr(Executor):
    """Evaluates the lesson's array expression with ``numexpr.evaluate``, the whole at once.

    Its threads are as many as the pin says. It has no random numbers and sums on one thread, so
    that NumPy draws and sums: those parts stay as slow as they are. It runs ``random-reduction``
    alone.
    """

    name = "numexpr"
    kind = "local threads"
    needs = ("numexpr",)
    packages = ("numexpr",)
    install = installing("numexpr")
    in_suites = False
    chunked = False
    pins = ("cores", "1")
    program = Program(
        {"tasks": f'numexpr.evaluate("{EXPRESSION}").sum(axis=(1, 2))'},
        imports=("import numexpr",),
        start="numexpr.set_num_threads(WORKERS)",
        launched="an expression in place of a function",
    )

    @classmethod
    def refuses(cls, workload: Workload) -> str | None:
        if workload.name == RandomReduction.name:
            return None
        return f"{cls.name} has an expression for {RandomReduction.name} alone"

    @classmethod
    def native(cls, workload: Workload) -> bool:
        return True

    def start(self) -> Layout:
        import numexpr  # noqa: PLC0415

        return Layout(1, 1, {"numexpr.threads": numexpr.get_num_threads()})

    def stop(self) -> None:
        """Its threads end with the process."""

    def probe(self, layout: Layout, workloads: Sequence[Workload]) -> list[WorkerProbe]:
        """Read back how many threads numexpr has, which threadpoolctl does not see."""
        import numexpr  # noqa: PLC0415

        return [replace(probe_worker(), native_threads=numexpr.get_num_threads())]

    def build(self, workload: Workload, chunk: int, seed: int) -> BuiltCall:
        return BuiltCall(workload, chunk, [(seed,)])

    def run(self, built: BuiltCall) -> Any:
        import numexpr  # noqa: PLC0415
        import numpy as np  # noqa: PLC0415

        ((seed,),) = built.tasks
        side = math.isqrt(built.workload.size // DEPTH)
        generator = np.random.default_rng([seed, 0])
        arrays = {name: generator.random((side, side, DEPTH)) for name in ("x", "y")}
        return numexpr.evaluate(EXPRESSION, local_dict=arrays).sum(axis=(1, 2))

    def map(self, function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        raise NotImplementedError(f"{self.name} evaluates expressions, no function of Python")
