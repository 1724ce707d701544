"""Estimates and verdicts of all cases at once, from their rounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.reading.analysis.estimate_columns import interval_columns
from harness.reading.analysis.verdict.autocorrelation import (
    autocorrelation_warning,
    groups_that_hang_together,
    lag1_autocorrelations,
)
from harness.reading.analysis.verdict.case_costs import (
    GAINS,
    OVERHEADS,
    FewRoundCases,
    case_costs,
)
from harness.reading.analysis.verdict.estimates import Floats, rounds_used
from harness.reading.analysis.verdict.grouped_rounds import RoundColumns
from harness.reading.analysis.verdict.moderated_cases import (
    interval_rules,
    positive_intervals,
    prior_variances,
)
from harness.reading.analysis.verdict.overhead_ceilings import overhead_ceilings
from harness.reading.analysis.verdict.ragged import (
    Ints,
    Ragged,
    Rule,
    each,
    intervals,
    medians_by,
    parted,
    places,
    row_medians,
    verdicts,
)
from harness.reading.analysis.verdict.scope import THESE, scopes

FLAG = 0.1
"""A round is flagged where the calibration kernel moved by more than this (rule 16)."""


@dataclass(frozen=True)
class CaseRounds:
    """What has to be known of the cases that have a round, all of shape (cases,).

    Attributes
    ----------
    start, count : ndarray of int
        Where the rounds of each case stand, and how many it has.
    workers, n_tasks : ndarray of float
        NaN where unknown.
    ceilings : tuple of ndarray of float
        The ceiling, and the ends of its interval; NaN where unknown.
    ceiling_unknown : ndarray of str or None
        Why a ceiling that was measured is not known.
    rule : ndarray of int
        Number of its rule in *rules*.
    set_up : ndarray of int
        Number of the set-up of the run that it was measured on.
    group : ndarray of int
        Number of the group that it belongs to.
    ok : ndarray of bool
        Whether all its lines are, so that it may have a verdict.
    rules : sequence of Rule
    """

    start: Ints
    count: Ints
    workers: Floats
    n_tasks: Floats
    ceilings: tuple[Floats, ...]
    ceiling_unknown: NDArray[np.object_]
    rule: Ints
    set_up: Ints
    group: Ints
    ok: NDArray[np.bool_]
    rules: Sequence[Rule]

    @property
    def used(self) -> Ints:
        """How many of its rounds each case uses, shape (cases,)."""
        kinds, kind = np.unique(np.stack([self.count, self.rule]), axis=1, return_inverse=True)
        each_kind = [rounds_used(int(n), self.rules[rule].looks) for n, rule in kinds.T]
        return np.array(each_kind, dtype=np.int64)[kind]


def case_estimates(rounds: RoundColumns, cases: CaseRounds) -> dict[str, Any]:
    """The columns of ``schema.CASES`` that rest on rounds, each of shape (cases,).

    Beside them stands ``prior``: the variance of a round in the other cases of the set-up, by
    which a few rounds are judged (rule 19 a).

    Parameters
    ----------
    rounds : RoundColumns
        Ordered by their number within each case.
    cases : CaseRounds

    Raises
    ------
    InputError
        Where the looks of a rule or their level are not known, or a value is not finite.
    """
    n, used = cases.count.size, cases.used
    place, case = places(cases.start, used)
    serial, parallel, replay = (
        each[place]
        for each in (rounds.serial_seconds, rounds.parallel_seconds, rounds.replay_seconds)
    )
    paired = np.bincount(case[np.isnan(serial)], minlength=n) == 0
    flagged = np.abs(rounds.calibration_ratio[place] - 1) > FLAG  # unknown is not flagged
    found: dict[str, Any] = _of_all_rounds(rounds, cases) | {
        "paired": paired,
        "flagged": np.bincount(case[flagged], minlength=n),
    }
    with_baseline = paired[case]
    seconds = {
        "seconds": Ragged(parallel, case, n),
        "baseline_seconds": Ragged(serial, case, n).where(with_baseline),
        "replay_seconds": Ragged(replay, case, n).where(~np.isnan(replay)),
    }
    by_name = {
        name: positive_intervals(each_of, cases.set_up, cases.rules, cases.rule)
        for name, each_of in seconds.items()
    }
    d = Ragged(rounds.log_ratio[place], case, n).where(with_baseline)
    found["prior"] = prior_variances(d, cases.set_up)
    log_speedup = intervals(d, cases.rules, cases.rule, found["prior"])
    rule = interval_rules(used, cases.rules, cases.rule)
    rule[np.isnan(log_speedup.low)] = None  # as of six rounds at 99 %
    found["interval"] = rule
    costs = partial(
        case_costs,
        seconds["baseline_seconds"],
        seconds["seconds"].where(with_baseline),
        FewRoundCases(by_name["baseline_seconds"], log_speedup, rule == "moderated t"),
        n_tasks=cases.n_tasks,
        intervals=partial(intervals, rules=cases.rules, rule=cases.rule),
    )
    of_overhead = overhead_ceilings(
        cases.ceilings,
        cases.ceiling_unknown,
        cases.workers,
        by_name["baseline_seconds"].point,
        by_name["seconds"].point,
    )
    by_name |= costs(ceilings=cases.ceilings, names=GAINS)
    by_name |= costs(ceilings=of_overhead, names=OVERHEADS)
    for name, ends in by_name.items():
        found |= interval_columns(name, ends)
    found |= interval_columns("speedup", log_speedup, np.exp)
    found |= interval_columns("efficiency", log_speedup, lambda x: np.exp(x) / cases.workers)
    medians = (each(seconds[name], row_medians) for name in ("baseline_seconds", "seconds"))
    found["speedup_ratio_of_medians"] = np.divide(*medians)
    with np.errstate(divide="ignore", invalid="ignore"):
        granularity = found["seconds"] * cases.workers / cases.n_tasks
    found["granularity_seconds"] = np.where(cases.n_tasks > 0, granularity, np.nan)
    found["speedup_unflagged"] = np.exp(each(d.where(~flagged[with_baseline]), row_medians))
    found["autocorrelation"] = each(d, lag1_autocorrelations)
    block = rounds.block[place][with_baseline]
    together = groups_that_hang_together(
        d.values, rounds.round[place][with_baseline], d.case, cases.group
    )
    has, prior = paired & cases.ok, found["prior"]
    told = ~np.isnan(found["overhead_seconds"])
    return found | _judged(d, block, cases, has, together, prior, told)


def _of_all_rounds(rounds: RoundColumns, cases: CaseRounds) -> dict[str, Any]:
    """What also rests on rounds that no estimate uses: how many, and the most memory."""
    place, case = places(cases.start, cases.count)
    block = rounds.block[place]
    known = ~np.isnan(block)
    order, start = parted(case[known], block[known])
    first = np.cumsum(cases.count) - cases.count
    return {
        "rounds": cases.count,
        "blocks": np.bincount(case[known][order[start]], minlength=cases.count.size),
        "peak_rss_bytes": np.fmax.reduceat(rounds.peak_rss_bytes[place], first),
    }


def _judged(
    d: Ragged,
    block: Floats,
    cases: CaseRounds,
    has: NDArray[np.bool_],
    together: dict[int, float],
    prior: Floats,
    told: NDArray[np.bool_],
) -> dict[str, Any]:
    """Verdict, scope and warning of the cases that *have* one; *told*: whether their overheads are
    known."""
    none: NDArray[Any] = np.full(d.cases, None, dtype=object)
    verdict, scope, doubt, warning = none.copy(), none.copy(), none.copy(), none
    verdict[has] = verdicts(d, cases.rules, cases.rule, prior)[has]
    scope[has] = THESE
    known = ~np.isnan(block) & has[d.case]
    medians = medians_by(d.values[known], d.case[known], block[known], d.cases)
    for rows, table in medians.tables(cases.rule):
        level = cases.rules[cases.rule[rows[0]]].level
        scope[rows], doubt[rows] = scopes(table, verdict[rows], level)
    late = cases.count - cases.used
    doubted = np.array([words is not None for words in doubt], dtype=bool)
    vague = np.array([words is not None for words in cases.ceiling_unknown], dtype=bool)
    correlated = np.isin(cases.group, list(together))
    for i in np.flatnonzero(has & (doubted | correlated | (late > 0) | vague)):
        unused = f"{late[i]} rounds after the last look reached are not used" if late[i] else None
        near = autocorrelation_warning(together[cases.group[i]]) if correlated[i] else None
        ceiling = cases.ceiling_unknown[i]
        costs = "neither is the gain" if told[i] else "neither are gain and overhead"
        no_costs = f"{ceiling}, so {costs}" if ceiling else None
        warning[i] = "; ".join(filter(None, (doubt[i], near, unused, no_costs)))
    return {"verdict": verdict, "scope": scope, "warning": warning}
