"""The tables of a results folder with compacted journals: stored rows, and rows judged now.

Pairs are read of those runs alone of which no row is stored, and tables are put together one at a
time: years of nights need not fit into memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from harness.core.records import RunInfo
from harness.reading.analysis.series.history import history
from harness.reading.ingest import MachineContent, read_machines, results_of
from harness.reading.ingest.compacted_part import JUDGED, JournalFacts, facts_of
from harness.reading.ingest.input_digest import code_digest
from harness.reading.ingest.judged_together import judged_together
from harness.reading.report.analysed import TABLES, Analysed, judged
from harness.reading.report.stored_tables import (
    ACROSS_RUNS,
    StoredTables,
    digest_of_set,
    read_judged,
)

FOLLOWED = ("cases", "break_even", "metg")
"""Tables whose figures ``history`` follows."""


@dataclass(frozen=True)
class ArchivedTables(Mapping[str, pd.DataFrame]):
    """Table name to table, each put together when it is asked for, and then not kept.

    Attributes
    ----------
    fresh : Analysed
        The runs that were judged now.
    stored : tuple of StoredTables
    runs : dict of str to RunInfo
        Of all runs, in the order of the rows.
    """

    fresh: Analysed
    stored: Sequence[StoredTables]
    runs: Mapping[str, RunInfo]
    notes: list[str] = field(default_factory=list)

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name == "history":
            return history(*(self[followed] for followed in FOLLOWED), self.runs)
        now = self.fresh.table(name)
        if name in ACROSS_RUNS or not self.stored:
            return now
        return _ordered([*(each.table(name) for each in self.stored), now], self.runs)

    def __iter__(self) -> Iterator[str]:
        return iter(TABLES)

    def __len__(self) -> int:
        return len(TABLES)


def every_table(results: Path) -> ArchivedTables:
    """The tables of all that was measured under *results*, compacted or not.

    Parameters
    ----------
    results : Path
        As :func:`harness.reading.ingest.read_results`.

    Raises
    ------
    InputError
        Where the folder is missing, or a file in it is broken.
    """
    machines, code = read_machines(results), code_digest()
    stored = [tables for machine in machines for tables in still_valid(machine, code)]
    kept = frozenset[str]().union(*(tables.runs for tables in stored))
    read = results_of(machines, lambda run: run not in kept)
    return ArchivedTables(judged(read), stored, read.runs, read.notes)


def still_valid(machine: MachineContent, code: str) -> list[StoredTables]:
    """The stored tables of *machine* of which rows still hold, and of which runs."""
    if not machine.parts:
        return []
    sets = sets_of_runs(machine)
    valid = []
    for folder, _ in reversed(machine.parts):
        known = read_judged(folder / JUDGED, code)
        if known is not None:
            runs = [sets.pop(digest) for digest in known.sets if digest in sets]
            if runs:
                valid.append(StoredTables(folder / JUDGED, frozenset().union(*runs)))
    return valid


def sets_of_runs(machine: MachineContent) -> dict[str, tuple[str, ...]]:
    """The runs of *machine* that are judged together, by the digest of what their rows rest on."""
    facts: dict[str, JournalFacts] = {
        each.run: each for _, part in machine.parts for each in part.journals
    }
    facts |= {journal.info.run: facts_of(journal) for journal in machine.journals}
    shared = {run: facts[run].shared for run in sorted(facts)}
    return {
        digest_of_set([facts[run] for run in runs], machine.accounts): runs
        for runs in judged_together(shared)
    }


def _ordered(parts: Sequence[pd.DataFrame], runs: Mapping[str, RunInfo]) -> pd.DataFrame:
    """Put rows in the order of their runs; those of no run come last, from the first that has any.

    Every part of ``forecast`` that has rows has those of published figures as well.
    """
    of_no_run = next((rest for part in parts if len(rest := part[part["run"].isna()])), None)
    of_runs = pd.concat([part[part["run"].notna()] for part in parts], ignore_index=True)
    place = {run: i for i, run in enumerate(runs)}
    order = of_runs["run"].map(place).to_numpy().argsort(kind="stable")
    ordered = of_runs.iloc[order]
    both = ordered if of_no_run is None else pd.concat([ordered, of_no_run])
    return both.reset_index(drop=True)
