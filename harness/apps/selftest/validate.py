"""The harness tested on itself: simulated sweeps with a known truth, counted (rules 29 and 30).

Every sweep takes the whole way of a real one: protocol, journal on disk, reader, analysis; only
the bench is scripted, and its clock drifts as a real machine was recorded to drift.
"""

from __future__ import annotations

import math
import os
import random
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

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

SWEEPS = 1000
A_A_CASES = 3000
COVERAGE = 0.93
FALSE = 0.05
WIDTH = 1.25
RIGHT = 0.95
POWER = 0.90
SLOWDOWN = 0.10
WORST_SD = 0.09
WORKERS = 2
_A_A_AT_ONCE = 25
_SLOWED_AT_ONCE = 5
_SIGNED = (Verdict.PAYS, Verdict.OVERHEAD)

Count = dict[str, list[float]]
"""Quantity to one number a sweep or case: 1 or 0 for yes or no, or a width."""


class Line(NamedTuple):
    """One figure with what the rule asks of it; ``needed`` is ``None`` where it only informs."""

    rule: int
    claim: str
    value: float | None
    n: int
    needed: str | None
    met: bool | None


def validate(sweeps: int = SWEEPS, a_a_cases: int = A_A_CASES, workers: int = 0) -> list[Line]:
    """Simulate and count.

    Parameters
    ----------
    sweeps : int
        Sweeps with planted costs, seeds 0, 1, ...; as many of five slowed cases.
    a_a_cases : int
        Cases that are their own baseline, rounded up to whole sweeps of 25.
    workers : int
        Processes; 0 for all usable cores.
    """
    jobs: list[tuple[Callable[[int], Count], Iterable[int]]] = [
        (planted_sweep, range(sweeps)),
        (a_a_sweep, range(math.ceil(a_a_cases / _A_A_AT_ONCE))),
        (a_a_start_ups, range(math.ceil(a_a_cases / _A_A_AT_ONCE / 4))),
        (slowed_sweep, range(sweeps)),
    ]
    total: Count = {}
    with ProcessPoolExecutor(workers or len(os.sched_getaffinity(0))) as pool:
        for job, seeds in jobs:
            for count in pool.map(job, seeds, chunksize=4):
                for name, values in count.items():
                    total.setdefault(name, []).extend(values)
    return lines(total)


def lines(total: Count) -> list[Line]:
    """The counts against rules 29 and 30."""
    found = [
        _share(29, "A/A cases with a false verdict", total["a/a"], f"<= {FALSE:.0%}", most=FALSE),
        _share(29, "the same, start-ups that differ by 5 % (2 of them)", total["a/a start-up"]),
    ]
    for name in ("break-even", "overhead", "METG(50 %)", "METG(80 %)", "c0", "s", "o"):
        values = total.get(name, [])
        claim = f"{name} inside its interval"
        found.append(_share(30, claim, values, f">= {COVERAGE:.0%}", least=COVERAGE))
    widths = total.get("break-even width", [])
    median = float(np.median(widths)) if widths else None
    narrow = median is not None and median <= WIDTH
    found += [
        Line(
            30,
            "median width of the break-even (high/low)",
            median,
            len(widths),
            f"<= {WIDTH}",
            narrow,
        ),
        _share(
            20, "right verdict half an octave away", total["right"], f">= {RIGHT:.0%}", least=RIGHT
        ),
        _share(20, "the other verdict there", total["wrong"]),
        _share(
            30,
            f"a slowdown of {SLOWDOWN:.0%} found, sd(d) <= {WORST_SD}",
            total.get("slow", []),
            f">= {POWER:.0%}",
            least=POWER,
        ),
        _share(30, "the same at any sd(d)", total["slow at any"]),
        _share(30, "sweeps whose break-even was bracketed", total["bracketed"]),
        _share(24, "fits accepted", total["accepted"]),
        _share(24, "sweeps that identify s", total["s identified"]),
        _share(24, "sweeps that identify o", total["o identified"]),
    ]
    return found


def planted_sweep(seed: int) -> Count:
    """One sweep with costs of its own, drawn by *seed*, and the empty task beside it."""
    truth = _drawn(seed)
    tasks = crossing_tasks(truth, 1.0)
    # The break-even lies anywhere between the two middle chunks of nine, half an octave apart.
    start = math.log2(SIZE / tasks) - 2 + random.Random(seed).uniform(-0.25, 0.25)
    chunks = [round(2 ** (start + step / 2)) for step in range(9)]
    both = cases(chunks) + cases([chunks[0], chunks[3], SIZE // 16, SIZE // WORKERS], EMPTY)
    with tempfile.TemporaryDirectory() as folder:
        simulated(Path(folder), both, truth, seed, others={EMPTY: replace(truth, work=1e-5)})
        found = read_results(folder)
    table = judged(found.pairs, found.blocks, found.runs)
    swept = table[table["workload"] != EMPTY].reset_index(drop=True)
    count = _edges(break_even(swept, found.pairs, found.runs), SIZE / tasks)
    count |= _verdicts(swept, SIZE / tasks) | _overhead(swept, truth, seed)
    for _, row in metg(swept, found.pairs, found.runs).iterrows():
        target = float(row["target"])
        true = 1 / (target * crossing_tasks(truth, 1 / (target * WORKERS)))
        count[f"METG({target:.0%})".replace("%", " %")] = _inside(row, "over_baseline", true)
    fitted = fits(table, found.pairs, found.blocks, found.runs).model.iloc[0]
    return count | _costs(fitted, truth)


def crossing_tasks(truth: Planted, ratio: float) -> float:
    """Tasks at which ``T/T1`` is *ratio*, by a root finder on the model without its imbalance."""

    def excess(tasks: float) -> float:
        spread = tasks * truth.parallel / WORKERS + truth.work / truth.ceiling
        return truth.fixed + max(tasks * truth.serial, spread) - ratio * truth.work

    return float(optimize.brentq(excess, 1e-6, 1e9))


def a_a_sweep(seed: int) -> Count:
    """Cases that are their own baseline, on a machine that drifts as one was recorded to."""
    return {"a/a": _false(_same(seed, 0.0, 0.0))}


def a_a_start_ups(seed: int) -> Count:
    """The same where every start-up has a luck of its own, of 5 %, and two of them are measured."""
    profile = replace(FIXED, blocks=(10, 10))
    return {"a/a start-up": _false(_same(seed, 0.0, 0.05, profile=profile))}


def slowed_sweep(seed: int) -> Count:
    """Cases that take 10 % longer than their baseline."""
    table = _same(seed, SLOWDOWN, 0.0, count=_SLOWED_AT_ONCE)
    hit = [float(verdict == Verdict.OVERHEAD) for verdict in table["verdict"]]
    quiet = [each for each, sd in zip(hit, table["sd"]) if sd <= WORST_SD]
    return {"slow": quiet, "slow at any": hit}


def _same(
    seed: int, slower: float, start_up: float, count: int = _A_A_AT_ONCE, profile: Any = FIXED
) -> pd.DataFrame:
    truth = Planted(
        work=0.1,
        fixed=0.1 * slower,
        ceiling=1.0,
        noise=0.03,
        start_up=start_up,
        second=1.03,
        drift=recorded_drift(seed),
    )
    same = cases(range(1 << 10, (1 << 10) + count), workers=1, executor="numpy")
    with tempfile.TemporaryDirectory() as folder:
        simulated(Path(folder), same, truth, seed, profile=profile)
        found = read_results(folder)
    pairs = found.pairs
    d = log_ratios(with_result(pairs))  # columns are chunks, rising
    table = judged(pairs, found.blocks, found.runs).sort_values("chunk")
    return table.assign(sd=d.std().to_numpy(np.float64))


def _drawn(seed: int) -> Planted:
    draw = random.Random(f"truth {seed}")
    central = draw.random() < 0.5
    dear, cheap = 10 ** draw.uniform(-5, -4), 10 ** draw.uniform(-0.7, -0.2)
    return Planted(
        work=draw.uniform(0.05, 0.15),
        fixed=10 ** draw.uniform(-4, -2.5),
        serial=dear if central else dear / WORKERS * cheap,
        parallel=dear * WORKERS * cheap if central else dear,
        ceiling=draw.uniform(1.8, 2.0),
        noise=0.03,
        second=1.03,
        drift=recorded_drift(seed),
    )


def _edges(edges: pd.DataFrame, chunk: float) -> Count:
    row = edges[edges["side"] == "small"].iloc[0]
    if row["status"] != "found":
        return {"bracketed": [0.0]}
    width = float(row["chunk_high"] / row["chunk_low"])
    return {
        "bracketed": [1.0],
        "break-even": _inside(row, "chunk", chunk),
        "break-even width": [width],
    }


def _verdicts(swept: pd.DataFrame, chunk: float) -> Count:
    octaves = np.log2(swept["chunk"].to_numpy(np.float64) / chunk)
    far = np.abs(octaves) > 0.5
    wanted = np.where(octaves > 0, Verdict.PAYS, Verdict.OVERHEAD)[far]
    got = swept["verdict"][far].to_numpy(object)
    wrong = [float(g in _SIGNED and g != w) for g, w in zip(got, wanted)]
    return {"right": [float(g == w) for g, w in zip(got, wanted)], "wrong": wrong}


def _overhead(swept: pd.DataFrame, truth: Planted, seed: int) -> Count:
    """In units of T1, of one case of the sweep: ``TP/T1 - 1/S`` has the interval of ``T1/TP``."""
    row = swept.iloc[seed % len(swept)]
    true = truth.seconds(int(row["n_chunks"]), WORKERS) / truth.work - 1 / truth.ceiling
    low, high = (1 / float(row[f"speedup_{end}"]) - 1 / truth.ceiling for end in ("high", "low"))
    return {"overhead": [float(low <= true <= high)]}


def _costs(row: pd.Series[Any], truth: Planted) -> Count:
    unit = truth.work / float(row["baseline_seconds"])
    found: Count = {
        "accepted": [float(bool(row["accepted"]))],
        "c0": _inside(row, "fixed_seconds", truth.fixed / unit),
    }
    for name, column, true in (
        ("s", "serial_us_per_task", truth.serial),
        ("o", "parallel_us_per_task", truth.parallel),
    ):
        seen = not pd.isna(row[column])
        found[f"{name} identified"] = [float(seen)]
        if seen:
            found[name] = _inside(row, column, true * 1e6 / unit)
    return found


def _inside(row: pd.Series[Any], name: str, true: float) -> list[float]:
    """Whether *true* is in the interval; nothing is said where there is none, a bound is one."""
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    if pd.isna(low) and pd.isna(high):
        return []
    over = pd.isna(low) or low <= true
    return [float(over and (pd.isna(high) or true <= high))]


def _false(table: pd.DataFrame) -> list[float]:
    return [float(verdict in _SIGNED) for verdict in table["verdict"]]


def _share(
    rule: int,
    claim: str,
    values: list[float],
    needed: str | None = None,
    *,
    least: float | None = None,
    most: float | None = None,
) -> Line:
    share = float(np.mean(values)) if values else None
    met = None
    if needed is not None:
        met = share is not None and (least or 0.0) <= share <= (1.0 if most is None else most)
    return Line(rule, claim, share, len(values), needed, met)
