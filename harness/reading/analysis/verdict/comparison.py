"""Two machines or runs side by side: the spread between start-ups or runs decides, never rounds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from harness.reading.analysis.by_group import Key, Row, records_by, to_table
from harness.reading.analysis.keys import CASE_ON_ANY_RUN, GROUP_ON_ANY_RUN, RUN
from harness.reading.analysis.verdict.estimates import Floats
from harness.reading.analysis.verdict.replicates import METRICS, Side, over_chunks, replicates
from harness.reading.analysis.verdict.scope import MIN_BLOCKS
from harness.reading.analysis.verdict.t_intervals import mean_intervals, welch_interval
from harness.reading.analysis.verdict.verdicts import MARGIN

MIN_RUNS = 3
"""The fewest runs on each side whose spread stands for that between runs."""

LEVEL = 0.95


def comparison(a: Side, b: Side) -> pd.DataFrame:
    """Compare every case, and every group over the chunks that both have, on side *a* and *b*.

    Two runs differ by more than the noise within them, so the replicate here is not the round: it
    is the run, where both sides have at least :data:`MIN_RUNS` of them, and else the start-up, of
    which each side needs at least 5 (rule 12). Of each start-up the median over its rounds is
    taken, of each run the mean over its start-ups, as logarithms. Value and interval of a side are
    those of the t distribution, the ratio ``B/A`` that of Welch's t (Biometrika 34, 1947, 28).

    ``difference`` is ``equal`` where the 90 % interval of the ratio lies inside +-5 % (TOST),
    ``higher`` or ``lower`` (B than A) where the 95 % interval lies on one side of 1, else
    ``undetermined``, with the reason. An overhead that is not positive in every replicate has no
    ratio.

    Parameters
    ----------
    a, b : Side
        Each of one machine or one run.

    Returns
    -------
    DataFrame
        Obeys ``schema.COMPARISON``; three rows a case, and three a group with no chunk. Empty
        where the sides share no case with a result.

    Raises
    ------
    InputError
        Where a run line is missing, its looks are not known, or a pair marked ok has no time.
    """
    first, second = replicates(a), replicates(b)
    verdicts = {name: _verdicts(side.cases) for name, side in (("verdict_a", a), ("verdict_b", b))}
    mine, theirs = (_by(rows, CASE_ON_ANY_RUN) for rows in (first, second))
    shared = {key for key in mine if key in theirs}
    table = [
        row | {name: words.get(key) for name, words in verdicts.items()}
        for key in mine
        if key in shared
        for row in _rows(dict(zip(CASE_ON_ANY_RUN, key, strict=True)), mine[key], theirs[key])
    ]
    mine, theirs = (_by(over_chunks(rows, shared), GROUP_ON_ANY_RUN) for rows in (first, second))
    for key in (key for key in mine if key in theirs):
        group = dict(zip(GROUP_ON_ANY_RUN, key, strict=True))
        table += _rows(group, mine[key], theirs[key])
    return to_table("comparison", table)


def _by(rows: Iterable[Row], names: Sequence[str]) -> dict[Key, list[Row]]:
    parts: dict[Key, list[Row]] = {}
    for row in rows:
        parts.setdefault(tuple(row[name] for name in names), []).append(row)
    return parts


def _rows(key: Row, first: Sequence[Row], second: Sequence[Row]) -> list[Row]:
    return [key | {"metric": metric} | _compared(first, second, metric) for metric in METRICS]


def _verdicts(cases: pd.DataFrame) -> dict[Key, str]:
    """The verdicts on each case in words; where its runs differ, each of them once."""
    judged = records_by(cases[[*CASE_ON_ANY_RUN, "verdict"]], CASE_ON_ANY_RUN)
    return {
        key: words
        for key, rows in judged.items()
        if (words := " or ".join(dict.fromkeys(row["verdict"] for row in rows if row["verdict"])))
    }


def _compared(first: Sequence[Row], second: Sequence[Row], metric: str) -> Row:
    by_run = min(len({row["run"] for row in side}) for side in (first, second)) >= MIN_RUNS
    x, y = (_values(side, metric, by_run) for side in (first, second))
    row: Row = {
        "replicate": "run" if by_run else "start-up",
        "n_a": x.size,
        "n_b": y.size,
        **log_mean("a", x),
        **log_mean("b", y),
        "difference": "undetermined",
    }
    if np.isnan(x).any() or np.isnan(y).any():
        return {**row, "reason": "not defined and positive in every replicate, so it has no ratio"}
    row["ratio"] = float(np.exp(y.mean() - x.mean()))
    least = min(x.size, y.size)
    if not by_run and least < MIN_BLOCKS:
        few = f"{least} start-up{'s' * (least != 1)} on one side: measure at least {MIN_BLOCKS}"
        return {**row, "reason": f"{few} on each, or {MIN_RUNS} runs"}
    low, high = welch_interval(x, y, LEVEL)
    near = welch_interval(x, y, 2 * LEVEL - 1)
    row |= {"ratio_low": float(np.exp(low)), "ratio_high": float(np.exp(high))}
    if near[0] > -MARGIN and near[1] < MARGIN:
        return {**row, "difference": "equal"}
    if low > 0 or high < 0:
        return {**row, "difference": "higher" if low > 0 else "lower"}
    return {**row, "reason": f"the interval over {row['replicate']}s includes 1"}


def _values(rows: Sequence[Row], metric: str, by_run: bool) -> Floats:
    """The value of each replicate; NaN where a part of it has none."""
    if not by_run:
        return np.array([row[metric] for row in rows])
    return np.array([np.mean([row[metric] for row in run]) for run in _by(rows, RUN).values()])


def log_mean(name: str, values: Floats) -> dict[str, float | None]:
    """``exp`` of the mean of logarithms; of two or more also its 95 % t interval and their spread.

    Parameters
    ----------
    name : str
        Begins the names of the columns.
    values : ndarray of float, shape (replicates,)
        Logarithms.

    Returns
    -------
    dict
        Columns ``<name>``, ``<name>_low``, ``<name>_high`` and ``spread_<name>``; empty where a
        value is NaN.
    """
    if np.isnan(values).any():
        return {}
    middle, n = float(values.mean()), values.size
    estimate: dict[str, float | None] = {name: float(np.exp(middle))}
    if n > 1:
        spread = float(values.std(ddof=1))
        low, high = (float(np.exp(end[0])) for end in mean_intervals(values[np.newaxis], LEVEL))
        estimate |= {f"spread_{name}": spread, f"{name}_low": low, f"{name}_high": high}
    return estimate
