"""Read what the site is made from: journals, or a folder of tables as Parquet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from harness.core import schema
from harness.core.errors import InputError
from harness.core.records import RunInfo
from harness.reading.analysis.by_group import records
from harness.reading.analysis.own_python import WHERE, without_others
from harness.reading.ingest import Results
from harness.reading.report.analysed import Analysed, analysed
from harness.reading.report.formats.parquet_tables import empty_table, read_table
from harness.reading.report.formats.tables import PARQUET
from harness.reading.report.shown.cells import Row
from harness.reading.report.shown.run_names import started

KEYS = ["machine", "suite", "profile", "workload", "size"]
SERIES = ["workload", "size", "executor", "workers", "pin", "chunk"]
FIGURES = ("speedup", "seconds", "overhead_us_per_task")
"""The columns of ``cases`` that are followed from run to run."""

CASE_COLUMNS = [
    *("machine", "suite", "profile", *SERIES, "run", "commit", "rounds", "status", "paired"),
    *WHERE,
    *(f"{name}{end}" for name in FIGURES for end in ("", "_low", "_high")),
]
NEWEST = (
    "cases",
    "break_even",
    "break_even_work",
    "contrasts",
    "answers",
    "metg",
    "model",
    "controls",
    "scaling",
)
"""Tables of which the newest runs are shown."""

EXTRA = ("jobs", "job_cases", "claims")
HISTORY = "history"


@dataclass(frozen=True)
class SiteTables:
    """Tables of the newest runs, and every run's figures for the history.

    Attributes
    ----------
    tables : dict of str to DataFrame
        By name, as in the schema; of each machine the newest run of each suite, profile, workload
        and size.
    machines : list of str
        In order of their names.
    history : callable
        Machine to its rows of the ``history`` table, of all runs.
    extra : dict of str to DataFrame
        Tables that only some results have, such as ``jobs`` and ``claims``.
    judged : Analysed or None
        The judged journals; ``None`` where the tables are all there is.
    """

    tables: Mapping[str, pd.DataFrame]
    machines: list[str]
    history: Callable[[str], pd.DataFrame]
    extra: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    judged: Analysed | None = None
    _rows: dict[str, list[Row]] = field(default_factory=dict, repr=False, compare=False)

    def rows(self, name: str) -> list[Row]:
        """Return the rows of the table *name* as mappings, which are made once for all pages."""
        if name not in self._rows:
            self._rows[name] = [*records(self.tables[name])]
        return self._rows[name]

    @property
    def cases(self) -> pd.DataFrame:
        """The cases of the newest runs, unpaired timings left out."""
        return self.tables["cases"]

    @property
    def runs(self) -> Mapping[str, RunInfo]:
        """Run lines by run; empty without journals."""
        return {} if self.judged is None else self.judged.read.runs

    def of_machine(self, name: str) -> Results:
        """Keep the journals of one machine.

        Raises
        ------
        InputError
            Where there are no journals.
        """
        if self.judged is None:
            raise InputError("the tables alone cannot be compared: publish from journals")
        whole = self.judged.read
        journals = tuple(journal for journal in whole.journals if journal.info.machine.name == name)
        return replace(
            whole,
            journals=journals,
            runs={journal.info.run: journal.info for journal in journals},
            pairs=whole.pairs[whole.pairs["machine"].eq(name)],
            blocks=whole.blocks[whole.blocks["machine"].eq(name)],
            asv=whole.asv.iloc[:0],
        )


def from_results(results: Path) -> SiteTables:
    """Read and judge everything under *results*.

    Raises
    ------
    InputError
        Where the folder is missing, a file is broken, or there is nothing to show.
    """
    judged = analysed(results)
    paired = _cases_only(judged.cases)
    if paired.empty and not judged.cases.empty:
        raise InputError(
            f"{results}: only timings without pairs are there, which no page shows: see chunkbench "
            "tables and chunkbench figures"
        )
    if paired.empty:
        raise InputError(f"{results}: nothing was measured there: use chunkbench settle or run")
    newest = newest_runs(paired)
    runs = sorted(set(newest["run"]))
    every = judged.tables
    tables = {
        name: frame[frame["run"].isin(runs)] for name, frame in every.items() if name in NEWEST
    }
    tables["cases"] = _newest_rows(tables["cases"], newest)
    extra = {name: every[name] for name in EXTRA if name in every}

    def history(machine: str) -> pd.DataFrame:
        if HISTORY in every:
            return every[HISTORY][every[HISTORY]["machine"].eq(machine)]
        return from_cases(without_others(paired[paired["machine"].eq(machine)]))

    return SiteTables(tables, _machines(newest), history, extra, judged)


def from_tables(folder: Path) -> SiteTables:
    """Read what ``chunkbench tables --format parquet`` wrote.

    Of all rows few columns are read, all columns only of the newest runs, and the history machine
    by machine: a year of nights fits in the memory of a small machine.

    Raises
    ------
    InputError
        Where there is no ``cases.parquet``, or a file is not what its name says.
    """
    paths = {path.stem: path for path in sorted(folder.glob("*.parquet"))}
    if "cases" not in paths:
        raise InputError(
            f"{folder}: has no cases.parquet: chunkbench tables --format {PARQUET} --out {folder} "
            "writes it"
        )
    keys = _cases_only(read_table(paths["cases"], [*KEYS, "run", "status", "paired", *WHERE]))
    if keys.empty:
        raise InputError(f"{folder}: cases.parquet has no case: measure something first")
    newest = newest_runs(keys)
    del keys
    of_newest = ("run", sorted(set(newest["run"])))
    tables = {
        name: read_table(paths[name], where=of_newest) if name in paths else empty_table(name)
        for name in NEWEST
    }
    tables["cases"] = _newest_rows(tables["cases"], newest)
    extra = {
        name: read_table(paths[name]) for name in EXTRA if name in paths and name in schema.TABLES
    }

    def history(machine: str) -> pd.DataFrame:
        where = ("machine", [machine])
        if HISTORY in paths and HISTORY in schema.TABLES:
            return read_table(paths[HISTORY], where=where)
        cases = _cases_only(read_table(paths["cases"], CASE_COLUMNS, where))
        return from_cases(without_others(cases))

    return SiteTables(tables, _machines(newest), history, extra)


def newest_runs(cases: pd.DataFrame) -> pd.DataFrame:
    """Find the newest run of each machine, suite, profile, workload and size in *cases*.

    A run's name begins with its start, so that the newest is the last by name. Runs on another
    Python are none where the machine has some on chunkbench's own.
    """
    newest: pd.DataFrame = (
        without_others(cases)
        .groupby(KEYS, dropna=False, sort=False, as_index=False)
        .agg(run=("run", "max"))
    )
    return newest


def from_cases(cases: pd.DataFrame) -> pd.DataFrame:
    """Follow figures of *cases* from run to run, in the shape of the ``history`` table.

    Levels and changes are left out: this stands in where that table was not worked out.

    Parameters
    ----------
    cases : DataFrame
        :data:`CASE_COLUMNS` of ``schema.CASES``.
    """
    names = ["machine", "suite", "profile", *SERIES, "run", "commit", "rounds", "status"]
    when = {run: started(str(run)) for run in cases["run"].unique()}
    at = cases["run"].map({run: t.isoformat() if t else None for run, t in when.items()})
    parts = []
    for figure in FIGURES:
        values = {f"value{end}": cases[f"{figure}{end}"] for end in ("", "_low", "_high")}
        parts.append(cases[names].assign(figure=figure, t=at, **values))
    return pd.concat(parts, ignore_index=True)


def _newest_rows(cases: pd.DataFrame, newest: pd.DataFrame) -> pd.DataFrame:
    on = list(newest.columns)
    kept = pd.MultiIndex.from_frame(_keyed(cases[on])).isin(
        pd.MultiIndex.from_frame(_keyed(newest))
    )
    return _cases_only(cases[kept])


def _keyed(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.astype("string").fillna("")


def _machines(newest: pd.DataFrame) -> list[str]:
    return sorted(str(name) for name in newest["machine"].dropna().unique())


def _cases_only(frame: pd.DataFrame) -> pd.DataFrame:
    """Leave out the unpaired timings of ASV's own files, which carry no verdict."""
    planned = frame["profile"].notna() & frame["status"].ne("ok")
    kept = frame["paired"].eq(True) | planned
    return frame[kept.fillna(False).astype(bool)]
