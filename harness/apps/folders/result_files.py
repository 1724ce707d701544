"""The files in results folders that are results: where each lies, its name and its content."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from harness.apps.asv.merge_benchmarks import BENCHMARKS
from harness.core.errors import InputError
from harness.reading.ingest import machine_folders
from harness.reading.ingest.accounting.kept import FOLDER as ACCOUNTING
from harness.reading.ingest.asv_results import is_readable
from harness.reading.ingest.compacted_part import FOLDER as COMPACTED
from harness.reading.ingest.compacted_part import OVER_RUNS
from harness.reading.ingest.foreign.kept_timings import FOLDER as TIMINGS

JOURNAL, MACHINE = "journal", "machine.json"
DIGITS = 8
"""So many digits of a content's digest are added to the name of files that would clash."""
SUFFIXES = {JOURNAL: ".jsonl", ACCOUNTING: ".jsonl", TIMINGS: ".json", "": ".json"}
"""Folders below that of a machine, which is ``""`` here, to the suffix of the results in them."""
READ_BYTES = 1 << 20


class ResultFile(NamedTuple):
    """A file, up to its first ``size`` bytes: a journal may grow while it is read."""

    path: Path
    size: int
    digest: str

    @classmethod
    def read(cls, path: Path) -> ResultFile:
        """Read *path* once for its size and the SHA-256 of its content."""
        with path.open("rb") as file:
            digest = hashlib.sha256()
            while part := file.read(READ_BYTES):
                digest.update(part)
            return cls(path, file.tell(), digest.hexdigest())

    def content(self) -> bytes:
        """Its first ``size`` bytes."""
        with self.path.open("rb") as file:
            return file.read(self.size)

    def unchanged_content(self) -> bytes:
        """The same.

        Raises
        ------
        InputError
            Where the bytes are no longer those of ``digest``.
        """
        content = self.content()
        if hashlib.sha256(content).hexdigest() != self.digest:
            raise InputError(f"{self.path} changed while it was read: merge again")
        return content


class FileKey(NamedTuple):
    """What files have in common of which one is to stand in the end.

    ``folder`` is the one below the machine's, or empty; ``name`` is without digits of a digest.
    """

    machine: str
    folder: str
    name: str


def machines(folder: Path, *, may_be_empty: bool = False) -> list[Path]:
    """The folders of machines in *folder* that have results.

    Raises
    ------
    InputError
        Where there is no such folder, or no result in it and not *may_be_empty*.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder: give folders that runs wrote to")
    visible = [
        path for path in machine_folders(folder) if not path.name.startswith(".") or path == folder
    ]
    with_results = [path for path in visible if any(result_files(path, []))]
    if not with_results and not may_be_empty:
        raise InputError(f"{folder}: no results in it: give folders that runs wrote to")
    return with_results


def result_files(machine: Path, left_out: list[str]) -> Iterator[tuple[FileKey, ResultFile]]:
    """Each result in the folder of a machine; the path of any other file is added to *left_out*."""
    machine_name = machine.resolve().name
    for path in sorted(machine.rglob("*")):
        if not path.is_file() or path.name.startswith("."):
            continue
        folder = path.parent.relative_to(machine).as_posix().lstrip(".")
        if (
            folder == f"{COMPACTED}/{OVER_RUNS}"
        ):  # other runs may come in: made again from the parts
            continue
        if folder.startswith(f"{COMPACTED}/"):  # named after its content already
            yield FileKey(machine_name, folder, path.name), ResultFile.read(path)
            continue
        if SUFFIXES.get(folder) != path.suffix or path.name == BENCHMARKS:
            left_out.append(str(path))
            continue
        if not folder and path.name != MACHINE and not is_readable(path):
            left_out.append(str(path))
            continue
        file = ResultFile.read(path)
        stem = path.stem.removesuffix(f"-{file.digest[:DIGITS]}")
        yield FileKey(machine_name, folder, stem + path.suffix), file


def is_asv_result(path: str) -> bool:
    """Whether *path*, relative to a results folder, is that of a file of ASV's results."""
    return path.count("/") == 1 and not path.endswith(f"/{MACHINE}")
