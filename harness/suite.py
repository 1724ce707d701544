"""What every ASV suite inherits: axes become ASV's parameters, one paired sweep fills the cells.

A suite's file holds its axes, its workload, a docstring of one sentence and a ``setup_cache`` of
one line; ASV keys that method by file and line, so it cannot be inherited. Imports are light here,
since ASV imports this module once for every cell where it cannot fork.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from harness.errors import ChunkbenchError, UsageError
from harness.machine import usable_cores
from harness.sweep import PARAMETERS, Plan, Profile, chunk_axis, make_profile, span
from harness.units import parse_seconds

if TYPE_CHECKING:
    from harness.samples import Cells

METHOD = 1
"""Raised when a change makes new figures incomparable with old ones; part of ASV's version."""

SWEEP_SILENCE_SECONDS = 7200.0
"""ASV ends a ``setup_cache`` that is silent for so long; its default is 60 s."""


class _Suite:
    """Base of the suites; the leading underscore keeps ASV from collecting it.

    Class attributes of a suite: ``workload``, and ``axes`` with ``executor``, ``workers`` (numbers,
    or ``"cores"``), ``pin`` and ``chunk`` (those below the profile's size are used, and the whole).
    ``share`` is the part of the profile's budget that the suite may use.
    Where NumPy computes the whole, NumPy on all cores is measured as well, in the journal only.
    """

    workload: ClassVar[str]
    axes: ClassVar[Mapping[str, Sequence[int | str]]]
    share: ClassVar[float] = 1.0
    param_names: ClassVar[list[str]] = list(PARAMETERS)
    params: ClassVar[list[list[int | str]]]
    version: ClassVar[str]
    timeout: ClassVar[float] = 120.0

    def __init_subclass__(cls) -> None:
        profile = _profile(cls.share)
        size = profile.size(cls.workload)
        cores = max(1, math.floor(usable_cores().number))
        workers = {cores if count == "cores" else int(count) for count in cls.axes["workers"]}
        chunks = chunk_axis(size, [int(chunk) for chunk in cls.axes["chunk"]])
        cls.params = [
            list(cls.axes["executor"]), sorted(workers), list(cls.axes["pin"]), list(chunks)
        ]  # fmt: skip
        cls.version = f"{METHOD}-{profile.name}-{size}"
        if "setup_cache" in vars(cls):
            vars(cls)["setup_cache"].timeout = SWEEP_SILENCE_SECONDS

    @classmethod
    def name(cls) -> str:
        """The suite's name: its class's in snake case, as its file's."""
        return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", cls.__name__).lower()

    @classmethod
    def plan(cls) -> Plan:
        """The sweep that the axes span under the chosen profile."""
        from harness.measure.refusals import all_cores_reference, out_of_profile  # noqa: PLC0415
        from harness.workloads import WORKLOADS  # noqa: PLC0415

        profile = _profile(cls.share)
        size = profile.size(cls.workload)
        cases = span(cls.workload, size, dict(zip(PARAMETERS, cls.params, strict=True)))
        most = max(int(count) for count in cls.params[1])
        if WORKLOADS[cls.workload].native_threads:
            cases.append(all_cores_reference(cls.workload, size, most))
        plan = Plan(cls.name(), profile, tuple(cases))
        return replace(plan, refused=out_of_profile(plan, most))

    def _sweep(self) -> Cells:
        """Measure the suite once, in pairs; the samples of each case that gave a result."""
        from harness.analysis.verdicts import decided  # noqa: PLC0415
        from harness.measure.progress import reported  # noqa: PLC0415
        from harness.measure.session import measure  # noqa: PLC0415
        from harness.samples import samples  # noqa: PLC0415

        try:
            with reported(os.environ.get("CHUNKBENCH_PROGRESS")) as report:
                journal = measure(
                    self.plan(),
                    results_folder(),
                    decide=decided,
                    resume=bool(os.environ.get("CHUNKBENCH_RESUME")),
                    report=report,
                    watch_parent=True,
                )
            return samples(journal)
        except ChunkbenchError as error:
            raise SystemExit(f"chunkbench: {error}") from None

    def track_time_ratio(
        self, cells: Cells, executor: str, workers: int, pin: str, chunk: int
    ) -> Any:
        """TP/T1, a round a sample: above 1 the case is slower than its baseline."""
        return _samples(cells, "time_ratio", (executor, workers, pin, chunk))

    def track_seconds(self, cells: Cells, executor: str, workers: int, pin: str, chunk: int) -> Any:
        """TP, a round a sample."""
        return _samples(cells, "seconds", (executor, workers, pin, chunk))

    def track_overhead_per_task(
        self, cells: Cells, executor: str, workers: int, pin: str, chunk: int
    ) -> Any:
        """(TP - T1/S) / tasks, a round a sample."""
        return _samples(cells, "overhead_us_per_task", (executor, workers, pin, chunk))

    track_time_ratio.unit = "ratio"  # type: ignore[attr-defined]
    track_seconds.unit = "seconds"  # type: ignore[attr-defined]
    track_overhead_per_task.unit = "us"  # type: ignore[attr-defined]


def _samples(cells: Cells, metric: str, key: tuple[str, int, str, int]) -> Any:
    """ASV's form of repeated samples; NaN, its "not available", for a case without a result."""
    found = cells.get(key, {}).get(metric)
    return {"samples": found, "number": 1} if found else math.nan


def _profile(share: float) -> Profile:
    """The chosen profile with the suite's part of its budget, or the budget that was asked for."""
    profile = make_profile(os.environ.get("CHUNKBENCH_PROFILE") or "laptop")
    asked = os.environ.get("CHUNKBENCH_BUDGET")
    if asked:
        return replace(profile, budget_seconds=parse_seconds(asked))
    if profile.budget_seconds is None:
        return profile
    return replace(profile, budget_seconds=share * profile.budget_seconds)


def results_folder() -> Path:
    """Where journals go: ``CHUNKBENCH_RESULTS``, else ``results`` beside ASV's configuration.

    Raises
    ------
    UsageError
        Where neither is known, as under ASV's ``existing`` environments.
    """
    if os.environ.get("CHUNKBENCH_RESULTS"):
        return Path(os.environ["CHUNKBENCH_RESULTS"])
    if os.environ.get("ASV_CONF_DIR"):
        return Path(os.environ["ASV_CONF_DIR"]) / "results"
    raise UsageError("no results folder is known: set CHUNKBENCH_RESULTS, or use chunkbench run")
