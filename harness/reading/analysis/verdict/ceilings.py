"""The hardware ceiling S(P) as an estimate: its interval, when it is not known, what it adds to an
interval that rests on it (rule 3)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from harness.core.median_ranks import median_ranks
from harness.reading.analysis.by_group import group_numbers
from harness.reading.analysis.estimate_columns import floats
from harness.reading.analysis.verdict.costs import is_serial
from harness.reading.analysis.verdict.estimates import Floats, Intervals
from harness.reading.analysis.verdict.t_intervals import mean_intervals

LEVEL = 0.95
MOST_OF_WORKERS = 1.1
"""A ceiling of more than so many times the workers is no speed-up of theirs: the whole did
something that its parts did not."""
MOST_DISAGREEMENT = 1.15
"""Start-ups that differ by more than this factor did not measure one ceiling."""
POOL = ["run", "workload", "size", "workers"]
"""What a ceiling belongs to: it holds no engine."""


@dataclass(frozen=True)
class Ceilings:
    """The ceilings of many cases, all of shape (cases,).

    Attributes
    ----------
    point, low, high : ndarray of float
        ``S(P)`` and its 95 % interval. All are NaN where it is not known; the ends also where there
        is a single value.
    unknown : ndarray of str or None
        Why it is not known, where it was measured.
    """

    point: Floats
    low: Floats
    high: Floats
    unknown: NDArray[np.object_]


def ceilings(cases: pd.DataFrame, blocks: pd.DataFrame) -> Ceilings:
    """The ceiling of the run, workload, size and number of workers of each case.

    All samples of all start-ups are pooled, whatever engine came after them; a start-up without
    samples counts as one, if none of the others has any. It is 1 by definition where tasks run one
    at a time, and absent where no start-up of the case's own group has one, as where its workers
    are on another node.

    Parameters
    ----------
    cases : DataFrame
        A row a case, with the columns of ``keys.GROUP``.
    blocks : DataFrame
        Obeys ``schema.BLOCKS``.
    """
    own = ["executor", "pin", *POOL]
    both = pd.concat([cases[own], blocks[own]] if len(blocks) else [cases[own]], ignore_index=True)
    pool, group = group_numbers(both, POOL), group_numbers(both, own)
    n = len(cases)
    serial = np.array(
        list(map(is_serial, cases["executor"].tolist(), cases["workers"].tolist())), dtype=bool
    )
    told = floats(blocks, "ceiling")
    has = np.isin(group[:n], group[n:][~np.isnan(told)])
    found = np.full((3, n), np.nan)
    unknown = np.full(n, None, dtype=object)
    by_start_up = _start_ups(pool[n:], told, blocks)
    workers = cases["workers"].tolist()
    pooled = np.flatnonzero(has & ~serial)
    pooled = pooled[np.argsort(pool[pooled], kind="stable")]
    for rows in np.split(pooled, np.flatnonzero(np.diff(pool[pooled])) + 1):
        if not rows.size:
            continue
        start_ups = by_start_up[int(pool[rows[0]])]
        point, low, high = _estimate(start_ups)
        why = _why_unknown(point, start_ups, int(workers[rows[0]]))
        unknown[rows] = why
        if why is None:
            found[:, rows] = np.array([[point], [low], [high]])
    found[:, serial] = 1.0
    return Ceilings(found[0], found[1], found[2], unknown)


def _start_ups(pool: NDArray[Any], told: Floats, blocks: pd.DataFrame) -> dict[int, list[Floats]]:
    """The samples of each start-up of each pool."""
    texts = blocks["ceiling_samples"].tolist()
    sampled: dict[int, list[Floats]] = {}
    alone: dict[int, list[Floats]] = {}
    for number, value, text in zip(pool.tolist(), told.tolist(), texts, strict=True):
        samples = [] if pd.isna(text) else json.loads(text)
        if samples:
            sampled.setdefault(number, []).append(np.array(samples, dtype=np.float64))
        elif not np.isnan(value):
            alone.setdefault(number, []).append(np.array([value]))
    return alone | sampled


def _estimate(start_ups: list[Floats]) -> tuple[float, float, float]:
    """The median of all samples with its interval: exact from 6 on, below by t on logarithms."""
    pooled = np.sort(np.concatenate(start_ups))
    point = _middle(pooled)
    ranks = median_ranks(pooled.size, LEVEL)
    if ranks is not None:
        return point, float(pooled[ranks[0]]), float(pooled[ranks[1]])
    if pooled.size < 2:
        return point, np.nan, np.nan
    low, high = mean_intervals(np.log(pooled)[np.newaxis], LEVEL)
    return point, min(point, float(np.exp(low[0]))), max(point, float(np.exp(high[0])))


def _middle(ordered: Floats) -> float:
    """The median of sorted values; of a few, ``np.median`` takes ten times as long."""
    n = ordered.size
    return float((ordered[(n - 1) // 2] + ordered[n // 2]) / 2)


def _why_unknown(point: float, start_ups: list[Floats], workers: int) -> str | None:
    medians = [_middle(np.sort(samples)) for samples in start_ups]
    if max(medians) > MOST_DISAGREEMENT * min(medians):
        return (
            f"the ceiling S({workers}) is not known: start-ups measured from {min(medians):.2f} to "
            f"{max(medians):.2f}"
        )
    if point > MOST_OF_WORKERS * workers:
        return (
            f"the ceiling S({workers}) is not known: {point:.2f} was measured, more than {workers} "
            "workers can give"
        )
    return None


def draws(point: float, low: float, high: float, size: int, rng: np.random.Generator) -> Floats:
    """Draw ceilings as their interval says: log-normal on either side of *point*, each side with
    the spread that puts its end at the 95 % interval's.

    Parameters
    ----------
    point, low, high : float
        The columns ``ceiling``, ``ceiling_low`` and ``ceiling_high`` of a case; without ends all
        draws are *point*.
    size : int
    rng : Generator

    Returns
    -------
    ndarray of float, shape (size,)
    """
    z = rng.standard_normal(size)
    if not (np.isfinite(low) and np.isfinite(high)):
        return np.full(size, float(point))
    quantile = float(special.ndtri((1 + LEVEL) / 2))
    end = np.where(z < 0, np.log(point / low), np.log(high / point))
    return np.asarray(point * np.exp(z * end / quantile), dtype=np.float64)


def widened(ends: Intervals, at_low: Floats, at_high: Floats) -> Intervals:
    """Add the spread of the ceiling to intervals that were made as if it were known exactly.

    The distances of the ends from the point are added in squares (MOVER: Zou and Donner, Stat. Med.
    27:1693, 2008), which keeps the level where rounds and ceiling are independent.

    Parameters
    ----------
    ends : Intervals
        Made with the ceilings' points, shape (cases,).
    at_low, at_high : ndarray of float, shape (cases,)
        The points that they have with the ceilings' ends; NaN where a ceiling has none.
    """
    least = np.fmin(np.fmin(at_low, at_high), ends.point)
    most = np.fmax(np.fmax(at_low, at_high), ends.point)
    low = ends.point - np.hypot(ends.point - ends.low, ends.point - least)
    high = ends.point + np.hypot(ends.high - ends.point, most - ends.point)
    return Intervals(ends.point, low, high)
