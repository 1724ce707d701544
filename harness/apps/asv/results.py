"""Fill a results folder that is not the clone's own with ASV's files.

ASV rewrites one file for each machine and commit, and one list of benchmarks. Other sweeps may fill
the same folder from other nodes at the same time, so ASV runs in a scratch folder, and what it
leaves is added to the results under a lock. Journals have names of their own and go there directly.
"""

from __future__ import annotations

import json
import platform
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from harness.core.errors import InputError, UsageError
from harness.core.file_locks import lock
from harness.core.whole_files import write_whole
from harness.running.host.alone import alone
from harness.running.measure.sweep import journal

LOCK = ".lock"
ASV_LOCK = ".asv.lock"
HOLDER = ".holder"
"""How the file ends that is the lock on a file system without locks."""
PATIENCE_SECONDS = 60.0
TOGETHER = ("results", "durations")
"""The parts of ASV's file that have an entry for each benchmark."""


@contextmanager
def one_run(results: Path, part: str | None = None) -> Iterator[None]:
    """Hold *results* for one sweep alone, or for one sweep of each *part*.

    The kernel drops such a lock with the process that holds it, however that ended.

    Raises
    ------
    UsageError
        Where another sweep holds it.
    """
    results.mkdir(parents=True, exist_ok=True)
    with ExitStack() as held:
        names = [(LOCK, part is not None)]
        if part:
            names.append((f"{LOCK}-{part}", False))
        for name, shared in names:
            file = held.enter_context((results / name).open("a+"))
            if not _is_held(file, results, shared=shared) and not shared:
                held.enter_context(alone(results / f"{name}{HOLDER}", "run"))
        yield


def _is_held(file: IO[str], results: Path, *, shared: bool) -> bool:
    """Whether *file* is locked now; False where its file system has no locks."""
    try:
        return lock(file, shared=shared)
    except BlockingIOError:
        raise UsageError(
            f"{results}: another run is at work there: wait for its end, or choose another "
            "folder with --results"
        ) from None


def configuration(root: Path, folder: Path) -> Path:
    """Configure ASV to keep its results in *folder*, and in all else as the clone *root* does.

    ASV looks beside the file for the ``pyproject.toml`` that names what builds the project.
    """
    from asv.config import Config  # noqa: PLC0415

    wanted = vars(Config.load(str(root / "asv.conf.json"))) | {
        "version": Config.api_version,
        "repo": str(root),
        "benchmark_dir": str(root / "benchmarks"),
        "env_dir": str(root / ".asv-env"),
        "results_dir": str(folder / "results"),
    }
    path = folder / "asv.conf.json"
    path.write_text(json.dumps({k: v for k, v in wanted.items() if v is not None}))
    shutil.copyfile(root / "pyproject.toml", folder / "pyproject.toml")
    return path


def introduce(name: str, folder: Path) -> None:
    """Tell ASV what it would ask about a machine that it does not know.

    A lock in *folder* lets one process at a time do so.
    """
    from asv.machine import Machine, MachineCollection  # noqa: PLC0415
    from asv.util import UserError  # noqa: PLC0415

    with _alone(folder):
        try:
            MachineCollection.load(name)
        except UserError:
            known = {"machine": name, "os": platform.system()}
            MachineCollection.save(name, Machine.get_defaults() | known)


@contextmanager
def _alone(results: Path) -> Iterator[None]:
    """Hold the right to change ASV's files in *results*; wait for it if need be."""
    with (results / ASV_LOCK).open("a+") as file, ExitStack() as held:
        if not lock(file, wait=True):
            holder = results / f"{ASV_LOCK}{HOLDER}"
            held.enter_context(alone(holder, "command", patience_seconds=PATIENCE_SECONDS))
        yield


def add(scratch: Path, results: Path) -> None:
    """Add ASV's files under *scratch* to those in *results*; a benchmark's newer values win."""
    with _alone(results):
        for path in sorted([*scratch.glob("*.json"), *scratch.glob("*/*.json")]):
            target = results / path.relative_to(scratch)
            new = _load(path)
            old = _load(target) if target.is_file() else {}
            merged = old | new
            if path.parent != scratch:
                for name in TOGETHER:
                    if name in merged:
                        merged[name] = old.get(name, {}) | new.get(name, {})
            target.parent.mkdir(parents=True, exist_ok=True)
            write_whole(target, json.dumps(merged, indent=1).encode())


def _load(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"{path} is not ASV's ({error}): restore or remove it") from None
    if not isinstance(content, dict):
        raise InputError(f"{path} is not ASV's: restore or remove it")
    return content


def ended(machine: Path, suite: str, profile: str, commit: str | None, after: datetime) -> bool:
    """Whether nothing of *suite* is missing in the results of a *machine*.

    That is so where a run of it came to its end *after* a moment, and ASV's file of the commit has
    its cells as well. A sweep that was stopped between the two left a journal alone.

    Parameters
    ----------
    machine : Path
        The machine's folder of results.
    suite, profile : str
    commit : str or None
        The commit of the code that measured.
    after : datetime
    """
    path = journal.ended(
        machine / "journal",
        suite,
        after,
        lambda info: (info.profile, info.commit) == (profile, commit),
    )
    return path is not None and _has_cells(machine, suite, commit, after)


def _has_cells(machine: Path, suite: str, commit: str | None, after: datetime) -> bool:
    """Whether ASV's files have cells of *suite* at *commit* that were filled *after* a moment."""
    for path in machine.glob("*.json"):
        content = _load(path)
        if path.name == "machine.json" or content.get("commit_hash") != commit:
            continue
        columns = content.get("result_columns", [])
        for name, values in content.get("results", {}).items():
            started = dict(zip(columns, values, strict=False)).get("started_at")
            of_suite = name.partition(".")[0] == suite
            if of_suite and started and started >= 1000 * after.timestamp():
                return True
    return False


def part_of(names: Sequence[str], share: str) -> list[str]:
    """Take the suites of one part of several, such as ``"2/8"``.

    The parts have as many suites each, or one fewer.

    Raises
    ------
    UsageError
        Where *share* is not written like ``2/8``, or that part has no suite.
    """
    number, _, parts = share.partition("/")
    if not (number.isdecimal() and parts.isdecimal() and 1 <= int(number) <= int(parts)):
        raise UsageError(f"{share!r} is no part: write for example 2/8")
    part = list(names)[int(number) - 1 :: int(parts)]
    if not part:
        raise UsageError(f"part {share} is empty: there are {len(names)} suites")
    return part
