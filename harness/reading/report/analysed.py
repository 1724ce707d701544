"""Read a results folder and judge it: every table, made from what the files hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from harness.core.errors import UnknownNameError
from harness.core.progress_step import Step, unsaid
from harness.reading.analysis.beyond.claim_verdicts import claims
from harness.reading.analysis.beyond.forecast import forecast
from harness.reading.analysis.crossover.break_even import break_even
from harness.reading.analysis.crossover.metg import metg
from harness.reading.analysis.crossover.swept import SweptGroups, swept_groups
from harness.reading.analysis.crossover.unpaired import unpaired_metg, unpaired_scaling
from harness.reading.analysis.crossover.work import break_even_work
from harness.reading.analysis.jobs.job_use import job_tables
from harness.reading.analysis.models.controls import controls
from harness.reading.analysis.models.overhead_model import Fits, fits
from harness.reading.analysis.models.scaling import scaling
from harness.reading.analysis.series.history import history
from harness.reading.analysis.trace.time_budget import time_budget
from harness.reading.analysis.verdict.cases import cases
from harness.reading.analysis.verdict.contrasts import contrasts
from harness.reading.analysis.verdict.grouped_rounds import GroupedRounds, ok_rounds
from harness.reading.analysis.verdict.pin_costs import pins
from harness.reading.ingest import Results, read_results
from harness.reading.ingest.published import published_claims, task_bench
from harness.reading.report.words.contrast_words import answers, with_sentences
from harness.reading.report.words.job_words import sentences
from harness.reading.report.words.work_words import with_work_sentences


@dataclass(frozen=True)
class Analysed:
    """The judged tables; unpaired timings are rows of ``cases`` without a verdict.

    Attributes
    ----------
    cases, break_even, contrasts, answers : DataFrame
        As in the schema.
    notes : list of str
        What to know of the files that were read.
    read : Results
        What they hold.
    swept : SweptGroups or None
        The groups with chunks to choose from, which most tables are about; ``None`` where each
        table is to find them.
    """

    cases: pd.DataFrame
    break_even: pd.DataFrame
    contrasts: pd.DataFrame
    answers: pd.DataFrame
    notes: list[str]
    read: Results
    swept: SweptGroups | None = None

    @property
    def rounds(self) -> GroupedRounds | None:
        """The rounds with a result, where they are grouped already."""
        return self.swept and self.swept.rounds

    @cached_property
    def fits(self) -> Fits:
        """The tables ``model`` and ``residuals``, which are made together."""
        read = self.read
        return fits(self.cases, read.pairs, read.blocks, read.runs, swept=self.swept)

    @property
    def model(self) -> pd.DataFrame:
        """The overhead model of every group."""
        return self.fits.model

    @cached_property
    def break_even_work(self) -> pd.DataFrame:
        """From how much work an item on each family of workloads pays."""
        read = self.read
        return with_work_sentences(break_even_work(self.cases, read.pairs, read.runs, self.rounds))

    @cached_property
    def controls(self) -> pd.DataFrame:
        """Where the time of every case goes."""
        return controls(self.cases, self.read.pairs, self.read.runs, self.swept)

    @cached_property
    def forecast(self) -> pd.DataFrame:
        """What the fitted costs would mean for more workers."""
        return forecast(self.model, task_bench(), self.read.runs)

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Every judged table by its name, in the order in which they are shown."""
        return {name: self.table(name) for name in TABLES}

    def table(self, name: str) -> pd.DataFrame:
        """One table of :data:`TABLES`; those that few ask for are only worked out here.

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
        return metg(self.cases, self.read.pairs, self.read.runs, swept=self.swept)

    @cached_property
    def job_tables(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The tables ``jobs`` and ``job_cases``, which are made together."""
        return job_tables(self.read, self.cases, sentences)


TABLES: dict[str, Callable[[Analysed], pd.DataFrame]] = {
    "cases": lambda judged: judged.cases,
    "break_even": lambda judged: judged.break_even,
    "break_even_work": lambda judged: judged.break_even_work,
    "contrasts": lambda judged: judged.contrasts,
    "answers": lambda judged: judged.answers,
    "pins": lambda judged: pins(judged.cases, judged.contrasts, judged.read.runs),
    "metg": lambda judged: _beside(judged.metg, unpaired_metg(judged.read.asv)),
    "model": lambda judged: judged.model,
    "residuals": lambda judged: judged.fits.residuals,
    "controls": lambda judged: judged.controls,
    "scaling": lambda judged: _beside(
        scaling(judged.cases, judged.read.pairs, judged.read.runs, rounds=judged.rounds),
        unpaired_scaling(judged.read.asv),
    ),
    "time_budget": lambda judged: time_budget(judged.read.traces),
    "forecast": lambda judged: judged.forecast,
    "claims": lambda judged: claims(
        judged.cases,
        judged.read.pairs,
        judged.read.runs,
        published_claims(),
        judged.rounds,
    ),
    "jobs": lambda judged: judged.job_tables[0],
    "job_cases": lambda judged: judged.job_tables[1],
    "history": lambda judged: history(
        judged.cases, judged.break_even, judged.metg, judged.read.runs
    ),
}
"""Name of a judged table to the function that makes it."""


def _beside(paired: pd.DataFrame, unpaired: pd.DataFrame) -> pd.DataFrame:
    return paired if unpaired.empty else pd.concat([paired, unpaired], ignore_index=True)


def analysed(results: Path, step: Step = unsaid) -> Analysed:
    """Read and judge everything under *results*.

    Parameters
    ----------
    results : Path
        A results folder, a machine's folder or a journal.
    step : callable
        Is told what is read or judged, and how many of :data:`TABLES` are made.

    Raises
    ------
    InputError
        Where the folder is missing or a file in it is broken.
    """
    step("reading", 0, len(TABLES))
    return judged(read_results(results), step)


def judged(read: Results, step: Step = unsaid) -> Analysed:
    """Judge what was read.

    Parameters
    ----------
    read : Results
    step : callable
        As that of :func:`analysed`.

    Raises
    ------
    InputError
        Where a pair marked ok has no time, or a run's looks are not known.
    """
    step("judging: cases", 0, len(TABLES))
    rounds = ok_rounds(read.pairs)
    of_cases = cases(read.pairs, read.blocks, read.runs, rounds)
    swept = swept_groups(of_cases, read.pairs, read.runs, rounds)
    step("judging: contrasts", 1, len(TABLES))
    compared = with_sentences(contrasts(of_cases, read.pairs, read.blocks, read.runs, rounds))
    step("judging: break_even", 2, len(TABLES))
    return Analysed(
        cases=pd.concat([of_cases, read.asv], ignore_index=True),
        break_even=break_even(of_cases, read.pairs, read.runs, swept=swept),
        contrasts=compared,
        answers=answers(compared, read.runs),
        notes=read.notes,
        read=read,
        swept=swept,
    )
