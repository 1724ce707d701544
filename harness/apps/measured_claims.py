"""Measure on this machine what the makers of the engines say of them, and judge it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from harness.core.errors import UnknownNameError, UsageError
from harness.reading import ingest
from harness.reading.analysis.beyond.claim_verdicts import SUITE, claims
from harness.reading.analysis.verdict.cases import cases
from harness.reading.analysis.verdict.verdicts import decided
from harness.reading.ingest.published import Claim, published_claims
from harness.running.measure.sweep.progress import Report
from harness.running.measure.sweep.session import measure
from harness.running.plan.profiles import Profile
from harness.running.plan.sweep import SweepPlan, usable_workers

BUDGET_SECONDS = 240.0
PROFILE = Profile(
    name=SUITE,
    blocks=(6, 6),
    looks=None,
    slow_seconds=1e9,
    slow_rounds=12,
    most_seconds=60.0,
    limit_seconds=120.0,
    budget_seconds=BUDGET_SECONDS,
)
"""Two start-ups of six rounds each: the first alone gives an interval, if the budget ends there."""


def claims_plan(
    published: Sequence[Claim], cores: int, budget_seconds: float = BUDGET_SECONDS
) -> SweepPlan:
    """Plan the sweep that measures *published* claims on *cores* cores: every case once."""
    settings = [setting for claim in published for setting in claim.settings]
    cases_once = dict.fromkeys(setting.case(cores) for setting in settings)
    return SweepPlan(SUITE, replace(PROFILE, budget_seconds=budget_seconds), tuple(cases_once))


def claims_named(names: Sequence[str]) -> tuple[Claim, ...]:
    """Choose the published claims of these names; all of them where there is no name.

    Raises
    ------
    UnknownNameError
        Where no claim has such a name; it lists those that there are.
    """
    by_name = {claim.name: claim for claim in published_claims()}
    for name in names:
        if name not in by_name:
            raise UnknownNameError("claim", name, list(by_name))
    return tuple(by_name[name] for name in names or by_name)


def check_claims(
    results: Path,
    *,
    names: Sequence[str] = (),
    budget_seconds: float = BUDGET_SECONDS,
    machine_name: str | None = None,
    resume: bool = False,
    report: Report = lambda progress: None,
) -> tuple[pd.DataFrame, Path]:
    """Measure the published claims and judge them.

    Parameters
    ----------
    results : Path
        Results folder; the journal stays there.
    names : sequence of str
        Names of claims; all by default.
    budget_seconds : float
        For all of it, start-ups included.
    machine_name : str, optional
    resume : bool
        Go on with an unfinished run.
    report : callable
        Told of progress.

    Returns
    -------
    DataFrame, Path
        The table ``schema.CLAIMS`` and the journal.

    Raises
    ------
    ChunkbenchError
        With one line that says what to do.
    """
    published = claims_named(names)
    plan = claims_plan(published, usable_workers(), budget_seconds)
    if not plan.cases:
        raise UsageError("none of these claims is measured here: choose others, see docs/claims.md")
    journal = measure(
        plan, results, decide=decided, machine_name=machine_name, resume=resume, report=report
    )
    return read_claims(journal, published), journal


def read_claims(journal: Path, published: Sequence[Claim]) -> pd.DataFrame:
    """Judge *published* claims by what *journal* holds: the table ``schema.CLAIMS``.

    Raises
    ------
    InputError
        Where it cannot be read.
    """
    measured = ingest.read_results(journal)
    judged = cases(measured.pairs, measured.blocks, measured.runs)
    return claims(judged, measured.pairs, measured.runs, published)
