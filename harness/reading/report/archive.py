"""The tables of a results folder with compacted journals: stored rows, and rows judged now.

Pairs are read of those runs alone of which no row is stored, and tables are put together one at a
time: years of nights need not fit into memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from harness.core.input_digest import of_code
from harness.core.progress_step import Step, unsaid
from harness.core.records import RunInfo
from harness.reading.analysis.series.history import history
from harness.reading.analysis.verdict.contrasts import KINDS
from harness.reading.ingest import MachineContent, read_machines, results_of
from harness.reading.ingest.compacted_part import JUDGED, jobs_of
from harness.reading.ingest.judged_together import judged_together
from harness.reading.report.analysed import TABLES, Analysed, judged
from harness.reading.report.stored_tables import (
    ACROSS_RUNS,
    StoredTables,
    digest_of_set,
    read_judged,
)


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
    notes : list of str
        What to know of the files that were read.
    step : callable
        Is told which table is asked for.
    """

    fresh: Analysed
    stored: Sequence[StoredTables]
    runs: Mapping[str, RunInfo]
    notes: list[str] = field(default_factory=list)
    step: Step = unsaid

    def __getitem__(self, name: str) -> pd.DataFrame:
        self.step(f"judging: {name}", [*TABLES].index(name), len(TABLES))
        if name == "history":
            metg = self["metg"]
            of_runs = metg[metg["run"].isin([*self.runs])]
            return history(self["cases"], self["break_even"], of_runs, self.runs)
        now = self.fresh.table(name)
        if name in ACROSS_RUNS or not self.stored:
            return now
        return _ordered([*(each.table(name) for each in self.stored), now], self.runs)

    def __iter__(self) -> Iterator[str]:
        return iter(TABLES)

    def __len__(self) -> int:
        return len(TABLES)


def every_table(results: Path, step: Step = unsaid) -> ArchivedTables:
    """The tables of all that was measured under *results*, compacted or not.

    Parameters
    ----------
    results : Path
        As :func:`harness.reading.ingest.read_results`.
    step : callable
        Is told what is read or judged, and how many of :data:`TABLES` are made.

    Raises
    ------
    InputError
        Where the folder is missing, or a file in it is broken.
    """
    step("reading", 0, len(TABLES))
    machines, code = read_machines(results), of_code()
    stored = [tables for machine in machines for tables in still_valid(machine, code)]
    kept = frozenset[str]().union(*(tables.runs for tables in stored))
    read = results_of(machines, lambda run: run not in kept)
    return ArchivedTables(judged(read, step), stored, read.runs, read.notes, step)


def still_valid(machine: MachineContent, code: str) -> list[StoredTables]:
    """The stored tables of *machine* of which rows still hold, and of which runs."""
    if not machine.parts:
        return []
    sets = sets_of_runs(machine)
    valid = []
    for folder, _ in reversed(machine.parts):
        known = read_judged(folder / JUDGED, code)
        if known is not None:
            of_digest = {digest: sets.pop(digest, ()) for digest in known.sets}
            runs = frozenset[str]().union(*of_digest.values())
            stale = frozenset[str]().union(*known.sets.values()) - runs
            if runs:
                valid.append(StoredTables(folder / JUDGED, runs, stale))
    return valid


def sets_of_runs(machine: MachineContent) -> dict[str, tuple[str, ...]]:
    """The runs of *machine* that are judged together and are all in parts.

    By the digest of what their rows rest on. Runs that are judged together with one that is in no
    part are in none of the sets.
    """
    facts = {each.run: each for _, part in machine.parts for each in part.journals}
    jobs = {journal.info.run: jobs_of(journal) for journal in machine.journals}
    jobs |= {run: each.jobs for run, each in facts.items()}
    commits = {info.run: info.commit for _, info in machine.run_lines}
    shared = {run: [*_shared(commits[run], jobs[run])] for run in sorted(commits)}
    return {
        digest_of_set([facts[run] for run in runs], machine.accounts): runs
        for runs in judged_together(shared)
        if facts.keys() >= set(runs)
    }


def _shared(commit: str | None, jobs: Iterable[str]) -> Iterator[tuple[str, str]]:
    """What a run may share with other runs of its machine."""
    if commit:
        yield "commit", commit
    yield from (("job", job) for job in jobs)


def _ordered(parts: Sequence[pd.DataFrame], runs: Mapping[str, RunInfo]) -> pd.DataFrame:
    """Put rows in the order of their kinds and runs; those of no run come last, once.

    Such rows are ASV's own timings, which no part has, and the figures that were published, which
    every part of ``forecast`` has that has any row.
    """
    place = {run: i for i, run in enumerate(runs)}
    places = [part["run"].map(place) for part in parts]
    of_runs = pd.concat([part[at.notna()] for part, at in zip(parts, places)], ignore_index=True)
    others = (part[at.isna()] for part, at in zip(parts, places))
    of_no_run = [other for other in others if len(other)][:1]
    order = [of_runs["run"].map(place).to_numpy()]
    if "kind" in of_runs:
        order.append(of_runs["kind"].map(KINDS.index).to_numpy())
    return pd.concat([of_runs.iloc[np.lexsort(order)], *of_no_run], ignore_index=True)
