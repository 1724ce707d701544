"""The tables of a results folder with compacted journals: stored rows, and rows judged now.

Pairs are read of those runs alone of which no row is stored, and tables are put together one at a
time, or piece by piece: years of nights need not fit into memory.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from harness.core.input_digest import of_code
from harness.core.progress_step import Step, unsaid
from harness.core.records import RunInfo
from harness.reading.analysis.series.history import FIGURES, history, read_for
from harness.reading.ingest import MachineContent, read_machines, results_of
from harness.reading.ingest.compacted_part import FOLDER, JUDGED, OVER_RUNS, jobs_of
from harness.reading.ingest.judged_together import judged_together
from harness.reading.report.analysed import TABLES, Analysed, judged
from harness.reading.report.formats.parquet_tables import (
    empty_arrow,
    empty_table,
    to_arrow,
    to_frame,
)
from harness.reading.report.in_order import Source, in_order
from harness.reading.report.stored_tables import (
    ACROSS_RUNS,
    StoredTables,
    digest_of_machine,
    digest_of_set,
    read_judged,
)

HISTORY = "history"

Sets = dict[str, tuple[str, ...]]
"""Digest of what rows rest on to the runs that are judged together and have them."""


class JudgedNow(NamedTuple):
    """The rows that were judged now, as a source of tables."""

    tables: Analysed
    runs: Collection[str]

    def rows(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """The rows of the table *name*, or *columns* of it."""
        frame = self.tables.table(name)
        return to_arrow(name, frame if columns is None else frame[[*columns]])


class RunsOfMachine(NamedTuple):
    """The runs of a machine, and its table ``history`` where that is stored and still holds."""

    runs: frozenset[str]
    history: StoredTables | None = None


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
    machines : tuple of RunsOfMachine
        In the order of the runs.
    notes : list of str
        What to know of the files that were read.
    step : callable
        Is told which table is asked for.
    """

    fresh: Analysed
    stored: Sequence[StoredTables]
    runs: Mapping[str, RunInfo]
    machines: Sequence[RunsOfMachine] = ()
    notes: list[str] = field(default_factory=list)
    step: Step = unsaid

    @property
    def whole(self) -> bool:
        """Whether all rows were judged now."""
        return not self.stored

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in TABLES or name == "time_budget" or self.whole:
            self._say(name)
            return self.fresh.table(name)
        return to_frame(name, pa.concat_tables(self.pieces(name)))

    def pieces(
        self,
        name: str,
        columns: Sequence[str] | None = None,
        runs: Collection[str] | None = None,
    ) -> Iterator[pa.Table]:
        """The rows of the table *name* in their order, no more than those of a part or a machine
        at once; see :class:`~harness.reading.report.formats.parquet_tables.InPieces`."""
        self._say(name)
        yield empty_arrow(name, columns)
        wanted = None if runs is None else pa.array(sorted(runs), pa.large_string())
        for piece in self._pieces(name, columns, runs):
            yield piece if wanted is None else piece.filter(pc.is_in(piece["run"], wanted))

    def __iter__(self) -> Iterator[str]:
        return iter(TABLES)

    def __len__(self) -> int:
        return len(TABLES)

    @cached_property
    def _sources(self) -> list[Source]:
        kept = frozenset[str]().union(*(each.runs for each in self.stored))
        now = [run for run in self.runs if run not in kept]
        return [*self.stored, JudgedNow(self.fresh, now)]

    @cached_property
    def _place(self) -> dict[str, int]:
        return {run: place for place, run in enumerate(self.runs)}

    def _pieces(
        self, name: str, columns: Sequence[str] | None, runs: Collection[str] | None = None
    ) -> Iterator[pa.Table]:
        if name in ACROSS_RUNS - {HISTORY} or self.whole:
            frame = self.fresh.table(name)
            yield to_arrow(name, frame if columns is None else frame[[*columns]])
        elif name == HISTORY:
            yield from (each.select(columns or each.column_names) for each in self._history())
        else:
            sources = self._sources
            if runs is not None:
                sources = [each for each in sources if not set(runs).isdisjoint(each.runs)]
            yield from in_order(name, sources, self._place, columns)

    def _say(self, name: str) -> None:
        if name in TABLES:
            self.step(f"judging: {name}", [*TABLES].index(name), len(TABLES))

    def _history(self) -> Iterator[pa.Table]:
        """Series stand in the order of figures and machines: each is of one machine."""
        for figure in FIGURES:
            for machine in self.machines:
                if machine.history is None:
                    yield self._followed(figure, machine.runs)
                else:
                    yield machine.history.rows(HISTORY, where=("figure", [figure]))

    def _followed(self, figure: str, runs: frozenset[str]) -> pa.Table:
        """The rows of ``history`` of one *figure* of these *runs*."""
        read = {name: empty_table(name) for name in ("cases", "break_even", "metg")}
        name, columns = read_for(figure)
        wanted = pa.array(sorted(runs), pa.large_string())
        pieces = self._pieces(name, columns, runs)
        kept = (piece.filter(pc.is_in(piece["run"], wanted)) for piece in pieces)
        read[name] = to_frame(name, pa.concat_tables([empty_arrow(name, columns), *kept]))
        infos = {run: info for run, info in self.runs.items() if run in runs}
        return to_arrow(HISTORY, history(**read, runs=infos, figures=[figure]))


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
    return archived(read_machines(results), step)


def archived(machines: Sequence[MachineContent], step: Step = unsaid) -> ArchivedTables:
    """The tables of what was read of *machines*: see :func:`every_table`."""
    # To read all files of the package takes as long as to judge a few runs.
    code = of_code() if any(machine.parts for machine in machines) else ""
    known = [(machine, sets_of_runs(machine)) for machine in machines]
    stored = [tables for machine, sets in known for tables in still_valid(machine, sets, code)]
    kept = frozenset[str]().union(*(tables.runs for tables in stored))
    read = results_of(machines, lambda run: run not in kept)
    histories = [valid_history(machine, sets, code) for machine, sets in known]
    return ArchivedTables(
        judged(read, step), stored, read.runs, _runs_of(machines, histories), read.notes, step
    )


def _runs_of(
    machines: Sequence[MachineContent], histories: Sequence[StoredTables | None]
) -> tuple[RunsOfMachine, ...]:
    """The runs of each machine; of all together where two folders have runs of one machine."""
    runs = [frozenset(line.info.run for line in machine.run_lines) for machine in machines]
    names = [{line.info.machine.name for line in machine.run_lines} for machine in machines]
    if len(frozenset[str]().union(*names)) < sum(map(len, names)):
        return (RunsOfMachine(frozenset[str]().union(*runs)),)
    return tuple(map(RunsOfMachine, runs, histories))


def still_valid(machine: MachineContent, sets: Sets, code: str) -> list[StoredTables]:
    """The stored tables of *machine* of which rows still hold, and of which runs.

    Parameters
    ----------
    machine : MachineContent
    sets : dict of str to tuple of str
        As :func:`sets_of_runs` gives them.
    code : str
        Digest of the code that judges.
    """
    left = dict(sets)
    valid = []
    for folder, _ in reversed(machine.parts):
        known = read_judged(folder / JUDGED, code)
        if known is not None:
            of_digest = {digest: left.pop(digest, ()) for digest in known.sets}
            runs = frozenset[str]().union(*of_digest.values())
            stale = frozenset[str]().union(*known.sets.values()) - runs
            if runs:
                valid.append(StoredTables(folder / JUDGED, runs, stale))
    return valid


def valid_history(machine: MachineContent, sets: Sets, code: str) -> StoredTables | None:
    """The stored table ``history`` of *machine*, where it is of all its runs and still holds."""
    folder = machine.folder / FOLDER / OVER_RUNS
    known = read_judged(folder, code) if machine.parts else None
    runs = frozenset[str]().union(*sets.values())
    if known is None or known.sets.keys() != {digest_of_machine(sets)}:
        return None
    return StoredTables(folder, runs, frozenset()) if len(runs) == len(machine.run_lines) else None


def sets_of_runs(machine: MachineContent) -> Sets:
    """The runs of *machine* that are judged together and are all in parts.

    By the digest of what their rows rest on. Runs that are judged together with one that is in no
    part are in none of the sets.
    """
    if not machine.parts:
        return {}
    facts = {each.run: each for _, part in machine.parts for each in part.journals}
    jobs = {journal.info.run: jobs_of(journal) for journal in machine.journals}
    jobs |= {run: each.jobs for run, each in facts.items()}
    commits = {line.info.run: line.info.commit for line in machine.run_lines}
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
