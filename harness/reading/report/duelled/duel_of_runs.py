"""Make the answer of a duel from its two runs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from harness.core.errors import InputError
from harness.core.records import Case, Estimate, RunInfo
from harness.reading.analysis.by_group import records
from harness.reading.analysis.duel.alarm_rates import alarm_rates
from harness.reading.analysis.duel.differences import (
    LEAST_RATIO,
    DuelVerdict,
    Figures,
    figures_of,
    judge,
)
from harness.reading.analysis.duel.granularity import Granularity, granularities
from harness.reading.analysis.verdict.cases import cases as judged_cases
from harness.reading.ingest import Results
from harness.reading.report.duelled.duel_answer import (
    OVER_BASELINE,
    SECONDS,
    DuelAnswer,
    DuelRow,
)
from harness.reading.report.shown.cells import absent


def duel_of_runs(
    a: Results, b: Results, most_false_alarms: float, least_ratio: float = LEAST_RATIO
) -> DuelAnswer:
    """Judge what the journals of two sides hold.

    A case is judged by its time over that of its baseline, which was measured beside it, so that
    drift falls out; where the two sides have another Python or NumPy, the baseline is another
    program, and seconds are judged. Which of the two is known beforehand. Where several chunks
    of a workload show its METG and its break-even, these are judged as well, all together.

    Parameters
    ----------
    a, b : Results
        Of one journal each.
    most_false_alarms : float
        Of the whole duel.
    least_ratio : float
        A difference below it raises no alarm.

    Raises
    ------
    InputError
        Where they are not the two sides of one duel.
    """
    first, second = _info(a), _info(b)
    told, other = first.plan.get("duel"), second.plan.get("duel")
    if not isinstance(told, dict) or not isinstance(other, dict):
        raise InputError("these are not the two runs of a duel: name two that one duel measured")
    if told.get("against") != second.run:
        raise InputError(f"{first.run} was not measured against {second.run}: name its other side")
    cases = [
        (Case.model_validate(one), Case.model_validate(two))
        for one, two in zip(told["cases"], other["cases"], strict=True)
    ]
    by_seconds = any(first.versions.get(n) != second.versions.get(n) for n in ("python", "numpy"))
    found = [figures_of((a.pairs, b.pairs), case) for case in cases]
    figure = 0 if by_seconds else 2
    further = granularities((a.pairs, b.pairs), cases, by_seconds=by_seconds)
    taken = [*(each[figure] for each in found), *(each.differences for each in further)]
    verdicts = judge(taken, most_false_alarms, least_ratio)
    measured = [values for values in taken if values.size]
    rates = alarm_rates(measured, most_false_alarms, least_ratio, seed=first.seed)
    facts = [_facts(side) for side in (a, b)]
    rows = [
        _row(name, case, figures, verdict, facts, SECONDS if by_seconds else OVER_BASELINE)
        for name, case, figures, verdict in zip(
            _names(cases), cases, found, verdicts[: len(found)], strict=True
        )
    ]
    rows += map(_further_row, further, verdicts[len(found) :])
    ends = [journal.end.seconds for side in (a, b) for journal in side.journals if journal.end]
    return DuelAnswer(
        a=str(told["name"]),
        b=str(other["name"]),
        environment_a=environment_words(first),
        environment_b=environment_words(second),
        rows=rows,
        pairs=_pairs(first),
        rounds=_rounds(first),
        most_false_alarms=most_false_alarms,
        least_ratio=least_ratio,
        false_alarms=rates and rates.false_alarms,
        found=rates and rates.found,
        simulated=rates.duels if rates else 0,
        seconds_spent=math.fsum(value for value in ends if value is not None) or None,
        runs=[first.run, second.run],
    )


def environment_words(info: RunInfo) -> str:
    """What a run was measured on: the name of its environment, or of chunkbench's own Python."""
    if info.environment:
        return info.environment
    has = [
        f"{name} {info.versions[name]}"
        for name in ("python", "numpy", "dask", "ray")
        if info.versions.get(name)
    ]
    return ", ".join(has)


def _info(side: Results) -> RunInfo:
    if len(side.journals) != 1:
        raise InputError(f"{len(side.journals)} runs where one side of a duel is one: name one")
    return side.journals[0].info


def _blocks(info: RunInfo) -> list[int]:
    blocks = info.plan.get("blocks")
    return [int(each) for each in blocks] if isinstance(blocks, list) else []


def _pairs(info: RunInfo) -> int:
    return len(_blocks(info))


def _rounds(info: RunInfo) -> int:
    return max(_blocks(info), default=0)


def _facts(side: Results) -> dict[Case, dict[str, Any]]:
    """The row of ``cases`` of every case of a side."""
    judged = judged_cases(side.pairs, side.blocks, side.runs)
    return {Case.model_validate(row): row for row in records(judged)}


def _row(
    name: str,
    case: tuple[Case, Case],
    figures: Figures,
    verdict: DuelVerdict,
    facts: list[dict[Case, dict[str, Any]]],
    judged_by: str,
) -> DuelRow:
    a, b = (of_side.get(of, {}) for of_side, of in zip(facts, case, strict=True))
    failed = next((row for row in (a, b) if row.get("status", "ok") != "ok"), None)
    seconds, baseline = (
        judge([figures.seconds], 0.05)[0],
        judge([figures.baseline_seconds], 0.05)[0],
    )
    return DuelRow(
        case=name,
        judged_by=judged_by,
        ratio=_estimate(verdict),
        seconds_ratio=_estimate(seconds),
        baseline_ratio=_estimate(baseline),
        p=_known(verdict.p),
        verdict=str(failed["status"]) if failed else verdict.verdict,
        reason=str(failed["reason"]) if failed else None,
        **{
            f"{column}_{letter}": _known(row.get(column))
            for letter, row in (("a", a), ("b", b))
            for column in ("seconds", "overhead_us_per_task", "n_tasks")
        },
    )


def _further_row(figure: Granularity, verdict: DuelVerdict) -> DuelRow:
    case, none = figure.case, Estimate(point=None)
    return DuelRow(
        case=f"{case.workload}/{case.executor}/size={case.size}",
        judged_by=figure.figure,
        ratio=_estimate(verdict),
        seconds_ratio=none,
        baseline_ratio=none,
        p=_known(verdict.p),
        verdict=verdict.verdict,
    )


def _names(cases: Sequence[tuple[Case, Case]]) -> list[str]:
    """A name of each case: as short as it is still the only one of that name."""
    short = [f"{a.workload}/{a.executor}/chunk={a.chunk}" for a, _ in cases]
    full = [
        f"{name}/size={a.size}/workers={a.workers}/pin={a.pin}"
        for name, (a, _) in zip(short, cases, strict=True)
    ]
    return [one if short.count(one) == 1 else other for one, other in zip(short, full, strict=True)]


def _estimate(judged: DuelVerdict) -> Estimate:
    point, low, high = map(_known, (judged.ratio, judged.low, judged.high))
    return Estimate(point=point, low=low, high=high, n=judged.n)


def _known(value: Any) -> Any:
    return None if absent(value) else value
