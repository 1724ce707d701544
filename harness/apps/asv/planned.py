"""Plan a run of suites of this clone: on this node, or on one that is only described."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from harness.apps.asv.project_clone import check_suites, project_root, suites
from harness.apps.asv.results import part_of
from harness.apps.hpc.job_request import JobRequest
from harness.apps.planning.plan_record import PlannedRun, hours
from harness.apps.planning.planned_run import (
    SPARE,
    PlanRequest,
    known_costs,
    planned_run,
    seconds_together,
)
from harness.apps.planning.suites_of import FOLDER, suite_plans, weights
from harness.core import units
from harness.core.run_options import RunOptions
from harness.running.plan.executor_cases import counts_of_list
from harness.running.plan.profiles import make_profile
from harness.running.plan.suite_cases import Node, this_node


def plan_of(
    chosen: Sequence[str],
    options: RunOptions,
    *,
    budget_seconds: float | None = None,
    cores: int | None = None,
    memory_bytes: int | None = None,
    share: str | None = None,
) -> PlannedRun:
    """What a run of *chosen* suites (all of them if empty) would take.

    Costs are those of this machine's journals in the results folder, then of other machines' in it,
    then of those that the clone has.

    Parameters
    ----------
    chosen : sequence of str
    options : RunOptions
        Profile, results folder, and the axes that are named.
    budget_seconds : float, optional
        For all suites together.
    cores, memory_bytes : int, optional
        Of another machine.
    share : str, optional
        Only a part of the suites, see :func:`harness.apps.asv.results.part_of`.

    Raises
    ------
    UsageError
        Outside a clone.
    UnknownNameError
        For a suite or profile that does not exist.
    InputError
        Where a journal is broken.
    """
    root = project_root()
    check_suites(chosen, root)
    known = suites(root)
    here = this_node()
    node = Node(cores or here.cores, memory_bytes or here.memory_bytes)
    names = list(dict.fromkeys(chosen)) or known
    if share:
        names = part_of(names, share)
    costs = known_costs(root, options)
    plans = suite_plans(root, names, options, node)
    return planned_run(
        plans, PlanRequest(node, costs, budget_seconds, weights(root / FOLDER, known))
    )


class TimeOfJob(NamedTuple):
    """Whether the budget of a job reaches the first look of every case, and the words for it."""

    fits: bool
    words: str


def time_of_job(job: JobRequest) -> TimeOfJob | None:
    """Hold the budget of *job* against what its suites need; of an array, the part that needs most.

    ``None`` where the profile has a budget of its own, since it does not promise a look to all.
    """
    if not make_profile(job.profile).budget_by_cost:
        return None
    chosen = list(job.suites) or suites(job.root)
    node = Node(job.workers, job.memory_bytes or this_node().memory_bytes)
    counts = counts_of_list(job.sweep_workers, job.workers) if job.sweep_workers else ()
    options = RunOptions(
        profile=job.profile,
        machine=job.machine,
        results=job.results,
        executors=job.executors,
        workers=counts,
    )
    parts = [part_of(chosen, f"{task}/{job.tasks}") for task in range(1, job.tasks + 1)]
    needed = max(seconds_together(job.root, part, options, node) for part in parts)
    cores, budget = units.plural(job.workers, "core"), job.budget_seconds
    takes = f"the first look of every case takes about {hours(needed)} on {cores}"
    if needed <= budget:
        return TimeOfJob(True, f"plan: {takes}, of {hours(budget)}")
    advised = units.as_option(SPARE * needed)
    return TimeOfJob(False, f"{takes}, not {hours(budget)}: give it --budget {advised}")
