"""Results of several machines into one folder, by a rule that does not depend on the order.

What stands in the end is a function of the set of files given and of those already there:

- Files are told apart by machine, name and content; the same three are one file.
- Journals and accounting are only ever appended to. Of two whose lines begin alike, the longer one
  has all of the shorter, and stands for both. Two journals of one run that differ otherwise are
  refused, and so is one run under two machines: a run is measured once.
- ASV's results of one commit and environment, and accounting, that differ are all kept, each with
  the first 8 digits of the SHA-256 of its content added to its name.
- Two ``machine.json`` that say different things are refused: two machines would have one name.
- ``benchmarks.json`` is worked out again from those given and from all of ASV's results.

All is checked before anything is written; then every file is staged beside the others, flushed,
and put in its place by one rename. A merge that was cut off is finished by running it again.
"""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from harness.apps.asv.merge_benchmarks import BENCHMARKS, union
from harness.apps.asv.site import load_json
from harness.apps.folders.staging import locked, put
from harness.core.errors import InputError, UsageError
from harness.reading.ingest import machine_folders
from harness.reading.ingest.accounting.kept import FOLDER as ACCOUNTING

JOURNAL, MACHINE = "journal", "machine.json"
DIGITS = 8


class Found(NamedTuple):
    """A file of some results folder; of one that grows, its first ``size`` bytes."""

    path: Path
    size: int
    digest: str


class Key(NamedTuple):
    """Machine, folder below it (empty for itself), and name without a digest of the content."""

    machine: str
    folder: str
    name: str


@dataclass
class Plan:
    """What a merge does; paths are relative to the folder that is merged into.

    ``kept`` are there already as they are to be, ``replaced`` are journals that have grown since,
    ``removed`` are names whose content stands under another name or in a longer file; ``files`` are
    all that will be there.
    """

    out: Path
    copied: dict[str, Found] = field(default_factory=dict)
    replaced: dict[str, Found] = field(default_factory=dict)
    kept: dict[str, Found] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    benchmarks: str | None = None

    @property
    def files(self) -> dict[str, Found]:
        """Relative path to the file that it is copied from, in order."""
        return dict(sorted({**self.copied, **self.replaced, **self.kept}.items()))


def merge(folders: Sequence[Path], out: Path, *, dry_run: bool = False) -> Plan:
    """Merge the results in *folders* into *out*, which may have some already.

    Parameters
    ----------
    folders : sequence of Path
        Results folders, or folders of one machine.
    out : Path
        A results folder; made if it is not there.
    dry_run : bool
        Say what would be done, and leave everything as it is.

    Raises
    ------
    InputError
        Where a folder has no results, or two files contradict each other.
    UsageError
        Where a journal in *out* that has to be replaced is being written.
    """
    if dry_run:
        return _planned(folders, out)
    for folder in folders:
        _machines(folder)
    with locked(out):
        plan = _planned(folders, out)
        _carry_out(plan)
    return plan


def _planned(folders: Sequence[Path], out: Path) -> Plan:
    every = [out, *folders] if out.is_dir() else list(folders)
    plan = Plan(out)
    groups: dict[Key, list[Found]] = {}
    for folder in every:
        for machine in _machines(folder, may_be_empty=folder is out):
            for key, found in _files(machine, plan.left_out):
                groups.setdefault(key, []).append(found)
    wanted: dict[str, Found] = {}
    for key in sorted(groups):
        wanted |= _settled(key, groups[key])
    _check_runs(wanted)
    _sort_out(plan, wanted, groups)
    results = (one.path for path, one in sorted(wanted.items()) if _is_asv_result(path))
    plan.benchmarks = union(every, results)
    return plan


def _machines(folder: Path, *, may_be_empty: bool = False) -> list[Path]:
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder: give folders that runs wrote to")
    shown = [
        one for one in machine_folders(folder) if not one.name.startswith(".") or one == folder
    ]
    machines = [one for one in shown if any(_files(one, []))]
    if not machines and not may_be_empty:
        raise InputError(f"{folder}: no results in it: give folders that runs wrote to")
    return machines


def _files(machine: Path, left_out: list[str]) -> Iterator[tuple[Key, Found]]:
    """The results in the folder of a machine; what is none is added to *left_out*."""
    name = machine.resolve().name
    for path in sorted(machine.rglob("*")):
        if not path.is_file() or path.name.startswith("."):
            continue
        folder = path.parent.relative_to(machine).as_posix().lstrip(".")
        ours = {JOURNAL: ".jsonl", ACCOUNTING: ".jsonl", "": ".json"}
        if ours.get(folder) != path.suffix or path.name == BENCHMARKS:
            left_out.append(str(path))
            continue
        found = _found(path)
        stem = path.stem.removesuffix(f"-{found.digest[:DIGITS]}")
        yield Key(name, folder, stem + path.suffix), found


def _found(path: Path) -> Found:
    with path.open("rb") as file:
        digest = hashlib.sha256()
        while part := file.read(1 << 20):
            digest.update(part)
        return Found(path, file.tell(), digest.hexdigest())


def _settled(key: Key, files: Sequence[Found]) -> dict[str, Found]:
    """What of the *files* of one name is to stand, under which relative path."""
    of_content = {one.digest: one for one in reversed(files)}
    kept = [of_content[digest] for digest in sorted(of_content)]
    if key.folder in (JOURNAL, ACCOUNTING) and len(kept) > 1:
        kept = _longest(kept)
    if len(kept) > 1 and key.folder == JOURNAL:
        raise InputError(
            f"{kept[0].path} and {kept[1].path} are of one run and differ: "
            "one of them was edited or damaged, delete it"
        )
    if len(kept) > 1 and key.name == MACHINE:
        kept = [_one_machine(kept)]
    plain = Path(key.name)
    names = [
        key.name if len(kept) == 1 else f"{plain.stem}-{one.digest[:DIGITS]}{plain.suffix}"
        for one in kept
    ]
    base = "/".join(filter(None, (key.machine, key.folder)))
    return {f"{base}/{name}": one for name, one in zip(names, kept)}


def _longest(files: Sequence[Found]) -> list[Found]:
    """Those of *files* whose lines are not the beginning of another one."""
    by_length = sorted(files, key=lambda one: (one.size, one.digest), reverse=True)
    found: list[Found] = []
    for one in by_length:
        lines = _content(one)
        lines = lines[: lines.rfind(b"\n") + 1]  # a cut-off last line is none
        if not any(_content(longer).startswith(lines) for longer in found):
            found.append(one)
    return sorted(found, key=lambda one: one.digest)


def _content(found: Found) -> bytes:
    with found.path.open("rb") as file:
        return file.read(found.size)


def _one_machine(files: Sequence[Found]) -> Found:
    said = [load_json(one.path) for one in files]
    for one, other in pairwise(said):
        differ = sorted(name for name in {*one, *other} if one.get(name) != other.get(name))
        if differ:
            raise InputError(
                f"{files[0].path} and {files[1].path} differ in {', '.join(differ)}: "
                "give one of the two machines another name (folder, and name in machine.json)"
            )
    return files[0]


def _check_runs(wanted: Iterable[str]) -> None:
    seen: dict[str, str] = {}
    for path in wanted:
        machine, _, rest = path.partition("/")
        if rest.startswith(f"{JOURNAL}/") and seen.setdefault(rest, machine) != machine:
            raise InputError(
                f"run {Path(rest).stem} is under {seen[rest]} and under {machine}: delete one"
            )


def _sort_out(plan: Plan, wanted: dict[str, Found], groups: dict[Key, list[Found]]) -> None:
    there: dict[str, Found] = {
        one.path.relative_to(plan.out).as_posix(): one
        for files in groups.values()
        for one in files
        if one.path.is_relative_to(plan.out)
    }
    for path, one in wanted.items():
        if path not in there:
            plan.copied[path] = one
        elif there[path].digest == one.digest:
            plan.kept[path] = there[path]
        else:
            plan.replaced[path] = one
    plan.removed = sorted(set(there) - set(wanted))
    for path in (*plan.replaced, *plan.removed):
        _check_unlocked(plan.out / path)


def _check_unlocked(path: Path) -> None:
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UsageError(f"{path} is being written by a run: wait for it") from None


def _is_asv_result(path: str) -> bool:
    return path.count("/") == 1 and not path.endswith(f"/{MACHINE}")


def _carry_out(plan: Plan) -> None:
    files = {
        path: partial(_unchanged, one) for path, one in {**plan.copied, **plan.replaced}.items()
    }
    made = plan.benchmarks
    last = {} if made is None else {BENCHMARKS: made.encode}
    put(plan.out, {**files, **last}, plan.removed)


def _unchanged(found: Found) -> bytes:
    content = _content(found)
    if hashlib.sha256(content).hexdigest() != found.digest:
        raise InputError(f"{found.path} changed while it was read: merge again")
    return content
