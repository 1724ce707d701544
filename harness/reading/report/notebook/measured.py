"""What was measured, for notebooks: tables as pandas frames, figures returned and never shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any

import pandas as pd

from harness.core import schema
from harness.core.errors import UnknownNameError, UsageError
from harness.core.units import plural
from harness.reading.report.analysed import TABLES, Analysed, analysed
from harness.reading.report.formats import html
from harness.reading.report.notebook.judged_tables import NAMES, JudgedTables
from harness.reading.report.notebook.overview import verdicts_counted
from harness.reading.report.notebook.plots import Plots
from harness.reading.report.shown.section import Chapter

FILTERS = (
    *(column.name for column in schema.PROVENANCE),
    *(column.name for column in schema.CASE),
)
"""What :meth:`Measured.only` can choose by."""


def read_results(path: str | PathLike[str] = "results") -> Measured:
    """Read and judge a results folder, a machine's folder in it, or one journal.

    Parameters
    ----------
    path : str or path

    Raises
    ------
    InputError
        Where it is missing or a file in it is broken.
    """
    return Measured(JudgedTables(analysed(Path(path))))


@dataclass(frozen=True, repr=False)
class Measured:
    """What was measured, judged: one attribute a table, ``plot`` for the figures.

    Columns, their units and meaning: :data:`harness.core.schema.TABLES`. Runs stand side by side
    and are never pooled.
    """

    _tables: JudgedTables
    _chosen: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)

    @property
    def pairs(self) -> pd.DataFrame:
        """Every pair measured, one row each."""
        return self.table("pairs")

    @property
    def blocks(self) -> pd.DataFrame:
        """Every engine start-up, a row for each workload that it served."""
        return self.table("blocks")

    @property
    def cases(self) -> pd.DataFrame:
        """One row for each case: time, speed-up, overhead and verdict."""
        return self.table("cases")

    @property
    def break_even(self) -> pd.DataFrame:
        """Chunk sizes at which the verdict changes, and the best ones."""
        return self.table("break_even")

    @property
    def break_even_work(self) -> pd.DataFrame:
        """From how much work an item on it pays, one by one and at the best chunk."""
        return self.table("break_even_work")

    @property
    def contrasts(self) -> pd.DataFrame:
        """Cases compared with one another: practices, pins, threads or processes."""
        return self.table("contrasts")

    @property
    def answers(self) -> pd.DataFrame:
        """What all comparisons of a kind say together."""
        return self.table("answers")

    @property
    def pins(self) -> pd.DataFrame:
        """Thread pins: workers by pin, with the native threads read back."""
        return self.table("pins")

    @property
    def metg(self) -> pd.DataFrame:
        """The smallest tasks that are still efficient."""
        return self.table("metg")

    @property
    def model(self) -> pd.DataFrame:
        """The overhead model: fixed cost, serial and parallel cost of a task, ceiling."""
        return self.table("model")

    @property
    def residuals(self) -> pd.DataFrame:
        """What the overhead model misses, chunk by chunk."""
        return self.table("residuals")

    @property
    def controls(self) -> pd.DataFrame:
        """Where the time of each case goes."""
        return self.table("controls")

    @property
    def scaling(self) -> pd.DataFrame:
        """Speed-up and efficiency over workers."""
        return self.table("scaling")

    @property
    def time_budget(self) -> pd.DataFrame:
        """What each worker's time was spent on, in traced calls."""
        return self.table("time_budget")

    @property
    def forecast(self) -> pd.DataFrame:
        """What the fitted costs would mean for more workers."""
        return self.table("forecast")

    @property
    def claims(self) -> pd.DataFrame:
        """Published figures, held against this machine."""
        return self.table("claims")

    @property
    def jobs(self) -> pd.DataFrame:
        """What batch jobs booked, beside the runs that they ran."""
        return self.table("jobs")

    @property
    def job_cases(self) -> pd.DataFrame:
        """CPU efficiency beside parallel efficiency, one row for each case and job."""
        return self.table("job_cases")

    @property
    def history(self) -> pd.DataFrame:
        """Each figure from run to run, with its changes."""
        return self.table("history")

    @property
    def notes(self) -> list[str]:
        """What to know of the files that were read: a last line cut off, an unfinished run."""
        return list(self._tables.judged.notes)

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Every judged table by its name."""
        return {name: self.table(name) for name in TABLES}

    @property
    def plot(self) -> Plots:
        """The figures."""
        return Plots(self._analysed)

    def table(self, name: str) -> pd.DataFrame:
        """Return a copy of the table *name*.

        Raises
        ------
        UnknownNameError
            Where there is no such table.
        """
        if name not in NAMES:
            raise UnknownNameError("table", name, list(NAMES))
        return self._filtered(self._tables.table(name)).reset_index(drop=True)

    def only(self, **chosen: Any) -> Measured:
        """Keep the part that has these values, each one value or a list of them.

        Parameters
        ----------
        **chosen
            Any of :data:`FILTERS`: ``r.only(workload="random-sum", executor=["numpy",
            "dask-threads"])``. A table without such a column stays whole in it.

        Raises
        ------
        UsageError
            For a name that cannot be chosen by, or a value that was not measured.
        """
        wanted = dict(self._chosen)
        for name, value in chosen.items():
            if name not in FILTERS:
                raise UnknownNameError("filter", name, list(FILTERS))
            values = tuple(value) if isinstance(value, list | tuple | set) else (value,)
            there = list(dict.fromkeys(self.cases[name].dropna()))
            if missing := [value for value in values if value not in there]:
                known = ", ".join(map(str, there)) or "none"
                raise UsageError(f"no case has {name} {missing[0]!r}: choose one of {known}")
            wanted[name] = values
        return replace(self, _chosen=wanted)

    @cached_property
    def _analysed(self) -> Analysed:
        whole, read = self._tables.judged, self._tables.judged.read
        return replace(
            whole,
            cases=self._filtered(whole.cases),
            break_even=self._filtered(whole.break_even),
            contrasts=self._filtered(whole.contrasts),
            answers=self._filtered(whole.answers),
            read=replace(
                read,
                pairs=self._filtered(read.pairs),
                blocks=self._filtered(read.blocks),
                asv=self._filtered(read.asv),
            ),
        )

    def _filtered(self, frame: pd.DataFrame) -> pd.DataFrame:
        for name, values in self._chosen.items():
            if name in frame:
                frame = frame[frame[name].isin(values).fillna(False).astype(bool)]
        return frame

    def __repr__(self) -> str:
        counts = {name: self.cases[name].nunique() for name in ("machine", "run", "workload")}
        words = ", ".join(plural(n, name) for name, n in counts.items())
        return f"<measured: {len(self.cases)} cases of {words}; tables: {', '.join(NAMES)}>"

    def _repr_html_(self) -> str:
        """Show a row for each run and workload, with its verdicts counted."""
        section = verdicts_counted(self.cases, [f"tables: {', '.join(NAMES)}", *self.notes])
        return html.fragment([Chapter("measured", [section])])
