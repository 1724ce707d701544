"""What every ASV suite inherits: axes become ASV's parameters, one paired sweep fills the cells.

A suite is a file in ``benchmarks/``: a class a workload, with its axes and a docstring of one
sentence, and a function ``setup_cache`` of one line, which ASV keys by file and line and runs once
for all classes of the file. Imports are light here, since ASV imports this module once for every
cell where it cannot fork.
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from harness.core.errors import ChunkbenchError, UsageError
from harness.core.units import parse_moment, parse_seconds
from harness.running.host.machine import describe, usable_cores
from harness.running.plan.sweep import PARAMETERS, Plan, Profile, chunk_axis, make_profile, span
from harness.running.workloads import WORKLOADS

if TYPE_CHECKING:
    from harness.apps.asv.samples import Cells
    from harness.core.records import Case

METHOD = 2
"""Raised when a change makes new figures incomparable with old ones; part of ASV's version."""

SWEEP_SILENCE_SECONDS = 7200.0
"""ASV ends a ``setup_cache`` that is silent for so long; its default is 60 s."""

WORKERS = {"cores": 1, "2 x cores": 2}
"""What an axis may say instead of a number of workers, in usable cores."""

ONE_A_CORE = "size / cores"
"""What an axis may say instead of a chunk: as many tasks as usable cores."""

MEMORY_SHARE = 0.5
"""A size is chosen such that its whole needs no more than this part of the machine's memory."""


class _Suite:
    """Base of the suites' classes; the leading underscore keeps ASV from collecting it.

    Class attributes:

    ``workload``
        Its name.
    ``axes``
        ``executor``, ``workers`` (numbers, ``"cores"`` or ``"2 x cores"``), ``pin`` and ``chunk``
        (numbers or ``"size / cores"``): those are used that the profile's size can be cut into.
    ``whole``
        Whether the whole is added to the chunks.
    ``share``
        The part of the profile's budget for this class; the classes of a file share theirs.
    ``at_home``
        Executors whose servers a short profile starts in this suite only.
    ``every_workers``
        Whether short profiles keep every number of workers, because it is the question.
    ``in_full``
        Executors that only profiles with every number of workers run.
    ``also``
        Profile to a further size and its chunk, which are in the journal only.

    Where NumPy computes the whole, NumPy on all cores is measured as well, in the journal only.
    """

    workload: ClassVar[str]
    axes: ClassVar[Mapping[str, Sequence[int | str]]]
    share: ClassVar[float]
    whole: ClassVar[bool] = True
    at_home: ClassVar[Sequence[str]] = ()
    every_workers: ClassVar[bool] = False
    in_full: ClassVar[Sequence[str]] = ()
    also: ClassVar[Mapping[str, tuple[int, int]]] = {}
    param_names: ClassVar[list[str]] = list(PARAMETERS)
    params: ClassVar[list[list[int | str]]]
    version: ClassVar[str]
    timeout: ClassVar[float] = SWEEP_SILENCE_SECONDS

    def __init_subclass__(cls) -> None:
        if cls.__name__.startswith("_"):
            return
        profile = _profile()
        cls.size = _size(profile, cls.workload)
        cores = _cores()
        axes = {**cls.axes, **_asked()}
        workers = {
            WORKERS[count] * cores if isinstance(count, str) else count for count in axes["workers"]
        }
        cls.params = [
            list(axes["executor"]),
            sorted(workers),
            list(axes["pin"]),
            _chunks(cls.workload, cls.size, cls.axes["chunk"], cls.whole),
        ]
        cls.version = f"{METHOD}-{profile.name}-{cls.size}"

    size: ClassVar[int]

    @classmethod
    def _cases(cls, profile: Profile) -> tuple[list[Case], dict[Case, str]]:
        """The cases that the axes span, and why some are left out."""
        from harness.running.measure.sweep.refusals import all_cores_reference, out_of_profile  # noqa: PLC0415

        cases = span(cls.workload, cls.size, dict(zip(PARAMETERS, cls.params, strict=True)))
        if profile.name in cls.also:
            size, chunk = cls.also[profile.name]
            further: list[list[int | str]] = [*cls.params[:3], [chunk]]
            cases += span(cls.workload, size, dict(zip(PARAMETERS, further, strict=True)))
        if WORKLOADS[cls.workload].native_threads:
            cases.append(all_cores_reference(cls.workload, cls.size, _cores()))
        if _asked():  # what was asked for by name is left to no other suite or profile
            return cases, {}
        refused = out_of_profile(
            cases,
            profile,
            max(int(count) for count in cls.params[1]),
            at_home=cls.at_home,
            every_workers=cls.every_workers,
            in_full=cls.in_full,
        )
        return cases, refused

    def track_time_ratio(
        self, cells: Cells, executor: str, workers: int, pin: str, chunk: int
    ) -> Any:
        """TP/T1, a round a sample: above 1 the case is slower than its baseline."""
        return self._samples(cells, "time_ratio", executor, workers, pin, chunk)

    def track_seconds(self, cells: Cells, executor: str, workers: int, pin: str, chunk: int) -> Any:
        """TP, a round a sample."""
        return self._samples(cells, "seconds", executor, workers, pin, chunk)

    def track_overhead_per_task(
        self, cells: Cells, executor: str, workers: int, pin: str, chunk: int
    ) -> Any:
        """(TP - T1/S) / tasks, a round a sample."""
        return self._samples(cells, "overhead_us_per_task", executor, workers, pin, chunk)

    track_time_ratio.unit = "ratio"  # type: ignore[attr-defined]
    track_seconds.unit = "seconds"  # type: ignore[attr-defined]
    track_overhead_per_task.unit = "us"  # type: ignore[attr-defined]

    def _samples(
        self, cells: Cells, metric: str, executor: str, workers: int, pin: str, chunk: int
    ) -> Any:
        """ASV's form of repeated samples; NaN, its "not available", for a case without a result."""
        key = (self.workload, self.size, executor, workers, pin, chunk)
        found = cells.get(key, {}).get(metric)
        return {"samples": found, "number": 1} if found else math.nan


def suite_plan(module: str) -> Plan:
    """The sweep that all classes of the suite in *module* span under the chosen profile.

    Parameters
    ----------
    module : str
        Its name as Python knows it, ``__name__``; the last part of it is the suite's.
    """
    found = [
        thing
        for name, thing in vars(sys.modules[module]).items()
        if isinstance(thing, type) and issubclass(thing, _Suite) and not name.startswith("_")
    ]
    profile = _profile(math.fsum(suite.share for suite in found))
    cases: list[Case] = []
    refused: dict[Case, str] = {}
    for suite in found:
        more, left_out = suite._cases(profile)
        cases += more
        refused |= left_out
    return Plan(module.rpartition(".")[2], profile, tuple(cases), refused)


def _sweep(module: str) -> Cells:
    """Measure the suite in *module* once, in pairs; the samples of each case with a result."""
    from harness.apps.asv.samples import samples  # noqa: PLC0415
    from harness.reading.analysis.crossover.refine import refine  # noqa: PLC0415
    from harness.reading.analysis.models.separate import separate  # noqa: PLC0415
    from harness.reading.analysis.verdict.verdicts import decided  # noqa: PLC0415
    from harness.running.measure.sweep.progress import reported  # noqa: PLC0415
    from harness.running.measure.sweep.session import measure  # noqa: PLC0415

    since = os.environ.get("CHUNKBENCH_SINCE")
    try:
        with reported(os.environ.get("CHUNKBENCH_PROGRESS")) as report:
            journal = measure(
                suite_plan(module),
                results_folder(),
                decide=decided,
                refine=refine,
                separate=separate,
                resume=bool(os.environ.get("CHUNKBENCH_RESUME")),
                since=parse_moment(since) if since else None,
                report=report,
                watch_parent=True,
                dashboard=bool(os.environ.get("CHUNKBENCH_DASHBOARD")),
            )
        return samples(journal)
    except ChunkbenchError as error:
        raise SystemExit(f"chunkbench: {error}") from None


def _asked() -> dict[str, Sequence[int | str]]:
    """The axes that were asked for instead of the suites' own: executors and numbers of workers."""
    executors = os.environ.get("CHUNKBENCH_EXECUTORS", "").split()
    workers = [int(count) for count in os.environ.get("CHUNKBENCH_WORKERS", "").split()]
    asked: dict[str, Sequence[int | str]] = {"executor": executors, "workers": workers}
    return {name: values for name, values in asked.items() if values}


def _cores() -> int:
    return max(1, math.floor(usable_cores().number))


def _size(profile: Profile, workload: str) -> int:
    memory = MEMORY_SHARE * (describe("any").ram_bytes or math.inf)
    return profile.size(workload, lambda size: WORKLOADS[workload](size).whole_bytes() <= memory)


def _chunks(workload: str, size: int, chunks: Sequence[int | str], whole: bool) -> list[int | str]:
    """Those of *chunks* that the size can be cut into, and the whole, if it is wanted."""
    of = WORKLOADS[workload](size)
    each = math.ceil(size / _cores())
    axis = chunk_axis(
        size, [each if chunk == ONE_A_CORE else int(chunk) for chunk in chunks], whole=whole
    )
    return [chunk for chunk in axis if of.wrong_chunk(chunk) is None]


def _profile(share: float = 1.0) -> Profile:
    """The chosen profile with a part of its budget, or with the budget that was asked for."""
    profile = make_profile(os.environ.get("CHUNKBENCH_PROFILE") or "laptop")
    asked = os.environ.get("CHUNKBENCH_BUDGET")
    if asked:
        return replace(profile, budget_seconds=parse_seconds(asked), starts_count=True)
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
