"""Draws of the middles of what was timed: what the intervals of forecasts rest on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from harness.reading.analysis.verdict.estimates import (
    LOOKS_LEVEL,
    MIN_ROUNDS,
    Floats,
    expanded_tail,
)
from harness.reading.analysis.verdict.moderated import MIN_MODERATED, moderated, prior_variance


def part_draws(tables: Sequence[Floats], draws: int, rng: np.random.Generator) -> list[Floats]:
    """Draw the middle of each column of several tables of positive numbers.

    Fewer than 6 rounds: the mean of the logarithms, and draws ``mean + s/sqrt(n) t_(n+2)`` with the
    moderated variance of rule 19 (a), each column leaning on all others (rule 21: never by
    resampling). From 6 rounds on: the median, and medians of resampled rounds.

    Parameters
    ----------
    tables : sequence of ndarray of float, each of shape (rounds, columns)
        A table of one row has no spread: its draws are all alike.
    draws : int
    rng : Generator

    Returns
    -------
    list of ndarray of float, each of shape (1 + draws, columns)
        The point first.
    """
    few = [MIN_MODERATED <= len(table) < MIN_ROUNDS for table in tables]
    logs = [_log(table) for table in tables]
    columns = [column for table, is_few in zip(logs, few) if is_few for column in table.T]
    known = [column for column in columns if np.isfinite(column).all()]
    found = []
    for table, log, is_few in zip(tables, logs, few):
        if is_few:
            found.append(_moderated_draws(log, known, draws, rng))
            continue
        rows = rng.integers(0, len(table), (draws, len(table)))
        point = np.median(table, axis=0)[np.newaxis]
        found.append(np.concatenate((point, np.median(table[rows], axis=1))))
    return found


def tail(rounds: int) -> float:
    """The quantile of such draws to take at either end of a 95 % interval.

    Draws of a t have their spread; medians of resampled rounds spread too little: see
    :func:`~harness.reading.analysis.verdict.estimates.expanded_tail`.

    Parameters
    ----------
    rounds : int
        At least 2.
    """
    return (1 - LOOKS_LEVEL) / 2 if rounds < MIN_ROUNDS else expanded_tail(rounds, LOOKS_LEVEL)


def _moderated_draws(
    log: Floats, known: Sequence[Floats], draws: int, rng: np.random.Generator
) -> Floats:
    others = [[each for each in known if not np.array_equal(each, column)] for column in log.T]
    priors = [prior_variance([list(each) for each in some]) for some in others]
    with np.errstate(invalid="ignore"):  # what took no time at all has no logarithm
        mean, error, freedom = moderated(log.T, priors)
    t = rng.standard_t(freedom, (draws, mean.size))
    spread = np.where(np.isfinite(mean), mean + np.where(np.isfinite(error), error, 0.0) * t, mean)
    return np.asarray(np.exp(np.concatenate((mean[np.newaxis], spread))), dtype=np.float64)


def _log(table: Floats) -> Floats:
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(table), dtype=np.float64)
