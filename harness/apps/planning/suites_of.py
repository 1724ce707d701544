"""The suites of a clone as sweeps on a node that is only described."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from harness.core.errors import InputError
from harness.core.run_options import RunOptions
from harness.running.measure.sweep.refusals import refusals
from harness.running.plan.profiles import make_profile
from harness.running.plan.suite_cases import Node, suite_cases
from harness.running.plan.sweep import SweepPlan

FOLDER = "benchmarks"
"""Where a clone has its suites."""


def suite_plans(
    root: Path, names: Sequence[str], options: RunOptions, node: Node
) -> dict[str, SweepPlan]:
    """The sweeps of the suites *names* in the clone *root*, without a budget.

    Raises
    ------
    UnknownNameError
        For a profile that does not exist.
    """
    profile, plans = make_profile(options.profile), {}
    for name in names:
        cases = suite_cases(_written(root / FOLDER, name), profile, options.named_axes, node)
        refused = refusals(cases, int(min(node.memory_bytes, sys.maxsize)))
        plans[name] = SweepPlan(name, profile, cases, refused)
    return plans


def weights(folder: Path, names: Sequence[str] = ()) -> dict[str, float]:
    """The weight of each suite in *folder*, by which they share the budget of a profile: of those
    with *names*, or of all."""
    every = names or sorted(path.stem for path in folder.glob("[!_]*.py"))
    return {name: math.fsum(suite.share for suite in _written(folder, name)) for name in every}


def _written(folder: Path, name: str) -> list[Any]:
    """The classes that the file of suite *name* has, without those that are made beside them.

    The file is read as a module of its own, whatever ``benchmarks`` is already imported.
    """
    path = folder / f"{name}.py"
    specification = spec_from_file_location(f"planned_suite_{name}", path)
    if specification is None or specification.loader is None:
        raise InputError(f"{path} is no Python file: restore it")
    module = module_from_spec(specification)
    sys.modules[module.__name__] = module  # where a class finds its own module
    try:
        specification.loader.exec_module(module)
    finally:
        del sys.modules[module.__name__]
    classes = [
        value
        for key, value in vars(module).items()
        if isinstance(value, type) and not key.startswith("_") and hasattr(value, "workload")
    ]
    return [each for each in classes if not any(base in classes for base in each.__mro__[1:])]
