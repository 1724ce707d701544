"""Results on disk to judged tables: ingest and analysis, one after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from harness.analysis.break_even import break_even
from harness.analysis.cases import cases
from harness.analysis.contrasts import contrasts
from harness.analysis.controls import controls
from harness.analysis.history import history
from harness.analysis.job_use import job_tables
from harness.analysis.metg import metg
from harness.analysis.model import model
from harness.analysis.scaling import scaling
from harness.errors import UnknownNameError
from harness.ingest import Results, read_results
from harness.report.contrast_words import answers, with_sentences
from harness.report.jobs import sentences


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
    def grains(self) -> pd.DataFrame:
        """The table ``metg``, which that of history rests on as well."""
        return metg(self.cases, self.found.pairs, self.found.runs)

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


TABLES: dict[str, Callable[[Analysed], pd.DataFrame]] = {
    "cases": lambda found: found.cases,
    "break_even": lambda found: found.break_even,
    "contrasts": lambda found: found.contrasts,
    "answers": lambda found: found.answers,
    "metg": lambda found: found.grains,
    "model": lambda found: model(
        found.cases, found.found.pairs, found.found.blocks, found.found.runs
    ),
    "controls": lambda found: controls(found.cases, found.found.pairs, found.found.runs),
    "scaling": lambda found: scaling(found.cases, found.found.pairs, found.found.runs),
    "jobs": lambda found: job_tables(found.found, found.cases, sentences)[0],
    "job_cases": lambda found: job_tables(found.found, found.cases, sentences)[1],
    "history": lambda found: history(found.cases, found.break_even, found.grains, found.found.runs),
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
