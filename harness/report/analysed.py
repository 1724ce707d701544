"""Results on disk to judged tables: ingest and analysis, one after the other."""

from __future__ import annotations

from dataclasses import dataclass
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

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """By name, in the order in which they are shown; some are worked out here, as most who ask
        for cases do not need them."""
        pairs, blocks, runs = self.found.pairs, self.found.blocks, self.found.runs
        sizes = metg(self.cases, pairs, runs)
        jobs, job_cases = job_tables(self.found, self.cases, sentences)
        return {
            "cases": self.cases,
            "break_even": self.break_even,
            "contrasts": self.contrasts,
            "answers": self.answers,
            "metg": sizes,
            "model": model(self.cases, pairs, blocks, runs),
            "controls": controls(self.cases, pairs, runs),
            "scaling": scaling(self.cases, pairs, runs),
            "jobs": jobs,
            "job_cases": job_cases,
            "history": history(self.cases, self.break_even, sizes, runs),
        }


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
