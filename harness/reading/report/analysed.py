"""Results on disk to judged tables: ingest and analysis, one after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from harness.core.errors import UnknownNameError
from harness.reading.analysis.beyond.claim_verdicts import claims
from harness.reading.analysis.beyond.forecast import forecast
from harness.reading.analysis.crossover.break_even import break_even
from harness.reading.analysis.crossover.metg import metg
from harness.reading.analysis.jobs.job_use import job_tables
from harness.reading.analysis.models.controls import controls
from harness.reading.analysis.models.overhead_model import Fits, fits
from harness.reading.analysis.models.scaling import scaling
from harness.reading.analysis.series.history import history
from harness.reading.analysis.trace.time_budget import time_budget
from harness.reading.analysis.verdict.cases import cases
from harness.reading.analysis.verdict.contrasts import contrasts
from harness.reading.analysis.verdict.pin_costs import pins
from harness.reading.ingest import Results, read_results
from harness.reading.ingest.published import published_claims, task_bench
from harness.reading.report.contrast_words import answers, with_sentences
from harness.reading.report.jobs import sentences


@dataclass(frozen=True)
class Analysed:
    """The judged tables; unpaired timings are rows of ``cases`` without a verdict."""

    cases: pd.DataFrame
    break_even: pd.DataFrame
    contrasts: pd.DataFrame
    answers: pd.DataFrame
    notes: list[str]
    found: Results

    @cached_property
    def fits(self) -> Fits:
        """The tables ``model`` and ``residuals``, which are made together."""
        return fits(self.cases, self.found.pairs, self.found.blocks, self.found.runs)

    @property
    def model(self) -> pd.DataFrame:
        """The overhead model of every group."""
        return self.fits.model

    @cached_property
    def controls(self) -> pd.DataFrame:
        """Where the time of every case goes."""
        return controls(self.cases, self.found.pairs, self.found.runs)

    @cached_property
    def forecast(self) -> pd.DataFrame:
        """What the fitted costs would mean for more workers."""
        return forecast(self.model, task_bench(), self.found.runs)

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """By name, in the order in which they are shown."""
        return {name: self.table(name) for name in TABLES}

    def table(self, name: str) -> pd.DataFrame:
        """One table of :data:`TABLES`; some are worked out here, as most who ask for cases do not
        need them.

        Raises
        ------
        UnknownNameError
            Where there is no such table.
        """
        if name not in TABLES:
            raise UnknownNameError("table", name, list(TABLES))
        return TABLES[name](self)

    @cached_property
    def metg(self) -> pd.DataFrame:
        """The table ``metg``, which the history needs as well."""
        return metg(self.cases, self.found.pairs, self.found.runs)

    @cached_property
    def job_tables(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The tables ``jobs`` and ``job_cases``, which are made together."""
        return job_tables(self.found, self.cases, sentences)


TABLES: dict[str, Callable[[Analysed], pd.DataFrame]] = {
    "cases": lambda found: found.cases,
    "break_even": lambda found: found.break_even,
    "contrasts": lambda found: found.contrasts,
    "answers": lambda found: found.answers,
    "pins": lambda found: pins(found.cases, found.contrasts, found.found.runs),
    "metg": lambda found: found.metg,
    "model": lambda found: found.model,
    "residuals": lambda found: found.fits.residuals,
    "controls": lambda found: found.controls,
    "scaling": lambda found: scaling(found.cases, found.found.pairs, found.found.runs),
    "time_budget": lambda found: time_budget(found.found.traces),
    "forecast": lambda found: found.forecast,
    "claims": lambda found: claims(
        found.cases, found.found.pairs, found.found.runs, published_claims()
    ),
    "jobs": lambda found: found.job_tables[0],
    "job_cases": lambda found: found.job_tables[1],
    "history": lambda found: history(found.cases, found.break_even, found.metg, found.found.runs),
}
"""Name of a judged table to what gives it."""


def analysed(results: Path) -> Analysed:
    """Read and judge everything under *results*.

    Raises
    ------
    InputError
        Where the folder is missing or a file in it is broken.
    """
    found = read_results(results)
    judged = cases(found.pairs, found.blocks, found.runs)
    edges = break_even(judged, found.pairs, found.runs)
    compared = with_sentences(contrasts(judged, found.pairs, found.blocks, found.runs))
    return Analysed(
        cases=pd.concat([judged, found.asv], ignore_index=True),
        break_even=edges,
        contrasts=compared,
        answers=answers(compared, found.runs),
        notes=found.notes,
        found=found,
    )
