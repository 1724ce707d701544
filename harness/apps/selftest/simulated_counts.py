"""Simulate one sweep whose truth is planted, and count where the analysis gets it right.

Every sweep takes the whole way of a real one: protocol, journal on disk, reader, analysis; only
the bench is scripted, and its clock drifts as a real machine was recorded to drift.
"""

from __future__ import annotations

import math
import random
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import optimize

from harness.apps.selftest.drift import recorded_drift
from harness.apps.selftest.simulate import EMPTY, FIXED, SIZE, cases, simulated
from harness.core.records import Verdict
from harness.reading.analysis.crossover.break_even import break_even
from harness.reading.analysis.crossover.metg import metg
from harness.reading.analysis.models.overhead_model import fits
from harness.reading.analysis.verdict.cases import cases as judged
from harness.reading.analysis.verdict.rounds import log_ratios, with_result
from harness.reading.ingest import read_results
from harness.running.measure.sweep.scripted import Planted
from harness.running.plan.profiles import Profile

WORKERS = 2
SLOWDOWN = 0.10
"""Planted in the cases of :func:`slowed_sweep`, as a share of their baseline."""
WORST_SD = 0.09
"""A slowdown has to be found where the log-ratios of the rounds spread no more than this."""
A_A_CASES_A_SWEEP, SLOWED_CASES_A_SWEEP = 25, 5
_SIGNED = (Verdict.PAYS, Verdict.OVERHEAD)

Counts = dict[str, list[float]]
"""Quantity to a number for each sweep or case: 1 for yes and 0 for no, or a width."""


def planted_sweep(seed: int) -> Counts:
    """Simulate a sweep with costs of its own, drawn by *seed*, and the empty task beside it."""
    truth = draw_costs(seed)
    tasks = crossing_tasks(truth, 1.0)
    # The break-even lies anywhere between the two middle chunks of nine, half an octave apart.
    start = math.log2(SIZE / tasks) - 2 + random.Random(seed).uniform(-0.25, 0.25)
    chunks = [round(2 ** (start + step / 2)) for step in range(9)]
    both = cases(chunks) + cases([chunks[0], chunks[3], SIZE // 16, SIZE // WORKERS], EMPTY)
    with tempfile.TemporaryDirectory() as folder:
        simulated(Path(folder), both, truth, seed, others={EMPTY: replace(truth, work=1e-5)})
        results = read_results(folder)
    table = judged(results.pairs, results.blocks, results.runs)
    swept = table[table["workload"] != EMPTY].reset_index(drop=True)
    counts = _count_edges(break_even(swept, results.pairs, results.runs), SIZE / tasks)
    counts |= _count_verdicts(swept, SIZE / tasks) | _count_overhead(swept, truth, seed)
    for _, row in metg(swept, results.pairs, results.runs).iterrows():
        target = float(row["target"])
        true = 1 / (target * crossing_tasks(truth, 1 / (target * WORKERS)))
        counts[f"METG({target:.0%})".replace("%", " %")] = inside(row, "over_baseline", true)
    fitted = fits(table, results.pairs, results.blocks, results.runs).model.iloc[0]
    return counts | _count_costs(fitted, truth)


def crossing_tasks(truth: Planted, ratio: float) -> float:
    """Find the number of tasks at which ``T/T1`` is *ratio*, by the model without its imbalance."""

    def excess(tasks: float) -> float:
        spread = tasks * truth.parallel / WORKERS + truth.work / truth.ceiling
        return truth.fixed + max(tasks * truth.serial, spread) - ratio * truth.work

    return float(optimize.brentq(excess, 1e-6, 1e9))


def a_a_sweep(seed: int) -> Counts:
    """Simulate cases that are their own baseline, on a machine that drifts as recorded."""
    return {"a/a": _count_false(_own_baseline_sweep(seed))}


def a_a_startup_sweep(seed: int) -> Counts:
    """The same with two start-ups, each of which shifts its times by some 5 %."""
    profile = replace(FIXED, blocks=(10, 10))
    return {"a/a start-up": _count_false(_own_baseline_sweep(seed, shift=0.05, profile=profile))}


def slowed_sweep(seed: int) -> Counts:
    """Simulate cases that take 10 % longer than their baseline."""
    table = _own_baseline_sweep(seed, slowdown=SLOWDOWN, count=SLOWED_CASES_A_SWEEP)
    hits = [float(verdict == Verdict.OVERHEAD) for verdict in table["verdict"]]
    quiet = [hit for hit, sd in zip(hits, table["sd"]) if sd <= WORST_SD]
    return {"slow": quiet, "slow at any": hits}


def _own_baseline_sweep(
    seed: int,
    *,
    slowdown: float = 0.0,
    shift: float = 0.0,
    count: int = A_A_CASES_A_SWEEP,
    profile: Profile = FIXED,
) -> pd.DataFrame:
    """Simulate *count* cases of one kernel beside itself.

    Parameters
    ----------
    seed : int
    slowdown : float
        The case takes longer than its baseline by this share.
    shift : float
        Spread of what each start-up multiplies its times by.
    count : int
    profile : Profile

    Returns
    -------
    DataFrame
        The table of cases, rising by chunk, and ``sd``: the standard deviation of its log-ratios.
    """
    truth = Planted(
        work=0.1,
        fixed=0.1 * slowdown,
        ceiling=1.0,
        noise=0.03,
        start_up=shift,
        second=1.03,
        drift=recorded_drift(seed),
    )
    planned = cases(range(1 << 10, (1 << 10) + count), workers=1, executor="numpy")
    with tempfile.TemporaryDirectory() as folder:
        simulated(Path(folder), planned, truth, seed, profile=profile)
        results = read_results(folder)
    d = log_ratios(with_result(results.pairs))  # its columns are the chunks, rising
    table = judged(results.pairs, results.blocks, results.runs).sort_values("chunk")
    return table.assign(sd=d.std().to_numpy(np.float64))


def draw_costs(seed: int) -> Planted:
    """Draw costs of which either those on the scheduler or those on the workers dominate."""
    draw = random.Random(f"truth {seed}")
    serial_dominates = draw.random() < 0.5
    dear, share = 10 ** draw.uniform(-5, -4), 10 ** draw.uniform(-0.7, -0.2)
    return Planted(
        work=draw.uniform(0.05, 0.15),
        fixed=10 ** draw.uniform(-4, -2.5),
        serial=dear if serial_dominates else dear / WORKERS * share,
        parallel=dear * WORKERS * share if serial_dominates else dear,
        ceiling=draw.uniform(1.8, 2.0),
        noise=0.03,
        second=1.03,
        drift=recorded_drift(seed),
    )


def _count_edges(edges: pd.DataFrame, chunk: float) -> Counts:
    row = edges[edges["side"] == "small"].iloc[0]
    if row["status"] != "found":
        return {"bracketed": [0.0]}
    width = float(row["chunk_high"] / row["chunk_low"])
    return {
        "bracketed": [1.0],
        "break-even": inside(row, "chunk", chunk),
        "break-even width": [width],
    }


def _count_verdicts(swept: pd.DataFrame, chunk: float) -> Counts:
    """Count the verdicts more than half an octave from the true break-even, at *chunk*."""
    octaves = np.log2(swept["chunk"].to_numpy(np.float64) / chunk)
    far = np.abs(octaves) > 0.5
    true = np.where(octaves > 0, Verdict.PAYS, Verdict.OVERHEAD)[far]
    given = swept["verdict"][far].to_numpy(object)
    wrong = [float(verdict in _SIGNED and verdict != want) for verdict, want in zip(given, true)]
    return {"right": [float(got == want) for got, want in zip(given, true)], "wrong": wrong}


def _count_overhead(swept: pd.DataFrame, truth: Planted, seed: int) -> Counts:
    """Of one case, in units of T1: ``TP/T1 - 1/S`` has the interval of ``T1/TP``."""
    row = swept.iloc[seed % len(swept)]
    true = truth.seconds(int(row["n_chunks"]), WORKERS) / truth.work - 1 / truth.ceiling
    low, high = (1 / float(row[f"speedup_{end}"]) - 1 / truth.ceiling for end in ("high", "low"))
    return {"overhead": [float(low <= true <= high)]}


def _count_costs(row: pd.Series[Any], truth: Planted) -> Counts:
    unit = truth.work / float(row["baseline_seconds"])
    counts: Counts = {
        "accepted": [float(bool(row["accepted"]))],
        "c0": inside(row, "fixed_seconds", truth.fixed / unit),
    }
    for name, column, true in (
        ("s", "serial_us_per_task", truth.serial),
        ("o", "parallel_us_per_task", truth.parallel),
    ):
        identified = not pd.isna(row[column])
        counts[f"{name} identified"] = [float(identified)]
        if identified:
            counts[name] = inside(row, column, true * 1e6 / unit)
    return counts


def inside(row: pd.Series[Any], name: str, true: float) -> list[float]:
    """Whether *true* is in the interval; empty where there is none. One bound is an interval."""
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    if pd.isna(low) and pd.isna(high):
        return []
    above_low = pd.isna(low) or low <= true
    return [float(above_low and (pd.isna(high) or true <= high))]


def _count_false(table: pd.DataFrame) -> list[float]:
    return [float(verdict in _SIGNED) for verdict in table["verdict"]]
