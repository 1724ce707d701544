"""The clone that commands run in: its folder, and its suites."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from harness.core.errors import UnknownNameError, UsageError

CONFIGURATION = "asv.conf.json"


def suites(root: Path) -> list[str]:
    """The suites in ``benchmarks/``, by the names of their files."""
    return sorted(p.stem for p in (root / "benchmarks").glob("*.py") if not p.stem.startswith("_"))


def check_suites(chosen: Iterable[str], root: Path) -> None:
    """Refuse a name that no suite of the clone *root* has.

    Raises
    ------
    UnknownNameError
        With those that there are.
    """
    known = suites(root)
    for name in chosen:
        if name not in known:
            raise UnknownNameError("suite", name, known)


def project_root() -> Path:
    """The folder of ``asv.conf.json``: this one, or the nearest above.

    Raises
    ------
    UsageError
        Where there is none.
    """
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / CONFIGURATION).is_file():
            return folder
    raise UsageError(
        f"no {CONFIGURATION} here or above: run this in a clone of chunkbench "
        "(chunkbench settle needs none)"
    )
