"""Read the folder of one machine: its journals, compacted or not, and all that lies beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import NamedTuple

from harness.core.errors import InputError
from harness.core.journal_format import error_text
from harness.core.records import RunInfo
from harness.core.trace_format import Trace, read_trace
from harness.reading.ingest.accounting.kept import Kept, read_folder
from harness.reading.ingest.asv_names import is_own, of_suite, same_commit
from harness.reading.ingest.asv_results import (
    NOT_RESULTS,
    IsCovered,
    Row,
    read_asv_file,
    read_names,
    read_units,
)
from harness.reading.ingest.compacted_part import (
    FOLDER,
    Part,
    is_compacted,
    known_journals,
    part_folders,
    path_before,
    read_part,
)
from harness.reading.ingest.foreign.kept_timings import FOLDER as TIMINGS
from harness.reading.ingest.foreign.kept_timings import read_timings, rows_of, timing_files
from harness.reading.ingest.foreign.unread_files import unread_in_machine, unread_in_results
from harness.reading.ingest.journals import JournalContent, read_journal, read_journals


class RunLine(NamedTuple):
    """The first run line of a journal, with the folder and the name of the journal."""

    folder: Path
    name: str
    info: RunInfo

    @property
    def path(self) -> Path:
        """The path of the journal, which takes longer to make than a line of it to read."""
        return self.folder / self.name


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
        Of ASV's own files, where no journal has the rounds, and of timings that others took.
    accounts : tuple of Kept
    traces : tuple of Trace
    notes : tuple of str
        What to know of the files that were read, and which were not.
    """

    folder: Path
    journals: tuple[JournalContent, ...]
    parts: tuple[tuple[Path, Part], ...] = ()
    rows: tuple[Row, ...] = ()
    accounts: tuple[Kept, ...] = ()
    traces: tuple[Trace, ...] = ()
    notes: tuple[str, ...] = ()

    @cached_property
    def run_lines(self) -> list[RunLine]:
        """The first run line of every journal, compacted or not, in the order of their names."""
        known = [
            RunLine(journal.path.parent, journal.path.name, journal.info)
            for journal in self.journals
        ]
        for folder, part in self.parts:
            journals = path_before(folder)
            known += [RunLine(journals, each.name, each.info) for each in part.journals]
        return sorted(known, key=lambda each: each.name)


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
        folders = machine_folders(path)
        machines = [read_machine(folder) for folder in folders]
        notes = () if path in folders else tuple(unread_in_results(path))
        return [*machines, MachineContent(path, (), notes=notes)] if notes else machines
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error_text(error)}): check the path") from None


def machine_folders(path: Path) -> list[Path]:
    """The folders of machines in the results folder *path*, which may be one itself."""
    results = (file for file in path.glob("*.json") if file.name != "benchmarks.json")
    if any((path / name).is_dir() for name in ("journal", "traces", FOLDER, TIMINGS)) or any(
        results
    ):
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
    infos = [line.info for line in content.run_lines]
    benchmarks = folder.resolve().parent / "benchmarks.json"
    others = [read_timings(file) for file in timing_files(folder)]
    rows, notes = _asv_rows(folder, benchmarks, partial(_is_covered, infos))
    return replace(
        content,
        rows=(*rows, *(row for timings in others for row in rows_of(timings))),
        notes=(
            *notes,
            *(f"{timings.source}: {note}" for timings in others for note in timings.notes),
            *unread_in_machine(folder),
        ),
        accounts=tuple(read_folder(folder)),
        traces=tuple(read_trace(file) for file in sorted(folder.glob("traces/*.json"))),
    )


def _asv_rows(folder: Path, benchmarks: Path, is_covered: IsCovered) -> tuple[list[Row], list[str]]:
    """Rows of ASV's files in the folder of a machine; those that cannot be read are named in notes,
    since the others are worth as much without them."""
    names, units = read_names(benchmarks), read_units(benchmarks)
    rows: list[Row] = []
    notes = []
    for file in sorted(folder.glob("*.json")):
        if file.name in NOT_RESULTS:
            continue
        try:
            rows += read_asv_file(file, names, is_covered, units)
        except InputError as error:
            notes.append(f"left out: {error}")
    return rows, notes


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
