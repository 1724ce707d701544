"""Whether what others published of the engines holds here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

import numpy as np
import pandas as pd

from harness.core.records import Estimate, RunInfo, Status
from harness.reading.analysis.beyond.claim_figures import MeasuredRun, loop, paired
from harness.reading.analysis.by_group import Row, records_by, run_info, to_table
from harness.reading.analysis.crossover.metg import MOST_EFFICIENCY
from harness.reading.analysis.estimate_columns import estimate_columns
from harness.reading.analysis.keys import PROVENANCE, RUN
from harness.reading.analysis.verdict.grouped_rounds import GroupedRounds, ok_rounds
from harness.reading.ingest.published import Claim, Setting

SUITE = "claims"


class Holding(StrEnum):
    """The verdict on a claim."""

    HOLDS = "holds"
    FAILS = "does not hold"
    UNDETERMINED = "undetermined"
    UNMEASURED = "not measured here"


def judge(measured: Estimate, allowed: tuple[float | None, float | None]) -> Holding:
    """Judge a claim by an interval.

    The claim holds where the whole interval lies in what it allows, ends included. It does not hold
    where the whole interval lies outside, on one side. Else it is undetermined.

    Parameters
    ----------
    measured : Estimate
        What was measured; without both ends of an interval nothing is told.
    allowed : tuple of float or None
        Least and greatest figure with which the claim holds; ``None``: no bound.
    """
    if measured.point is None or measured.low is None or measured.high is None:
        return Holding.UNDETERMINED
    least = -np.inf if allowed[0] is None else allowed[0]
    most = np.inf if allowed[1] is None else allowed[1]
    if least <= measured.low and measured.high <= most:
        return Holding.HOLDS
    if measured.high < least or measured.low > most:
        return Holding.FAILS
    return Holding.UNDETERMINED


def claims(
    cases: pd.DataFrame,
    pairs: pd.DataFrame,
    runs: Mapping[str, RunInfo],
    published: Sequence[Claim],
    rounds: GroupedRounds | None = None,
) -> pd.DataFrame:
    """Judge each published claim by what every run of the suite ``claims`` measured of it.

    The claimant's own loop gives the median over rounds of the time of a call over its number of
    tasks (or the inverse), with its exact interval; nothing is taken off. The paired figure is the
    overhead per task of ``schema.CASES``. What decides is the loop, where there is one.

    Parameters
    ----------
    cases : DataFrame
        Obeys ``schema.CASES``.
    pairs : DataFrame
        Obeys ``schema.PAIRS``; the rounds behind *cases*.
    runs : mapping of str to RunInfo
        Run lines: level and looks.
    published : sequence of Claim
    rounds : GroupedRounds, optional
        The rounds of *pairs* with a result, where they are grouped already.

    Returns
    -------
    DataFrame
        Obeys ``schema.CLAIMS``: one row a claim and run.

    Raises
    ------
    InputError
        Where a run line is missing, its looks are not known, or a pair marked ok has no time.
    """
    ok = rounds or ok_rounds(_of_suite(pairs))
    rows: list[Row] = []
    for (run,), judged in records_by(_of_suite(cases), RUN).items():
        measured = MeasuredRun(judged, ok, run_info(runs, run))
        provenance = {name: judged[0][name] for name in PROVENANCE}
        rows += [provenance | _row(claim, measured) for claim in published]
    return to_table("claims", rows)


def _of_suite(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[(frame["suite"] == SUITE).fillna(False).to_numpy(dtype=bool)]


def _row(claim: Claim, measured: MeasuredRun) -> Row:
    row: Row = {
        "claim": claim.name,
        "says": claim.says,
        "source": claim.source.text,
        "quantity": claim.quantity,
        "rule": claim.rule,
        "published": claim.value[0],
        "published_to": claim.value[1] if len(claim.value) > 1 else None,
        "allowed_low": claim.allowed[0],
        "allowed_high": claim.allowed[1],
        "differs": claim.differs,
    }
    cases = {setting: measured.case(setting) for setting in claim.settings}
    here = {setting: case for setting, case in cases.items() if case is not None}
    reason = claim.not_measured or _missing(cases) or _elsewhere(claim, here)
    if reason is not None:
        return row | {"verdict": Holding.UNMEASURED, "reason": reason}
    estimates: dict[str, Estimate] = {}
    if claim.loop is not None:
        estimates["loop"] = loop(claim, here[claim.loop], here, measured)
    if claim.paired is not None:
        estimates["paired"] = paired(claim, here[claim.paired])
    for name, estimate in estimates.items():
        row |= estimate_columns(name, estimate)
    judged, best = next(iter(estimates.items()))
    case = here[claim.settings[0]]
    unsound = _unsound(claim, best, int(case["workers"]))
    verdict = Holding.UNDETERMINED if unsound else judge(best, claim.allowed)
    in_pairs = estimates.get("paired")
    return row | {
        "executor": case["executor"],
        "workers": case["workers"],
        "rounds": best.n,
        "blocks": case["blocks"],
        "judged": judged,
        "verdict": verdict,
        "verdict_paired": None if in_pairs is None else judge(in_pairs, claim.allowed),
        "reason": unsound or (_open(best) if verdict is Holding.UNDETERMINED else None),
    }


def _missing(cases: Mapping[Setting, Row | None]) -> str | None:
    """Why the first of *cases* that has no result has none; ``None`` where all have one."""
    for case in cases.values():
        if case is None:
            return "this run was not asked for it, or its budget ended before"
        if case["status"] != Status.OK:
            return f"{case['status']}: {case['reason']}"
        if not case["paired"]:
            return "it has no round in pairs"
    return None


def _elsewhere(claim: Claim, here: Mapping[Setting, Row]) -> str | None:
    """Why what was measured is not what the claim is about."""
    case = here[claim.settings[0]]
    if claim.quantity == "T1/TP" and case["workers"] < 2:
        return "with one core there is nothing to gain"
    longest = claim.longest_task_seconds
    task = float(case["baseline_seconds"]) / float(case["n_chunks"])
    if longest is not None and not task < longest:
        return f"its tasks take {task * 1e3:.3g} ms here, not below {longest * 1e3:.3g} ms"
    return None


def _unsound(claim: Claim, speedup: Estimate, workers: int) -> str | None:
    """Why a speed-up is too high to be one: the baseline was held up (rule 23)."""
    if (
        claim.quantity != "T1/TP"
        or speedup.point is None
        or speedup.point <= MOST_EFFICIENCY * workers
    ):
        return None
    return (
        f"an efficiency above {MOST_EFFICIENCY:g}: the baseline was held up, so it is no reference"
    )


def _open(estimate: Estimate) -> str:
    if estimate.low is None or estimate.high is None:
        return f"{estimate.n} rounds are too few for an interval"
    return "its interval crosses an end of what the claim allows"
