"""What ``chunkbench plan`` answers: what a sweep would measure, start, cost and cut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness.apps.planning.cost_model import CostModel
from harness.apps.planning.costs_of_journals import cost_model
from harness.apps.planning.dry_run import DryRun, dry_run, up_to_first_look
from harness.apps.planning.plan_record import CutCase, PlannedRun, PlannedSuite
from harness.apps.planning.suites_of import suite_plans
from harness.core import units
from harness.core.run_options import RunOptions
from harness.running.host.machine import default_name
from harness.running.plan.case_name import format_case
from harness.running.plan.profiles import Profile
from harness.running.plan.shared_budget import shares
from harness.running.plan.suite_cases import Node
from harness.running.plan.sweep import SweepPlan

SPARE = 1.1
"""A budget that is advised has this much more than the cost model asks for: it is coarse, and a
start-up that fails is made again."""


@dataclass(frozen=True)
class PlanRequest:
    """What a plan is made for.

    Attributes
    ----------
    node : Node
    costs : CostModel
    budget_seconds : float or None
        As a user gives it, for all suites together.
    weights : mapping of str to float
        What each of all suites weighs in the profile's own budget.
    """

    node: Node
    costs: CostModel
    budget_seconds: float | None
    weights: Mapping[str, float]


def needs(plans: Mapping[str, SweepPlan], costs: CostModel, node: Node) -> dict[str, DryRun]:
    """Each suite up to its first looks, with as much time as that takes."""
    return {
        suite: dry_run(replace(plan, profile=up_to_first_look(plan.profile)), costs, node)
        for suite, plan in plans.items()
    }


def seconds_needed(
    root: Path, names: Sequence[str], options: RunOptions, node: Node
) -> dict[str, float]:
    """What each of the suites *names* in the clone *root* needs to reach its first looks, by the
    costs in the results folder of *options*, and in that of the clone."""
    folders = [options.results or root / "results", root / "results"]
    costs = cost_model(folders, options.machine or default_name())
    runs = needs(suite_plans(root, names, options, node), costs, node)
    return {suite: run.seconds for suite, run in runs.items()}


def suite_profiles(
    plans: Mapping[str, SweepPlan], needed: Mapping[str, float], asked: PlanRequest
) -> dict[str, Profile]:
    """The profile of each suite with its budget: that which a user gives by what the suites need
    or evenly, as the profile has it, else the weighted part of the profile's own."""
    profiles = {suite: plan.profile for suite, plan in plans.items()}
    profile = next(iter(profiles.values()))
    budget = asked.budget_seconds
    if budget is not None and profile.budget_by_cost:
        parts = shares(budget, needed)
    elif budget is not None:
        parts = dict.fromkeys(profiles, budget / len(profiles))
    elif profile.budget_seconds is not None:
        parts = shares(profile.budget_seconds, asked.weights)
        return {
            suite: replace(each, budget_seconds=parts[suite]) for suite, each in profiles.items()
        }
    else:
        return profiles
    return {suite: each.with_budget(parts[suite]) for suite, each in profiles.items()}


def planned_run(plans: Mapping[str, SweepPlan], asked: PlanRequest) -> PlannedRun:
    """Run all *plans* on a fake clock, first without a budget, then within the one they have."""
    node, costs = asked.node, asked.costs
    free = needs(plans, costs, node)
    profiles = suite_profiles(plans, {suite: run.seconds for suite, run in free.items()}, asked)
    runs = {
        suite: free[suite]
        if profiles[suite].budget_seconds is None
        else dry_run(replace(plan, profile=profiles[suite]), costs, node)
        for suite, plan in plans.items()
    }
    profile = next(iter(plans.values())).profile
    budget = asked.budget_seconds if asked.budget_seconds is not None else profile.budget_seconds
    needed = sum(run.seconds for run in free.values())
    end = sum(run.seconds_of_all_rounds(plans[suite].profile) for suite, run in free.items())
    last = end if budget is None else min(end, max(budget, sum(r.seconds for r in runs.values())))
    return PlannedRun(
        profile=profile.name,
        cores=node.cores,
        memory_bytes=None if node.memory_bytes == float("inf") else int(node.memory_bytes),
        cases=sum(len(run.rounds) for run in runs.values()),
        first_look=sum(run.reached for run in runs.values()),
        rounds_to_first_look=next(iter(free.values())).least,
        set_ups=sum(run.set_ups for run in free.values()),
        starts=sum(run.starts for run in runs.values()),
        processes=sum(run.processes for run in runs.values()),
        budget_seconds=budget,
        needed_seconds=needed,
        advised_budget=units.as_option(SPARE * needed),
        end_seconds=last,
        core_hours=node.cores * last / 3600,
        costs_from=list(costs.measured),
        suites=[
            PlannedSuite(
                suite=suite,
                cases=len(run.rounds),
                first_look=run.reached,
                set_ups=free[suite].set_ups,
                starts=run.starts,
                refused=len(plans[suite].refused),
                budget_seconds=profiles[suite].budget_seconds,
                needed_seconds=free[suite].seconds,
            )
            for suite, run in runs.items()
        ],
        cut=[
            CutCase(case=format_case(case), suite=suite, reason=reason)
            for suite, run in runs.items()
            for case, reason in run.cut.items()
        ]
        + [
            CutCase(case=format_case(case), suite=suite, reason=reason)
            for suite, plan in plans.items()
            for case, reason in plan.refused.items()
        ],
    )
