"""Read results on disk into tidy frames: journals and ASV's own files, without any engine."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pandas as pd

from harness.core.errors import InputError
from harness.core.journal_format import error_text
from harness.core.records import RunInfo
from harness.core.trace_format import Trace, read_trace
from harness.reading.ingest.accounting.kept import Kept, read_folder
from harness.reading.ingest.asv_names import is_own, of_suite, same_commit
from harness.reading.ingest.asv_results import NOT_RESULTS, Row, read_asv_file, read_names
from harness.reading.ingest.check import to_frame, validate
from harness.reading.ingest.frames import blocks_frame, pairs_frame
from harness.reading.ingest.journals import JournalContent, read_journal

__all__ = ["JournalContent", "Results", "read_journal", "read_results", "to_frame", "validate"]


@dataclass(frozen=True)
class Results:
    """Everything that was found under one path.

    Attributes
    ----------
    journals : tuple of JournalContent
        In the order of machine and run name.
    runs : dict of str to RunInfo
        By run name.
    pairs, blocks : DataFrame
        Tables of the schema, one row a pair and one an engine start-up.
    asv : DataFrame
        Rows of the ``cases`` table with ``paired`` false: shown, never judged.
    accounts : dict of Path to list of Kept
        By the folder of a machine: what batch systems booked for the jobs that measured there, as
        ``chunkbench account`` kept it.
    notes : list of str
        What the reader should know, e.g. that a truncated last line was dropped.
    traces : tuple of Trace
        In the order of machine and run name.
    """

    journals: tuple[JournalContent, ...]
    runs: dict[str, RunInfo]
    pairs: pd.DataFrame
    blocks: pd.DataFrame
    asv: pd.DataFrame
    notes: list[str] = field(default_factory=list)
    accounts: dict[Path, list[Kept]] = field(default_factory=dict)
    traces: tuple[Trace, ...] = ()


def read_results(path: str | Path) -> Results:
    """Read journals and ASV results.

    Parameters
    ----------
    path : str or Path
        A results folder with one folder a machine, one machine's folder, or one ``.jsonl`` file.

    Returns
    -------
    Results
        An empty folder gives empty frames with the right columns.

    Raises
    ------
    InputError
        Where the path does not exist, a file is broken, or one run is there twice.
    """
    path = Path(path)
    if path.is_file():
        if path.suffix != ".jsonl":
            raise InputError(f"{path}: not a journal (.jsonl): give a journal or a results folder")
        machine = path.parent.parent
        kept = {machine: read_folder(machine)} if path.parent.name == "journal" else {}
        return _results((read_journal(path),), [], kept, [])
    if not path.is_dir():
        raise InputError(
            f"{path}: no such results folder: make one with chunkbench settle or asv run"
        )
    try:
        folders = machine_folders(path)
        kept = {folder: read_folder(folder) for folder in folders}
        journals, rows, traces = _read_folders(folders)
        return _results(journals, rows, kept, traces)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error_text(error)}): check the path") from None


def _read_folders(folders: list[Path]) -> tuple[tuple[JournalContent, ...], list[Row], list[Trace]]:
    journals = tuple(
        read_journal(file) for folder in folders for file in sorted(folder.glob("journal/*.jsonl"))
    )
    infos = [journal.info for journal in journals]
    rows: list[Row] = []
    traces: list[Trace] = []
    for folder in folders:
        traces.extend(read_trace(file) for file in sorted(folder.glob("traces/*.json")))
        names = read_names(folder.resolve().parent / "benchmarks.json")
        for file in sorted(folder.glob("*.json")):
            if file.name not in NOT_RESULTS:
                rows.extend(read_asv_file(file, names, partial(_is_covered, infos)))
    return journals, rows, traces


def machine_folders(path: Path) -> list[Path]:
    """The folders of machines in the results folder *path*, which may be one itself."""
    results = (file for file in path.glob("*.json") if file.name != "benchmarks.json")
    if (path / "journal").is_dir() or (path / "traces").is_dir() or any(results):
        return [path]
    return sorted(folder for folder in path.iterdir() if folder.is_dir())


def _results(
    journals: tuple[JournalContent, ...],
    rows: list[Row],
    accounts: dict[Path, list[Kept]],
    traces: list[Trace],
) -> Results:
    seen: dict[str, JournalContent] = {}
    for journal in journals:
        other = seen.setdefault(journal.info.run, journal)
        if other is not journal:  # counted twice, its rounds would look like independent ones
            raise InputError(
                f"{journal.path}: run {journal.info.run!r} is in {other.path} as well: "
                "delete one of the two"
            )
    return Results(
        journals=journals,
        runs={run: journal.info for run, journal in seen.items()},
        pairs=pairs_frame(journals),
        blocks=blocks_frame(journals),
        asv=to_frame("cases", rows),
        notes=[note for journal in journals for note in journal.notes],
        accounts=accounts,
        traces=tuple(traces),
    )


def _is_covered(infos: list[RunInfo], machine: str, commit: str, name: str) -> bool:
    """Whether a journal of *infos* holds the rounds that one of our own metrics sums up."""
    return is_own(name) and any(
        machine == info.machine.name
        and of_suite(name, info.suite)
        and same_commit(commit, info.commit)
        for info in infos
    )
