"""Speed-up, efficiency and scaling laws over the number of workers: rule 25."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from harness.core.records import RunInfo
from harness.reading.analysis.by_group import Row, records_by, run_info, to_table
from harness.reading.analysis.crossover.crossing import draw_rounds
from harness.reading.analysis.crossover.grid import measured, with_work
from harness.reading.analysis.estimate_columns import ENDS
from harness.reading.analysis.keys import CASE, PROVENANCE, WORKER_SERIES
from harness.reading.analysis.verdict.estimates import Floats, rounds_used
from harness.reading.analysis.verdict.grouped_rounds import GroupedRounds, ok_rounds
from harness.reading.analysis.verdict.ragged import row_medians

LEAST_COUNTS = 4
"""Numbers of workers that the Universal Scalability Law needs (rule 25)."""

DRAWS = 500
COLUMNS = [
    *dict.fromkeys((*PROVENANCE, *CASE)),
    *(f"{name}{end}" for name in ("speedup", "efficiency") for end in ENDS),
]
"""What a row takes from ``schema.CASES``."""

LAW = ("contention", "coherency", "peak_workers")


def scaling(
    cases: pd.DataFrame,
    pairs: pd.DataFrame,
    runs: Mapping[str, RunInfo],
    seed: int = 0,
    rounds: GroupedRounds | None = None,
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
    rounds : GroupedRounds, optional
        The rounds of *pairs* with a result, where they are grouped already.

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
    ok = rounds or ok_rounds(pairs)
    rows: list[Row] = []
    for key, series in records_by(
        with_work(measured(cases[[*COLUMNS, "status", "paired"]])), WORKER_SERIES
    ).items():
        info = run_info(runs, key[0])
        if len({case["workers"] for case in series}) > 1:
            rising = sorted(series, key=lambda case: int(case["workers"]))
            law = _law(rising, ok, info, seed)
            rows += [_row(case) | law for case in rising]
    return to_table("scaling", rows)


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
    workers : ndarray of float, shape (counts,)
        At least three different numbers of workers.
    speedup : ndarray of float, shape (..., counts)
        ``T1/TP`` with each; each of the leading places is one fit.

    Returns
    -------
    ndarray of float, shape (..., 3)
    """
    columns = np.stack((np.ones_like(workers), workers - 1, workers * (workers - 1)), axis=-1)
    over = columns * (speedup / workers)[..., None]
    inverse = np.linalg.pinv(over).sum(axis=-1)  # what is fitted is 1 with each
    first = inverse[..., :1]
    return np.concatenate((1 / first, inverse[..., 1:] / first), axis=-1, dtype=np.float64)


def _row(case: Row) -> Row:
    row: Row = {name: case[name] for name in COLUMNS}
    workers = int(case["workers"])
    if workers > 1:  # the fraction falls as the speed-up rises: the ends change places
        for end, of in (("", ""), ("_low", "_high"), ("_high", "_low")):
            speedup = case[f"speedup{of}"]
            known = None if speedup is None else serial_fraction(speedup, workers)
            row[f"serial_fraction{end}"] = known
    return row


def _law(series: Sequence[Row], ok: GroupedRounds, info: RunInfo, seed: int) -> Row:
    P = np.array([case["workers"] for case in series], dtype=np.float64)
    if P.size < LEAST_COUNTS:
        return {"reason": f"{P.size} numbers of workers; the law needs {LEAST_COUNTS}"}
    logs = _log_ratios(series, ok, info)
    has = ~np.isnan(logs)
    rows = draw_rounds(has, DRAWS, np.random.default_rng(seed))
    X = np.empty((DRAWS, P.size))
    for i in range(P.size):
        X[:, i] = np.exp(row_medians(logs[rows[:, has[:, i]], i]))
    measured_law = _named(fit_universal(P, np.exp(row_medians(logs.T))))
    drawn = _named(fit_universal(P, X))
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


def _log_ratios(series: Sequence[Row], ok: GroupedRounds, info: RunInfo) -> Floats:
    """``log(T1/TP)`` of each round and number of workers, NaN where there is none; rounds in the
    order in which the curve has them first."""
    cases = [ok.of_case(tuple(case[name] for name in CASE)) for case in series]
    used = [rounds[: rounds_used(len(rounds), info.looks)] for rounds in cases]
    row, rounds = pd.factorize(np.concatenate([each.round for each in used]))
    column = np.repeat(np.arange(len(used)), [len(each) for each in used])
    logs = np.full((len(rounds), len(used)), np.nan)
    logs[row, column] = np.concatenate([each.log_ratio for each in used])
    return logs


def _named(law: Floats) -> Floats:
    """Contention, coherency and peak of each *law*, shape (..., 3); no peak is an infinite one."""
    sigma, kappa = law[..., 1], law[..., 2]
    with np.errstate(divide="ignore", invalid="ignore"):
        peak = np.sqrt((1 - sigma) / kappa)
    return np.stack((sigma, kappa, np.where((kappa > 0) & (sigma < 1), peak, np.inf)), axis=-1)
