"""Plan a run of suites of this clone: on this node, or on one that is only described."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from harness.apps.asv.front import project_root, suites
from harness.apps.planning.costs_of_journals import cost_model
from harness.apps.planning.plan_record import PlannedRun
from harness.apps.planning.planned_run import Asked, planned_run
from harness.apps.planning.suites_of import suite_plans, weights
from harness.core.errors import UnknownNameError
from harness.core.run_options import RunOptions
from harness.running.host.machine import default_name
from harness.running.plan.suite_cases import Node, this_node


def plan_of(
    chosen: Sequence[str],
    options: RunOptions,
    *,
    results: Path,
    budget_seconds: float | None = None,
    cores: int | None = None,
    memory_bytes: int | None = None,
) -> PlannedRun:
    """What a run of *chosen* suites (all of them if empty) would take.

    Costs are those of this machine's journals in *results*, then of other machines' in it, then of
    those that the clone has.

    Parameters
    ----------
    chosen : sequence of str
    options : RunOptions
        Profile, and the axes that are named.
    results : Path
        A results folder; it need not exist.
    budget_seconds : float, optional
        For all suites together.
    cores, memory_bytes : int, optional
        Of another machine.

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
    known = suites(root)
    for name in chosen:
        if name not in known:
            raise UnknownNameError("suite", name, known)
    here = this_node()
    node = Node(cores or here.cores, memory_bytes or here.memory_bytes)
    folders = [results if results.is_absolute() else root / results, root / "results"]
    costs = cost_model(folders, options.machine or default_name())
    plans = suite_plans(root, list(dict.fromkeys(chosen)) or known, options, node)
    return planned_run(plans, Asked(node, costs, budget_seconds, weights(root, known)))
