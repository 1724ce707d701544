"""Merge the results of several machines into one folder, by a rule that no order changes.

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

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness.apps.asv.merge_benchmarks import BENCHMARKS, union
from harness.apps.folders.contribution_file import opened
from harness.apps.folders.reconcile import reconcile
from harness.apps.folders.result_files import (
    FileKey,
    ResultFile,
    is_asv_result,
    machines,
    result_files,
)
from harness.apps.folders.staging import is_being_written, locked, put
from harness.core.errors import UsageError


@dataclass(frozen=True)
class MergePlan:
    """What a merge does; paths are relative to the folder that is merged into.

    Attributes
    ----------
    out : Path
        The folder that is merged into.
    copied, replaced, kept : dict of str to ResultFile
        Files that are new there, journals that have grown since, and files that stay as they are;
        each path with the file that has its content.
    removed : list of str
        Names whose content stands under another name or in a longer file.
    left_out : list of str
        Paths of files that are no result.
    benchmarks : str or None
        Text of ``benchmarks.json``; ``None`` where no folder has one.
    """

    out: Path
    copied: dict[str, ResultFile] = field(default_factory=dict)
    replaced: dict[str, ResultFile] = field(default_factory=dict)
    kept: dict[str, ResultFile] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    benchmarks: str | None = None

    @property
    def files(self) -> dict[str, ResultFile]:
        """All files that will be there, in the order of their paths."""
        return dict(sorted({**self.copied, **self.replaced, **self.kept}.items()))


def merge(folders: Sequence[Path], out: Path, *, dry_run: bool = False) -> MergePlan:
    """Merge the results in *folders* into *out*, which may have some already.

    Parameters
    ----------
    folders : sequence of Path
        Results folders, folders of one machine, or files of ``chunkbench contribute``.
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
    with opened(folders) as sources:
        if dry_run:
            return _plan(sources, out)
        for folder in sources:
            machines(folder)  # refuse a wrong folder before *out* is made
        with locked(out):
            plan = _plan(sources, out)
            _carry_out(plan)
        return plan


def _plan(folders: Sequence[Path], out: Path) -> MergePlan:
    sources = [out, *folders] if out.is_dir() else list(folders)
    left_out: list[str] = []
    groups: dict[FileKey, list[ResultFile]] = {}
    for folder in sources:
        for machine in machines(folder, may_be_empty=folder is out):
            for key, file in result_files(machine, left_out):
                groups.setdefault(key, []).append(file)
    wanted = reconcile(groups)
    present = {
        file.path.relative_to(out).as_posix(): file
        for files in groups.values()
        for file in files
        if file.path.is_relative_to(out)
    }
    asv_results = (wanted[path].path for path in sorted(wanted) if is_asv_result(path))
    return _compare(out, wanted, present, left_out, union(sources, asv_results))


def _compare(
    out: Path,
    wanted: Mapping[str, ResultFile],
    present: Mapping[str, ResultFile],
    left_out: list[str],
    benchmarks: str | None,
) -> MergePlan:
    """Plan what makes the *wanted* files of those that are *present* in *out*."""
    kept = {
        path: present[path]
        for path, file in wanted.items()
        if path in present and present[path].digest == file.digest
    }
    replaced = {path: file for path, file in wanted.items() if path in present and path not in kept}
    removed = sorted(set(present) - set(wanted))
    _check_unlocked(out / path for path in (*replaced, *removed))
    copied = {path: file for path, file in wanted.items() if path not in present}
    return MergePlan(out, copied, replaced, kept, removed, left_out, benchmarks)


def _check_unlocked(paths: Iterable[Path]) -> None:
    for path in paths:
        if is_being_written(path):
            raise UsageError(f"{path} is being written by a run: wait for it")


def _carry_out(plan: MergePlan) -> None:
    files = {
        path: file.unchanged_content for path, file in {**plan.copied, **plan.replaced}.items()
    }
    last = {} if plan.benchmarks is None else {BENCHMARKS: plan.benchmarks.encode}
    put(plan.out, {**files, **last}, plan.removed)
