"""Test the harness on itself: hold what simulated sweeps show against rules 20, 24, 29 and 30."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import repeat

import numpy as np

from harness.apps.selftest.few_round_checks import few_round_checks, simulated_noise
from harness.apps.selftest.few_rounds import NOISES
from harness.apps.selftest.planted_models import COSTS, MODEL_SCENARIOS, model_sweep
from harness.apps.selftest.rule_check import (
    RuleCheck,
    allowing_for_chance,
    at_least,
    at_most,
    inform,
)
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
from harness.core.progress_step import Step, unsaid

SWEEPS = 1000
A_A_CASES = 3000
SEED = 100_000
"""The first seed; no choice was made on it and on those after it."""
QUICK = (3, 50)
"""Sweeps of each kind and A/A cases of the quick form."""
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


def validate(
    sweeps: int = SWEEPS,
    a_a_cases: int = A_A_CASES,
    workers: int = 0,
    seed: int = SEED,
    *,
    quick: bool = False,
    step: Step = unsaid,
) -> list[RuleCheck]:
    """Simulate sweeps, count what they show, and check it against the rules.

    Parameters
    ----------
    sweeps : int
        Sweeps with planted costs, with seeds from *seed* on; as many of five slowed cases, and of
        each scenario on which an overhead model can go wrong.
    a_a_cases : int
        Cases that are their own baseline, rounded up to whole sweeps of 25; and as many for each
        noise and number of rounds.
    workers : int
        Processes; 0 for all usable cores.
    seed : int
        The first seed.
    quick : bool
        Simulate :data:`QUICK` instead. A share may then miss what a rule asks by as much as chance
        alone makes one that keeps it miss once in a thousand.
    step : callable
        Told how far the simulations are.
    """
    sweeps, a_a_cases = QUICK if quick else (sweeps, a_a_cases)
    a_a_sweeps = math.ceil(a_a_cases / A_A_CASES_A_SWEEP)
    start_up_sweeps = math.ceil(a_a_cases / A_A_CASES_A_SWEEP / SWEEPS_A_STARTUP_SWEEP)
    simulations: list[tuple[Callable[[int], Counts], int]] = [
        (planted_sweep, sweeps),
        (a_a_sweep, a_a_sweeps),
        (a_a_startup_sweep, start_up_sweeps),
        (slowed_sweep, sweeps),
        *((partial(model_sweep, name), sweeps) for name in MODEL_SCENARIOS),
    ]
    total: Counts = {}
    done, of = 0, sum(count for _, count in simulations)
    with ProcessPoolExecutor(workers or len(os.sched_getaffinity(0))) as pool:
        for simulate, count in simulations:
            for counts in pool.map(simulate, range(seed, seed + count), chunksize=4):
                for name, values in counts.items():
                    total.setdefault(name, []).extend(values)
                done += 1
                step("simulated sweeps", done, of)
        few = []
        for done, rows in enumerate(
            pool.map(simulated_noise, NOISES, repeat(a_a_cases), repeat(seed)), 1
        ):
            few += rows
            step("kinds of noise", done, len(NOISES))
        checks = rule_checks(total) + few_round_checks(few, FALSE)
    checks += model_checks(total)
    return [allowing_for_chance(check) for check in checks] if quick else checks


def model_checks(total: Counts) -> list[RuleCheck]:
    """Check the scenarios of an overhead model: refused with a reason, or right (rules 24, 30).

    A cost is asked for in the fits that were accepted and identify it; where there is none, every
    fit was refused, which is met.
    """
    checks = []
    for name in MODEL_SCENARIOS:
        for cost, _ in COSTS.values():
            values = total.get(f"{name}: {cost}", [])
            check = at_least(30, f"{name}: {cost}, where accepted", values, COVERAGE)
            checks.append(check if values else check._replace(met=True))
        unexplained = total.get(f"{name}: refused unexplained", [])
        silent = at_most(24, f"{name}: refused without a reason", unexplained, 0.0)
        checks.append(silent if unexplained else silent._replace(met=True))
        checks.append(inform(24, f"{name}: accepted", total.get(f"{name}: accepted", [])))
    return checks


def rule_checks(total: Counts) -> list[RuleCheck]:
    """Check the counts of all sweeps against the rules."""
    return [
        at_most(29, "A/A cases with a false verdict", total["a/a"], FALSE),
        inform(29, "the same, start-ups that differ by 5 % (2 of them)", total["a/a start-up"]),
        *(
            at_least(30, f"{name} inside its interval", total.get(name, []), COVERAGE)
            for name in INTERVALS
        ),
        _median_width(total.get("break-even width", [])),
        at_least(20, "right verdict half an octave away", total["right"], RIGHT),
        inform(20, "the other verdict there", total["wrong"]),
        at_least(
            30,
            f"a slowdown of {SLOWDOWN:.0%} found, sd(d) <= {WORST_SD}",
            total.get("slow", []),
            POWER,
        ),
        inform(30, "the same at any sd(d)", total["slow at any"]),
        inform(30, "sweeps whose break-even was bracketed", total["bracketed"]),
        inform(24, "fits accepted", total["accepted"]),
        inform(24, "sweeps that identify s", total["s identified"]),
        inform(24, "sweeps that identify o", total["o identified"]),
    ]


def _median_width(widths: list[float]) -> RuleCheck:
    claim = "median width of the break-even (high/low)"
    median = float(np.median(widths)) if widths else None
    met = median is not None and median <= WIDTH
    return RuleCheck(30, claim, median, len(widths), f"<= {WIDTH}", met)
