"""Read results on disk into tidy frames: journals and ASV's own files, without any engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from harness.core.errors import InputError
from harness.core.records import RunInfo
from harness.core.trace_format import Trace
from harness.reading.ingest.accounting.kept import Kept
from harness.reading.ingest.check import to_frame, validate
from harness.reading.ingest.compacted_part import compacted_journals
from harness.reading.ingest.copies import without_copied_rounds, without_copied_runs
from harness.reading.ingest.frames import blocks_frame, pairs_frame
from harness.reading.ingest.journals import JournalContent, read_journal
from harness.reading.ingest.machine_content import (
    MachineContent,
    RunLine,
    machine_folders,
    machine_journals,
    read_machine,
    read_machines,
)

__all__ = [
    "JournalContent",
    "MachineContent",
    "Results",
    "machine_folders",
    "machine_journals",
    "read_journal",
    "read_machine",
    "read_machines",
    "read_results",
    "results_of",
    "to_frame",
    "validate",
]


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
        Rows of the ``cases`` table with ``paired`` false, of ASV's own files and of timings that
        others took: shown, never judged.
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
        Where the path does not exist, a journal is broken, or two of one run differ.
    """
    return results_of(read_machines(Path(path)))


def results_of(
    machines: Sequence[MachineContent], is_wanted: Callable[[str], bool] = lambda _: True
) -> Results:
    """Put together what was read of *machines*.

    Parameters
    ----------
    machines : sequence of MachineContent
    is_wanted : callable
        Whether pairs and start-ups of a run are read; run lines are those of all runs.

    Raises
    ------
    InputError
        Where one run is there twice with other rounds, or a part is damaged.
    """
    kept, copies = without_copied_runs(
        [journal for machine in machines for journal in machine.journals]
    )
    if copies:
        originals = {id(journal) for journal in kept}
        machines = [
            replace(
                machine, journals=tuple(each for each in machine.journals if id(each) in originals)
            )
            for machine in machines
        ]
    infos = _run_lines(machines)
    journals = tuple(
        journal for machine in machines for journal in _wanted_journals(machine, is_wanted)
    )
    pairs, copied = without_copied_rounds(pairs_frame(journals))
    return Results(
        journals=journals,
        runs=infos,
        pairs=pairs,
        blocks=blocks_frame(journals),
        asv=to_frame("cases", (row for machine in machines for row in machine.rows)),
        notes=[
            *(note for journal in journals for note in journal.notes),
            *(note for machine in machines for note in machine.notes),
            *copies,
            *copied,
        ],
        accounts={machine.folder: [*machine.accounts] for machine in machines},
        traces=tuple(trace for machine in machines for trace in machine.traces),
    )


def _run_lines(machines: Sequence[MachineContent]) -> dict[str, RunInfo]:
    """The run line of every run, in the order of machines and names."""
    lines: dict[str, RunLine] = {}
    for line in (line for machine in machines for line in machine.run_lines):
        other = lines.setdefault(line.info.run, line)
        if other is not line:  # counted twice, its rounds would look like independent ones
            raise InputError(
                f"{line.path}: run {line.info.run!r} is in {other.path} as well: delete one of the "
                "two"
            )
    return {run: line.info for run, line in lines.items()}


def _wanted_journals(
    machine: MachineContent, is_wanted: Callable[[str], bool]
) -> list[JournalContent]:
    journals = [journal for journal in machine.journals if is_wanted(journal.info.run)]
    for folder, part in machine.parts:
        journals.extend(compacted_journals(folder, part, is_wanted))
    return sorted(journals, key=lambda journal: journal.path.name)
