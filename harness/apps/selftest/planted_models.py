"""Sweeps on which an overhead model can go wrong, and whether it was refused, right or wrong."""

from __future__ import annotations

import math
import random
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from harness.apps.selftest.simulate import EMPTY, SIZE, cases, simulated
from harness.apps.selftest.simulated_counts import Counts, crossing_tasks, draw_costs, inside
from harness.reading.analysis.models.overhead_model import fits
from harness.reading.analysis.verdict.cases import cases as judged
from harness.reading.ingest import read_results
from harness.running.measure.sweep.scripted import Planted

COSTS = {
    "fixed_seconds": ("c0", 1.0),
    "serial_us_per_task": ("s", 1e6),
    "parallel_us_per_task": ("o", 1e6),
}
CHEAPER, JUMP, CEILING_OFF = 0.75, 1.4, 0.10
CHUNKS = tuple(SIZE >> k for k in range(1, 14))
COARSE = tuple(SIZE >> k for k in range(1, 14, 3))
"""Steps of 8: no more than five chunks."""
EXERCISE = tuple(SIZE // n for n in (2, 5, 10, 100, 1000, 10_000))
"""The steps of the many-or-few exercise: 100 and 10, then 5 and 2 near the whole."""


class ModelScenario(NamedTuple):
    """What is planted beside the costs of a sweep, and on which chunks it is measured."""

    name: str
    plant: Callable[[Planted, random.Random], Planted]
    chunks: tuple[int, ...] | None = CHUNKS
    """``None``: nine chunks half an octave apart around the break-even."""


def _nothing(truth: Planted, draw: random.Random) -> Planted:  # noqa: ARG001 - the registry's
    return truth


def _cache(truth: Planted, draw: random.Random) -> Planted:
    """Work is cheaper in chunks of a middle size, two to four octaves of them."""
    first = 2 ** draw.uniform(2.5, 5.5)
    last = first * 2 ** draw.uniform(2, 4)
    return replace(truth, work_factor=lambda n: CHEAPER if first <= n <= last else 1.0)


def _cache_at_break_even(truth: Planted, draw: random.Random) -> Planted:
    """The same, and the chunks of a middle size are those on one side of the break-even."""
    edge = crossing_tasks(truth, 1.0) * 2 ** draw.uniform(-1, 1)
    return replace(truth, work_factor=lambda n: CHEAPER if edge / 8 <= n <= edge else 1.0)


def _page_faults(truth: Planted, draw: random.Random) -> Planted:
    """Large chunks, the whole among them, cost 40 % more than smaller ones."""
    edge = 2 ** draw.uniform(2.5, 6.5)
    return replace(truth, work_factor=lambda n: 1.0 if n <= edge else 1 / JUMP)


def _ceiling_off(truth: Planted, draw: random.Random) -> Planted:
    factor = 1 + draw.choice((-CEILING_OFF, CEILING_OFF))
    return replace(truth, measured_ceiling=truth.ceiling * factor)


_SCENARIOS = (
    ModelScenario("nothing else", _nothing),
    ModelScenario("cache: mid-size chunks 25 % cheaper", _cache),
    ModelScenario("cache, half octaves", _cache_at_break_even, None),
    ModelScenario("page faults: large chunks 40 % dearer", _page_faults),
    ModelScenario("page faults on a coarse grid", _page_faults, COARSE),
    ModelScenario("S off by 10 %", _ceiling_off),
    ModelScenario("S off by 10 %, half octaves", _ceiling_off, None),
    ModelScenario("the exercise's grid", _nothing, EXERCISE),
    ModelScenario("the exercise's grid with page faults", _page_faults, EXERCISE),
)

MODEL_SCENARIOS = {scenario.name: scenario for scenario in _SCENARIOS}
"""By name, so that a process is sent the name alone."""


def model_row(scenario: ModelScenario, seed: int) -> tuple[pd.Series[Any], Planted]:
    """Simulate one sweep of *scenario* and fit it: a row of ``schema.MODEL``, and the truth."""
    truth = scenario.plant(draw_costs(seed), random.Random(f"{scenario.name} {seed}"))
    controls = cases([SIZE // 2, SIZE // 16, SIZE // 256, SIZE // 4096], EMPTY)
    control = replace(truth, work=1e-5, work_factor=lambda n_chunks: 1.0)
    with tempfile.TemporaryDirectory() as folder:
        planned = cases(scenario.chunks or _half_octaves(truth)) + controls
        simulated(Path(folder), planned, truth, seed, others={EMPTY: control})
        results = read_results(folder)
    table = judged(results.pairs, results.blocks, results.runs)
    return fits(table, results.pairs, results.blocks, results.runs).model.iloc[0], truth


def _half_octaves(truth: Planted) -> tuple[int, ...]:
    middle = math.log2(SIZE / crossing_tasks(truth, 1.0))
    return tuple(round(2 ** (middle + step / 2)) for step in range(-4, 5))


def count_model(row: pd.Series[Any], truth: Planted) -> Counts:
    """Count whether the fit was accepted, whether it was and missed a cost, and each cost."""
    unit = truth.work / float(row["baseline_seconds"])
    true = {"c0": truth.fixed, "s": truth.serial, "o": truth.parallel}
    accepted = bool(row["accepted"])
    counts: Counts = {"accepted": [float(accepted)], "refused unexplained": []}
    if not accepted:
        counts["refused unexplained"] = [float(pd.isna(row["reason"]))]
        return counts
    wrong = False
    for column, (name, per_second) in COSTS.items():
        if pd.isna(row[column]):
            continue
        counts[name] = inside(row, column, true[name] * per_second / unit)
        wrong = wrong or counts[name] == [0.0]
    return counts | {"accepted and wrong": [float(wrong)]}


def model_sweep(scenario: str, seed: int) -> Counts:
    """Simulate one sweep of the *scenario* of that name, fit it and count."""
    counts = count_model(*model_row(MODEL_SCENARIOS[scenario], seed))
    return {f"{scenario}: {name}": values for name, values in counts.items()}
