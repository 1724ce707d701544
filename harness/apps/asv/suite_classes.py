"""Say which workload each class of the suites measures, and at which size.

``benchmarks/`` is imported in a process of its own, since its classes take their size from the
profile when they are imported: ``python -m harness.apps.asv.suite_classes ROOT``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from harness.apps.asv.asv_process import AsvError
from harness.core import run_options
from harness.running.plan.profiles import make_profile
from harness.running.plan.suite_cases import variants_of


@dataclass(frozen=True)
class SuiteClass:
    """A class of a suite, as a profile makes it on this machine.

    Attributes
    ----------
    name : str
        As ASV names it: ``"bag_map.BagFold"``.
    workload : str
    size : int
    other_sizes : tuple of int
        Sizes that its sweep has on top and that are none of ASV's cells.
    part : str
        Which executors of its suite it has: see :func:`.suite_cases.part_of`.
    variants : tuple of str
        Executors of its suite that have a part of their own.
    """

    name: str
    workload: str
    size: int
    other_sizes: tuple[int, ...] = ()
    part: str = ""
    variants: tuple[str, ...] = ()


def suite_classes(root: Path, profile: str) -> dict[str, SuiteClass]:
    """List the classes of all suites in the clone *root* under *profile*, by their names.

    Raises
    ------
    AsvError
        Where a suite cannot be imported.
    """
    done = subprocess.run(
        [sys.executable, "-m", __name__, str(root)],
        capture_output=True,
        text=True,
        env=os.environ | {run_options.PROFILE: profile},
    )
    if done.returncode:
        raise AsvError(f"the suites cannot be imported: {done.stderr.strip()[-300:]}")
    rows = json.loads(done.stdout)
    several = ("other_sizes", "variants")
    return {
        row["name"]: SuiteClass(**row | {name: tuple(row[name]) for name in several})
        for row in rows
    }


def _found(root: Path, profile: str) -> list[SuiteClass]:
    sys.path.insert(0, str(root))
    classes = []
    for path in sorted(root.glob("benchmarks/[!_]*.py")):
        for name, value in vars(import_module(f"benchmarks.{path.stem}")).items():
            if _is_suite(name, value):
                extra = value.extra_size.get(profile)
                sizes = (extra[0],) if extra else ()
                part = value._part or ""
                variants = tuple(variants_of(value, make_profile(profile)))
                named = f"{path.stem}.{name}"
                classes.append(SuiteClass(named, value.workload, value.size, sizes, part, variants))
    return classes


def _is_suite(name: str, value: Any) -> bool:
    return isinstance(value, type) and not name.startswith("_") and hasattr(value, "workload")


if __name__ == "__main__":
    found = _found(Path(sys.argv[1]), os.environ[run_options.PROFILE])
    json.dump([asdict(each) for each in found], sys.stdout)
