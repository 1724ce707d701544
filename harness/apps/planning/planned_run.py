"""What ``chunkbench plan`` answers: what a sweep would measure, start, cost and cut."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness.apps.planning.cost_model import CostModel
from harness.apps.planning.costs_of_journals import cost_model
from harness.apps.planning.dry_run import DryRun, added, dry_run, up_to_first_look
from harness.apps.planning.plan_record import CutCase, PlannedRun, PlannedSuite
from harness.apps.planning.suites_of import suite_plans
from harness.core import units
from harness.core.run_options import RunOptions
from harness.running.host.machine import default_name
from harness.running.measure.sweep.suites_together import joined
from harness.running.plan.case_name import format_case
from harness.running.plan.profiles import Profile
from harness.running.plan.shared_budget import shares
from harness.running.plan.suite_cases import Node
from harness.running.plan.sweep import SweepPlan
from harness.running.workloads.startup import STARTUP

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


def known_costs(root: Path, options: RunOptions) -> CostModel:
    """The costs in the results folder of *options*, then those in that of the clone *root*."""
    folders = [options.results or root / "results", root / "results"]
    return cost_model(folders, options.machine or default_name())


def seconds_needed(
    root: Path, names: Sequence[str], options: RunOptions, node: Node
) -> dict[str, float]:
    """What each of the suites *names* in the clone *root* needs by itself to reach its first
    looks."""
    runs = needs(suite_plans(root, names, options, node), known_costs(root, options), node)
    return {suite: run.seconds for suite, run in runs.items()}


def seconds_together(root: Path, names: Sequence[str], options: RunOptions, node: Node) -> float:
    """What the suites *names* in the clone *root* need together to reach their first looks."""
    plans = suite_plans(root, names, options, node)
    return together(plans, known_costs(root, options), node).seconds


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


def sweeps(plans: Mapping[str, SweepPlan]) -> list[SweepPlan]:
    """*plans* as they are measured: together, but for those whose calls are start-ups."""
    alone = [plan for plan in plans.values() if _starts_only(plan)]
    others = [plan for plan in plans.values() if not _starts_only(plan)]
    return ([joined(others)] if others else []) + alone


def _starts_only(plan: SweepPlan) -> bool:
    return all(case.workload == STARTUP for case in plan.cases)


def together(plans: Mapping[str, SweepPlan], costs: CostModel, node: Node) -> DryRun:
    """All *plans* up to their first looks, as they are measured: they share start-ups."""
    cut = {
        suite: replace(plan, profile=up_to_first_look(plan.profile))
        for suite, plan in plans.items()
    }
    return added([dry_run(plan, costs, node) for plan in sweeps(cut)])


def planned_run(plans: Mapping[str, SweepPlan], asked: PlanRequest) -> PlannedRun:
    """Run all *plans* on a fake clock, first without a budget, then within the one they have."""
    node, costs = asked.node, asked.costs
    alone = needs(plans, costs, node)
    profiles = suite_profiles(plans, {suite: run.seconds for suite, run in alone.items()}, asked)
    free = together(plans, costs, node)
    profile = next(iter(plans.values())).profile
    budget = asked.budget_seconds if asked.budget_seconds is not None else profile.budget_seconds
    run = free
    if budget is not None:
        within = {suite: replace(plan, profile=profiles[suite]) for suite, plan in plans.items()}
        run = added([dry_run(plan, costs, node) for plan in sweeps(within)])
    end = free.seconds_of_all_rounds(profile)
    last = end if budget is None else min(end, max(budget, run.seconds))
    return PlannedRun(
        profile=profile.name,
        cores=node.cores,
        memory_bytes=None if math.isinf(node.memory_bytes) else int(node.memory_bytes),
        cases=len(run.rounds),
        first_look=run.reached,
        rounds_to_first_look=free.least,
        set_ups=free.set_ups,
        starts=run.starts,
        processes=run.processes,
        budget_seconds=budget,
        needed_seconds=free.seconds,
        advised_budget=units.as_option(SPARE * free.seconds),
        end_seconds=last,
        core_hours=node.cores * last / 3600,
        costs_from=list(costs.measured),
        costs_guessed=sorted(
            {case.executor for case in run.rounds if not costs.knows(case.executor)}
        ),
        suites=[
            PlannedSuite(
                suite=suite,
                cases=len(alone[suite].rounds),
                first_look=sum(case not in run.cut for case in alone[suite].rounds),
                set_ups=alone[suite].set_ups,
                starts=alone[suite].starts,
                refused=len(plan.refused),
                budget_seconds=profiles[suite].budget_seconds,
                needed_seconds=alone[suite].seconds,
            )
            for suite, plan in plans.items()
        ],
        cut=[
            CutCase(case=format_case(case), suite=suite, reason=reason)
            for suite, plan in plans.items()
            for case, reason in {**run.cut, **plan.refused}.items()
            if case in alone[suite].rounds or case in plan.refused
        ],
    )
