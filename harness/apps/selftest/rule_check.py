"""A figure beside what a rule asks of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import stats

CHANCE = 0.001
"""How often the quick form calls a method wrong that keeps a rule exactly, at each line."""


class RuleCheck(NamedTuple):
    """One figure with what a rule asks of it.

    ``needed`` is ``None`` where it only informs; ``met`` also where the sweeps are too few to tell.
    """

    rule: int
    claim: str
    value: float | None
    n: int
    needed: str | None
    met: bool | None


def at_least(rule: int, claim: str, values: Sequence[float], share: float) -> RuleCheck:
    """Hold the mean of *values* against the least that it may be."""
    value = _mean(values)
    met = value is not None and value >= share
    return RuleCheck(rule, claim, value, len(values), f">= {share:.0%}", met)


def at_most(rule: int, claim: str, values: Sequence[float], share: float) -> RuleCheck:
    """Hold the mean of *values* against the most that it may be."""
    return share_at_most(rule, claim, _mean(values), len(values), share)


def share_at_most(rule: int, claim: str, value: float | None, n: int, share: float) -> RuleCheck:
    """Hold a share of *n* against the most that it may be."""
    met = value is not None and value <= share
    return RuleCheck(rule, claim, value, n, f"<= {share:.0%}", met)


def inform(rule: int, claim: str, values: Sequence[float]) -> RuleCheck:
    """Tell the mean of *values*; no rule asks for it."""
    return RuleCheck(rule, claim, _mean(values), len(values), None, None)


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None


def allowing_for_chance(check: RuleCheck) -> RuleCheck:
    """Let a share miss its rule by as much as chance does once in :data:`CHANCE` times.

    A line that could not fail, whatever its few sweeps show, is neither met nor not met; a width of
    a few sweeps says nothing.
    """
    if check.needed is None or check.value is None:
        return check._replace(met=None)
    if "%" not in check.needed:
        return check._replace(needed=None, met=None)
    sign, share = check.needed.split()
    rate, hits = float(share.rstrip("%")) / 100, round(check.value * check.n)
    tail = CHANCE if sign == ">=" else 1 - CHANCE
    edge = int(stats.binom.ppf(tail, check.n, rate))
    if edge == (0 if sign == ">=" else check.n):
        return check._replace(met=None)
    return check._replace(met=hits >= edge if sign == ">=" else hits <= edge)
