"""Read the folder of one machine: its journals, compacted or not, and all that lies beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from harness.core.errors import InputError
from harness.core.journal_format import error_text
from harness.core.records import RunInfo
from harness.core.trace_format import Trace, read_trace
from harness.reading.ingest.accounting.kept import Kept, read_folder
from harness.reading.ingest.asv_names import is_own, of_suite, same_commit
from harness.reading.ingest.asv_results import NOT_RESULTS, Row, read_asv_file, read_names
from harness.reading.ingest.compacted_part import (
    FOLDER,
    Part,
    is_compacted,
    known_journals,
    part_folders,
    path_before,
    read_part,
)
from harness.reading.ingest.journals import JournalContent, read_journal, read_journals


@dataclass(frozen=True)
class MachineContent:
    """What the folder of one machine holds; the pairs of compacted journals are not read yet.

    Attributes
    ----------
    folder : Path
    journals : tuple of JournalContent
        Those that are in no part, in the order of their names.
    parts : tuple of (Path, Part)
        Parts with their folders, in the order of their months.
    rows : tuple of dict
        Of ASV's own files, where no journal has the rounds.
    accounts : tuple of Kept
    traces : tuple of Trace
    """

    folder: Path
    journals: tuple[JournalContent, ...]
    parts: tuple[tuple[Path, Part], ...] = ()
    rows: tuple[Row, ...] = ()
    accounts: tuple[Kept, ...] = ()
    traces: tuple[Trace, ...] = ()

    @property
    def run_lines(self) -> list[tuple[Path, RunInfo]]:
        """Path and first run line of every journal, compacted or not, in the order of names."""
        known = [(journal.path, journal.info) for journal in self.journals]
        for folder, part in self.parts:
            known += [(path_before(folder, each.name), each.info) for each in part.journals]
        return sorted(known, key=lambda each: each[0].name)


def read_machines(path: Path) -> list[MachineContent]:
    """Read what is at *path*.

    Parameters
    ----------
    path : Path
        A results folder with one folder a machine, one machine's folder, or one ``.jsonl`` file.

    Raises
    ------
    InputError
        Where the path does not exist, or a file is broken.
    """
    if path.is_file():
        if path.suffix != ".jsonl":
            raise InputError(f"{path}: not a journal (.jsonl): give a journal or a results folder")
        folder = path.parent.parent
        accounts = tuple(read_folder(folder)) if path.parent.name == "journal" else ()
        return [MachineContent(folder, (read_journal(path),), accounts=accounts)]
    if not path.is_dir():
        raise InputError(
            f"{path}: no such results folder: make one with chunkbench settle or asv run"
        )
    try:
        return [read_machine(folder) for folder in machine_folders(path)]
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error_text(error)}): check the path") from None


def machine_folders(path: Path) -> list[Path]:
    """The folders of machines in the results folder *path*, which may be one itself."""
    results = (file for file in path.glob("*.json") if file.name != "benchmarks.json")
    if any((path / name).is_dir() for name in ("journal", "traces", FOLDER)) or any(results):
        return [path]
    return sorted(folder for folder in path.iterdir() if folder.is_dir())


def read_machine(folder: Path) -> MachineContent:
    """Read the *folder* of a machine.

    Raises
    ------
    InputError
        Where a file in it is broken.
    """
    content = machine_journals(folder)
    infos = [info for _, info in content.run_lines]
    names = read_names(folder.resolve().parent / "benchmarks.json")
    return replace(
        content,
        rows=tuple(
            row
            for file in sorted(folder.glob("*.json"))
            if file.name not in NOT_RESULTS
            for row in read_asv_file(file, names, partial(_is_covered, infos))
        ),
        accounts=tuple(read_folder(folder)),
        traces=tuple(read_trace(file) for file in sorted(folder.glob("traces/*.json"))),
    )


def machine_journals(folder: Path) -> MachineContent:
    """Read the journals in the *folder* of a machine, and nothing of what lies beside them.

    Raises
    ------
    InputError
        Where a journal or a part is broken.
    """
    parts = tuple((part_folder, read_part(part_folder)) for part_folder in part_folders(folder))
    known = known_journals(part for _, part in parts)
    files = sorted(folder.glob("journal/*.jsonl"))
    journals = tuple(read_journals(file for file in files if not is_compacted(file, known)))
    return MachineContent(folder, journals, parts)


def _is_covered(infos: Sequence[RunInfo], machine: str, commit: str, name: str) -> bool:
    """Whether a journal of *infos* holds the rounds that one of our own metrics sums up."""
    return is_own(name) and any(
        machine == info.machine.name
        and of_suite(name, info.suite)
        and same_commit(commit, info.commit)
        for info in infos
    )
