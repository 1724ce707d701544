"""Speed-up, efficiency and scaling laws over the number of workers: rule 25."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import optimize

from harness.core.records import RunInfo
from harness.reading.analysis.by_group import Key, Row, by_key, rows_by_group
from harness.reading.analysis.crossover.crossing import draw_rounds
from harness.reading.analysis.crossover.grid import measured, with_work
from harness.reading.analysis.estimate_columns import ENDS
from harness.reading.analysis.keys import CASE, PROVENANCE, WORKER_SERIES
from harness.reading.analysis.verdict.estimates import Floats, rounds_used
from harness.reading.analysis.verdict.rounds import log_ratio, with_result

LEAST_COUNTS = 4
"""Numbers of workers that the Universal Scalability Law needs (rule 25)."""

DRAWS = 500
LAW = ("contention", "coherency", "peak_workers")


def scaling(
    cases: pd.DataFrame, pairs: pd.DataFrame, runs: Mapping[str, RunInfo], seed: int = 0
) -> pd.DataFrame:
    """Fit how the speed-up of each case goes with the number of workers.

    ``serial_fraction`` is Karp and Flatt's, from each number of workers ``P > 1`` alone:
    ``e = (1/speedup - 1/P) / (1 - 1/P)`` (Comm. ACM 33(5), 1990, 539). It falls as the speed-up
    rises, so its interval is that of the speed-up through the formula. Where it grows with ``P``
    the loss is overhead, not serial work.

    From four numbers of workers on, the Universal Scalability Law
    ``X(P) = x*P / (1 + sigma*(P - 1) + kappa*P*(P - 1))`` (Gunther, Guerrilla Capacity Planning,
    2007, chapter 4) is fitted to the median of ``T1/TP`` at each, by least squares of the relative
    residuals; ``sigma`` is contention, ``kappa`` coherency, and the peak
    ``sqrt((1 - sigma)/kappa)``. Intervals are the 2.5 % and 97.5 % quantiles of a bootstrap over
    rounds. There is no peak where a fit has none (``kappa <= 0`` or ``sigma >= 1``), and its upper
    end is absent where more than 2.5 % of the resampled fits have none. A peak beyond the workers
    tried is a forecast of the law: the reason says so.

    Parameters
    ----------
    cases : DataFrame
        Obeys ``schema.CASES``.
    pairs : DataFrame
        Obeys ``schema.PAIRS``; the rounds behind *cases*.
    runs : mapping of str to RunInfo
        Run lines: level and looks.
    seed : int
        Seed of the bootstrap.

    Returns
    -------
    DataFrame
        Obeys ``schema.SCALING``: one row for each case that was measured with at least two
        numbers of workers; the law stands in each row of its curve.

    Raises
    ------
    InputError
        Where a run line is missing, its looks are not known, or a pair marked ok has no time.
    """
    ok = by_key(with_result(pairs), CASE)

    def rows_of(_: Key, series: pd.DataFrame, info: RunInfo) -> list[Row]:
        if series["workers"].nunique() < 2:
            return []
        rising = series.sort_values("workers")
        law = _law(rising, ok, info, seed)
        return [_row(case) | law for _, case in rising.iterrows()]

    return rows_by_group("scaling", WORKER_SERIES, runs, rows_of, with_work(measured(cases)))


def serial_fraction(speedup: float, workers: int) -> float:
    """Karp and Flatt's experimentally determined serial fraction (Comm. ACM 33(5), 1990, 539).

    Parameters
    ----------
    speedup : float
        ``T1/TP``.
    workers : int
        ``P``, above 1.
    """
    return (1 / speedup - 1 / workers) / (1 - 1 / workers)


def universal(workers: Floats, law: Floats) -> Floats:
    """``X(P)`` of the Universal Scalability Law (Gunther 2007): the speed-up that it predicts.

    Parameters
    ----------
    workers : ndarray of float, shape (counts,)
        ``P``.
    law : ndarray of float, shape (3,)
        ``x``, ``sigma`` and ``kappa``.

    Returns
    -------
    ndarray of float, shape (counts,)
    """
    x, sigma, kappa = law
    loss = 1 + sigma * (workers - 1) + kappa * workers * (workers - 1)
    return np.asarray(x * workers / loss, dtype=np.float64)


def fit_universal(workers: Floats, speedup: Floats) -> Floats:
    """``x, sigma, kappa`` by least squares of the relative residuals of ``P/X``.

    ``P/X = (1 + sigma*(P - 1) + kappa*P*(P - 1))/x`` is linear in ``1/x``, ``sigma/x`` and
    ``kappa/x``, so that there is one minimum and no start to choose.

    Parameters
    ----------
    workers, speedup : ndarray of float, shape (counts,)
        At least three different numbers of workers, and ``T1/TP`` with each.

    Returns
    -------
    ndarray of float, shape (3,)
    """
    right = workers / speedup
    columns = np.stack((np.ones_like(workers), workers - 1, workers * (workers - 1)), axis=1)
    inverse = optimize.lsq_linear(columns / right[:, None], np.ones_like(right)).x
    return np.array([1 / inverse[0], inverse[1] / inverse[0], inverse[2] / inverse[0]])


def _row(case: pd.Series[Any]) -> Row:
    row: Row = {name: case[name] for name in (*PROVENANCE, *CASE)}
    for name in ("speedup", "efficiency"):
        row |= {f"{name}{end}": case[f"{name}{end}"] for end in ENDS}
    workers = int(case["workers"])
    if workers > 1:  # the fraction falls as the speed-up rises: the ends change places
        for end, of in (("", ""), ("_low", "_high"), ("_high", "_low")):
            speedup = case[f"speedup{of}"]
            known = None if pd.isna(speedup) else serial_fraction(float(speedup), workers)
            row[f"serial_fraction{end}"] = known
    return row


def _law(series: pd.DataFrame, ok: Mapping[Key, pd.DataFrame], info: RunInfo, seed: int) -> Row:
    P = series["workers"].to_numpy(np.float64)
    if P.size < LEAST_COUNTS:
        return {"reason": f"{P.size} numbers of workers; the law needs {LEAST_COUNTS}"}
    logs = pd.concat(
        [
            _log_ratio_used(ok[tuple(case[name] for name in CASE)], info)
            for _, case in series.iterrows()
        ],
        axis=1,
    ).to_numpy(np.float64)
    has = ~np.isnan(logs)
    rows = draw_rounds(has, DRAWS, np.random.default_rng(seed))
    X = np.empty((DRAWS, P.size))
    for i in range(P.size):
        X[:, i] = np.exp(np.median(logs[rows[:, has[:, i]], i], axis=1))
    measured_law = _named(fit_universal(P, np.exp(np.nanmedian(logs, axis=0))))
    drawn = np.array([_named(fit_universal(P, each)) for each in X])
    law: Row = {}
    for i, name in enumerate(LAW):
        if not np.isfinite(measured_law[i]):
            continue
        # No peak is one at infinitely many workers.
        ends = np.quantile(drawn[:, i], (0.025, 0.975), method="nearest")
        low, high = min(ends[0], measured_law[i]), max(ends[1], measured_law[i])
        law |= {name: measured_law[i], f"{name}_low": low}
        law[f"{name}_high"] = high if np.isfinite(high) else None
    if not np.isfinite(measured_law[2]):
        law["reason"] = "the law has no peak"
    elif measured_law[2] > P.max():
        law["reason"] = f"the peak is a forecast: {P.max():.0f} workers were tried at most"
    return law


def _log_ratio_used(rows: pd.DataFrame, info: RunInfo) -> pd.Series[float]:
    return log_ratio(rows.iloc[: rounds_used(len(rows), info.looks)])


def _named(law: Floats) -> Floats:
    _, sigma, kappa = law
    peak = np.sqrt((1 - sigma) / kappa) if kappa > 0 and sigma < 1 else np.inf
    return np.array([sigma, kappa, peak])
