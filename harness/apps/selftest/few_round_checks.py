"""Hold verdicts from few rounds against rule 29, noise by noise."""

from __future__ import annotations

from collections.abc import Iterable

from harness.apps.selftest.few_rounds import NOISES, FewRounds, few_rounds_table
from harness.apps.selftest.rule_check import RuleCheck, share_at_most
from harness.reading.analysis.verdict.estimates import MIN_ROUNDS

ROUNDS = (2, 3, 4, 5, 6, 7, 8, 10, 13, 16, 20, 24, 32)
NOT_PROMISED = ("AR(1) 0.3", "start-up luck 5 %")
"""Noises under which rounds are not independent: told, and not promised."""


def simulated_noise(noise: str, cases: int, seed: int) -> list[FewRounds]:
    """Judge *cases* cases under one noise at each of :data:`ROUNDS`, and at planned looks."""
    return few_rounds_table(cases, ROUNDS, [noise], seed=seed + [*NOISES].index(noise))


def few_round_checks(rows: Iterable[FewRounds], share: float) -> list[RuleCheck]:
    """Check the false verdicts under each noise: from few rounds, from more, and at looks.

    Parameters
    ----------
    rows : iterable of FewRounds
    share : float
        The most of them that a rule allows.
    """
    groups: dict[tuple[str, str], list[FewRounds]] = {}
    for row in rows:
        groups.setdefault((row.noise, _group(row)), []).append(row)
    return [_check(noise, group, found, share) for (noise, group), found in groups.items()]


def _group(row: FewRounds) -> str:
    if isinstance(row.rounds, str):
        return "planned looks"
    few = row.rounds <= MIN_ROUNDS
    return f"{ROUNDS[0]} to {MIN_ROUNDS} rounds" if few else f"more, up to {ROUNDS[-1]}"


def _check(noise: str, group: str, rows: list[FewRounds], share: float) -> RuleCheck:
    n = sum(row.n for row in rows)
    false = sum(row.false * row.n for row in rows) / n
    check = share_at_most(29, f"false verdicts, {noise}, {group}", false, n, share)
    return check._replace(needed=None, met=None) if noise in NOT_PROMISED else check
