"""Test the harness on itself: hold what simulated sweeps show against rules 20, 24, 29 and 30."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple

import numpy as np

from harness.apps.selftest.simulated_counts import (
    A_A_CASES_A_SWEEP,
    SLOWDOWN,
    WORST_SD,
    Counts,
    a_a_startup_sweep,
    a_a_sweep,
    planted_sweep,
    slowed_sweep,
)

SWEEPS = 1000
A_A_CASES = 3000
SWEEPS_A_STARTUP_SWEEP = 4
"""For so many A/A sweeps, one more is simulated whose start-ups differ."""
COVERAGE = 0.93
"""An interval has to hold the truth in this share of the sweeps."""
FALSE = 0.05
"""At most this share of A/A cases may get a false verdict."""
WIDTH = 1.25
"""The median break-even may be no wider: its upper bound over its lower one."""
RIGHT = 0.95
"""This share of verdicts away from the break-even has to be right."""
POWER = 0.90
"""This share of slowed cases has to be found."""
INTERVALS = ("break-even", "overhead", "METG(50 %)", "METG(80 %)", "c0", "s", "o")


class RuleCheck(NamedTuple):
    """One figure with what a rule asks of it; ``needed`` is ``None`` where it only informs."""

    rule: int
    claim: str
    value: float | None
    n: int
    needed: str | None
    met: bool | None


def validate(sweeps: int = SWEEPS, a_a_cases: int = A_A_CASES, workers: int = 0) -> list[RuleCheck]:
    """Simulate sweeps, count what they show, and check it against the rules.

    Parameters
    ----------
    sweeps : int
        Sweeps with planted costs, seeds 0, 1, ...; as many of five slowed cases.
    a_a_cases : int
        Cases that are their own baseline, rounded up to whole sweeps of 25.
    workers : int
        Processes; 0 for all usable cores.
    """
    a_a_sweeps = a_a_cases / A_A_CASES_A_SWEEP
    simulations: list[tuple[Callable[[int], Counts], Iterable[int]]] = [
        (planted_sweep, range(sweeps)),
        (a_a_sweep, range(math.ceil(a_a_sweeps))),
        (a_a_startup_sweep, range(math.ceil(a_a_sweeps / SWEEPS_A_STARTUP_SWEEP))),
        (slowed_sweep, range(sweeps)),
    ]
    total: Counts = {}
    with ProcessPoolExecutor(workers or len(os.sched_getaffinity(0))) as pool:
        for simulate, seeds in simulations:
            for counts in pool.map(simulate, seeds, chunksize=4):
                for name, values in counts.items():
                    total.setdefault(name, []).extend(values)
    return rule_checks(total)


def rule_checks(total: Counts) -> list[RuleCheck]:
    """Check the counts of all sweeps against the rules."""
    return [
        _at_most(29, "A/A cases with a false verdict", total["a/a"], FALSE),
        _inform(29, "the same, start-ups that differ by 5 % (2 of them)", total["a/a start-up"]),
        *(
            _at_least(30, f"{name} inside its interval", total.get(name, []), COVERAGE)
            for name in INTERVALS
        ),
        _median_width(total.get("break-even width", [])),
        _at_least(20, "right verdict half an octave away", total["right"], RIGHT),
        _inform(20, "the other verdict there", total["wrong"]),
        _at_least(
            30,
            f"a slowdown of {SLOWDOWN:.0%} found, sd(d) <= {WORST_SD}",
            total.get("slow", []),
            POWER,
        ),
        _inform(30, "the same at any sd(d)", total["slow at any"]),
        _inform(30, "sweeps whose break-even was bracketed", total["bracketed"]),
        _inform(24, "fits accepted", total["accepted"]),
        _inform(24, "sweeps that identify s", total["s identified"]),
        _inform(24, "sweeps that identify o", total["o identified"]),
    ]


def _median_width(widths: list[float]) -> RuleCheck:
    claim = "median width of the break-even (high/low)"
    median = float(np.median(widths)) if widths else None
    met = median is not None and median <= WIDTH
    return RuleCheck(30, claim, median, len(widths), f"<= {WIDTH}", met)


def _at_least(rule: int, claim: str, values: list[float], share: float) -> RuleCheck:
    value = _share(values)
    met = value is not None and value >= share
    return RuleCheck(rule, claim, value, len(values), f">= {share:.0%}", met)


def _at_most(rule: int, claim: str, values: list[float], share: float) -> RuleCheck:
    value = _share(values)
    met = value is not None and value <= share
    return RuleCheck(rule, claim, value, len(values), f"<= {share:.0%}", met)


def _inform(rule: int, claim: str, values: list[float]) -> RuleCheck:
    return RuleCheck(rule, claim, _share(values), len(values), None, None)


def _share(values: list[float]) -> float | None:
    return float(np.mean(values)) if values else None
