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
from importlib import import_module
from pathlib import Path
from time import monotonic
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar

from harness.apps.asv.cells_for_asv import for_asv
from harness.core.errors import ChunkbenchError, UsageError
from harness.core.run_options import RunOptions
from harness.core.system_errors import failure_words
from harness.core.work_families import family_of
from harness.running.plan import shared_budget, suite_cases
from harness.running.plan.profiles import Profile, make_profile
from harness.running.plan.sweep import PARAMETERS, SweepPlan
from harness.running.workloads import OURS
from harness.running.workloads.startup import STARTUP

if TYPE_CHECKING:
    from harness.apps.asv.samples import Cells
    from harness.core.records import Case

METHOD = 2
"""Raised when a change makes new figures incomparable with old ones; part of ASV's version."""

SWEEP_SILENCE_SECONDS = 7200.0
"""ASV ends a ``setup_cache`` that is silent for so long; its default is 60 s."""


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
        Its weight among the classes of all suites, by which they share the profile's budget; the
        classes of a file spend theirs together.
    ``smoke_executors``
        Executors that start servers and that the profile ``smoke`` runs in this suite; it runs each
        of them in one suite only.
    ``every_worker_count``
        Whether the profile ``laptop`` keeps every number of workers, because it is the question.
    ``scales``
        Whether how it scales is a question, so that ``nightly`` takes 1, 2, 4 ... workers; of
        other classes it takes all cores only.
    ``long_profiles_only``
        Executors that ``smoke`` and ``laptop`` leave out here, since they are variants of one that
        stays. ``nightly`` has them with all cores only.
    ``extra_size``
        Profile to a further size and its chunk, which are in the journal only.

    A class of serial executors, or of those that compute the whole at once, is made beside the one
    that is written: ``ManyVsFewChunksSerial``, ``ManyVsFewChunksWhole``; so is, where a profile
    asks how it scales, one of the variants: ``StartupVariants``. So no product of axes has a case
    that cannot exist, or that nobody asks for.

    Where NumPy computes the whole, NumPy on all cores is measured as well, in the journal only.
    """

    workload: ClassVar[str]
    axes: ClassVar[Mapping[str, Sequence[int | str]]]
    share: ClassVar[float]
    whole: ClassVar[bool] = True
    smoke_executors: ClassVar[Sequence[str]] = ()
    every_worker_count: ClassVar[bool] = False
    scales: ClassVar[bool] = False
    long_profiles_only: ClassVar[Sequence[str]] = ()
    extra_size: ClassVar[Mapping[str, tuple[int, int]]] = {}
    size: ClassVar[int]
    param_names: ClassVar[list[str]] = list(PARAMETERS)
    params: ClassVar[list[list[int | str]]]
    version: ClassVar[str]
    _part: ClassVar[str | None] = None
    timeout: ClassVar[float] = SWEEP_SILENCE_SECONDS

    def __init_subclass__(cls) -> None:
        if cls.__name__.startswith("_"):
            return
        options = RunOptions.from_env()
        profile, node = make_profile(options.profile), suite_cases.this_node()
        cls.size = suite_cases.size_of(cls.workload, profile, node)
        cls.version = f"{METHOD}-{profile.name}-{cls.size}"
        parts = suite_cases.parts(cls, profile, options.named_axes, node)
        if cls._part is None:  # what the class was written with: it is the first of its parts
            cls._part, *others = parts
            for part in others:
                facts = {"_part": part, "share": 0.0, "__doc__": cls.__doc__}
                facts["__module__"] = cls.__module__
                sibling = type(f"{cls.__name__}{part}", (cls,), facts)
                setattr(sys.modules[cls.__module__], sibling.__name__, sibling)
        cls.params = parts[cls._part]

    @classmethod
    def _cases(cls, profile: Profile) -> list[Case]:
        """The cases that the axes span, and NumPy on all cores beside them."""
        part, node = cls._part or "", suite_cases.this_node()
        return suite_cases.cases_of_part(cls, part, cls.params, profile, node)

    def track_time_ratio(
        self, cells: Cells, executor: str, workers: int, pin: str, chunk: int
    ) -> Any:
        """TP/T1, a round a sample: above 1 the case is slower than its baseline."""
        return self._samples(cells, "track_time_ratio", executor, workers, pin, chunk)

    def track_seconds(self, cells: Cells, executor: str, workers: int, pin: str, chunk: int) -> Any:
        """TP, a round a sample."""
        return self._samples(cells, "track_seconds", executor, workers, pin, chunk)

    def track_overhead_per_task(
        self, cells: Cells, executor: str, workers: int, pin: str, chunk: int
    ) -> Any:
        """(TP - T1/S) / tasks, a round a sample."""
        return self._samples(cells, "track_overhead_per_task", executor, workers, pin, chunk)

    track_time_ratio.unit = "ratio"  # type: ignore[attr-defined]
    track_seconds.unit = "seconds"  # type: ignore[attr-defined]
    track_overhead_per_task.unit = "us"  # type: ignore[attr-defined]

    def _samples(
        self, cells: Cells, method: str, executor: str, workers: int, pin: str, chunk: int
    ) -> Any:
        return for_asv(cells, method, (self.workload, self.size, executor, workers, pin, chunk))


def suite_plan(module: str) -> SweepPlan:
    """The sweep that all classes of the suite in *module* span under the chosen profile.

    Parameters
    ----------
    module : str
        Its name as Python knows it, ``__name__``; the last part of it is the suite's.
    """
    options = RunOptions.from_env()
    profile = _with_budget(make_profile(options.profile), options, module)
    every = [case for suite in _classes(sys.modules[module]) for case in suite._cases(profile)]
    return SweepPlan(module.rpartition(".")[2], profile, tuple(dict.fromkeys(every)))


def _by_work(base: type[_Suite], workload: str) -> dict[str, type[_Suite]]:
    """A class of *base*'s axes for each workload that adds work to the items of *workload*.

    The classes belong into the module of *base*, where ASV finds them.
    """
    amounts = [name for name in OURS if name != workload and family_of(name)[0] == workload]
    made = {}
    for name in amounts:
        amount = name.removeprefix(f"{workload}-")
        title = f"{base.__name__.removeprefix('_Worked')}{amount}"
        sentence = f"{(base.__doc__ or '').rstrip('.')}, with {amount} of work for each."
        facts = {"workload": name, "__doc__": sentence, "__module__": base.__module__}
        made[title] = type(title, (base,), facts)
    return made


def measure_suites(names: Sequence[str]) -> None:
    """Measure the suites *names* of the package ``benchmarks`` as one sweep: one start-up of an
    engine serves all of them. Where the calls of a suite are start-ups, it is a sweep of its own.
    """
    modules = [f"benchmarks.{name}" for name in names]
    for module in modules:
        import_module(module)
    plans = [suite_plan(module) for module in modules]
    starts = [plan for plan in plans if all(case.workload == STARTUP for case in plan.cases)]
    for group in ([plan for plan in plans if plan not in starts], *([plan] for plan in starts)):
        if group:
            _measured(group)


def _sweep(module: str) -> Cells:
    """Measure the suite in *module* once, in pairs; the samples of each case with a result."""
    from harness.apps.asv.samples import samples  # noqa: PLC0415

    began, shared = monotonic(), RunOptions.from_env().shared_budget
    try:
        [journal] = _measured([suite_plan(module)])
        if shared is not None:
            shared_budget.spent(shared, module.rpartition(".")[2], monotonic() - began)
        return samples(journal)
    except (ChunkbenchError, OSError, MemoryError) as error:
        if words := failure_words(error):
            raise SystemExit(f"chunkbench: {words}") from None
        raise


def _measured(plans: Sequence[SweepPlan]) -> list[Path]:
    """Measure *plans* together, as the options say; their journals."""
    from harness.reading.analysis.crossover.refine import refine  # noqa: PLC0415
    from harness.reading.analysis.models.separate import separate  # noqa: PLC0415
    from harness.reading.analysis.verdict.verdicts import decided  # noqa: PLC0415
    from harness.running.measure.environment.other_python import look_into  # noqa: PLC0415
    from harness.running.measure.sweep.progress import reported  # noqa: PLC0415
    from harness.running.measure.sweep.session import measure_together  # noqa: PLC0415

    options = RunOptions.from_env()
    with reported(os.environ.get("CHUNKBENCH_PROGRESS")) as report:
        return measure_together(
            plans,
            results_folder(options),
            decide=decided,
            refine=refine,
            separate=separate,
            machine_name=options.machine,
            resume=options.resume,
            since=options.since,
            report=report,
            watch_parent=True,
            dashboard=options.dashboard,
            elsewhere=look_into(options.python, options.executors) if options.python else None,
        )


def _classes(module: ModuleType) -> list[type[_Suite]]:
    """The suites' classes in *module*, in its order."""
    return [
        value
        for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, _Suite) and not name.startswith("_")
    ]


def _with_budget(profile: Profile, options: RunOptions, module: str) -> Profile:
    """*profile* with the budget of the suite in *module*: that of *options*, which is for bringing
    engines up as well, its own or its part of one that is shared; else its share of the
    profile's."""
    if options.shared_budget is not None:
        seconds = shared_budget.share(options.shared_budget, module.rpartition(".")[2])
        return profile.with_budget(seconds)
    if options.suite_budget_seconds is not None:
        return profile.with_budget(options.suite_budget_seconds)
    if profile.budget_seconds is None:
        return profile
    return replace(profile, budget_seconds=_share_of_budget(module) * profile.budget_seconds)


def _share_of_budget(module: str) -> float:
    """The weight of the suite in *module* over that of all suites in its folder, chosen or not."""
    from harness.apps.planning.suites_of import weights  # noqa: PLC0415

    every = weights(Path(sys.modules[module].__file__ or "").parent)
    return every[module.rpartition(".")[2]] / math.fsum(every.values())


def results_folder(options: RunOptions) -> Path:
    """Where journals go: the folder of *options*, else ``results`` beside ASV's configuration.

    Raises
    ------
    UsageError
        Where neither is known, as under ASV's ``existing`` environments.
    """
    if options.results is not None:
        return options.results
    if os.environ.get("ASV_CONF_DIR"):
        return Path(os.environ["ASV_CONF_DIR"]) / "results"
    raise UsageError("no results folder is known: set CHUNKBENCH_RESULTS, or use chunkbench run")
