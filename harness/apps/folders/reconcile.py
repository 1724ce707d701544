"""Decide which of several files stand for one result, and under which name.

The answer depends on the set of files alone, never on their order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from harness.apps.asv.site import load_json
from harness.apps.folders.result_files import DIGITS, JOURNAL, MACHINE, FileKey, ResultFile
from harness.core.errors import InputError
from harness.reading.ingest.accounting.kept import FOLDER as ACCOUNTING


def reconcile(groups: Mapping[FileKey, Sequence[ResultFile]]) -> dict[str, ResultFile]:
    """Relative path of each file that a merged folder has, to the file that it is copied from.

    Raises
    ------
    InputError
        Where two files contradict each other.
    """
    standing: dict[str, ResultFile] = {}
    for key in sorted(groups):
        standing |= _of_one_key(key, groups[key])
    _check_runs(standing)
    return standing


def _of_one_key(key: FileKey, files: Sequence[ResultFile]) -> dict[str, ResultFile]:
    by_digest = {file.digest: file for file in reversed(files)}
    kept = [by_digest[digest] for digest in sorted(by_digest)]
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
        key.name if len(kept) == 1 else f"{plain.stem}-{file.digest[:DIGITS]}{plain.suffix}"
        for file in kept
    ]
    base = "/".join(filter(None, (key.machine, key.folder)))
    return {f"{base}/{name}": file for name, file in zip(names, kept)}


def _longest(files: Sequence[ResultFile]) -> list[ResultFile]:
    """Leave out each file whose lines are the beginning of another one."""
    by_length = sorted(files, key=lambda file: (file.size, file.digest), reverse=True)
    longest: list[ResultFile] = []
    for file in by_length:
        lines = file.content()
        lines = lines[: lines.rfind(b"\n") + 1]  # a crash may have cut off the last line
        if not any(longer.content().startswith(lines) for longer in longest):
            longest.append(file)
    return sorted(longest, key=lambda file: file.digest)


def _one_machine(files: Sequence[ResultFile]) -> ResultFile:
    """The first of several ``machine.json`` that say the same."""
    descriptions = [load_json(file.path) for file in files]
    for first, second in pairwise(descriptions):
        names = {*first, *second}
        differ = sorted(name for name in names if first.get(name) != second.get(name))
        if differ:
            raise InputError(
                f"{files[0].path} and {files[1].path} differ in {', '.join(differ)}: "
                "give one of the two machines another name (folder, and name in machine.json)"
            )
    return files[0]


def _check_runs(paths: Iterable[str]) -> None:
    """Refuse a run that two machines have: it was measured once."""
    machine_of: dict[str, str] = {}
    for path in paths:
        machine, _, rest = path.partition("/")
        if rest.startswith(f"{JOURNAL}/") and machine_of.setdefault(rest, machine) != machine:
            raise InputError(
                f"run {Path(rest).stem} is under {machine_of[rest]} and under {machine}: delete one"
            )
