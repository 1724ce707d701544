"""Two machines or runs side by side: the spread between runs decides, never start-ups or rounds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from harness.core.units import plural
from harness.reading.analysis.by_group import Key, Row, records_by, to_table
from harness.reading.analysis.keys import CASE_ON_ANY_RUN, GROUP_ON_ANY_RUN
from harness.reading.analysis.verdict.estimates import Floats
from harness.reading.analysis.verdict.p_values import few_false
from harness.reading.analysis.verdict.replicates import METRICS, Side, over_chunks, replicates
from harness.reading.analysis.verdict.t_intervals import mean_intervals
from harness.reading.analysis.verdict.two_means import welch
from harness.reading.analysis.verdict.verdicts import MARGIN

MIN_RUNS = 3
"""The fewest runs on each side whose spread stands for that between runs."""

LEVEL = 0.95

DIFFERENT = ("higher", "lower")
"""What ``difference`` says of B where it is not as A; all other words claim no difference."""

NOT_JUDGED = "not judged"


class OverCases(NamedTuple):
    """The ratio ``B/A`` of one metric over all common cases: how many, its median and quartiles."""

    cases: int
    median: float
    low: float
    high: float


def comparison(a: Side, b: Side) -> pd.DataFrame:
    """Compare every case, and every group over the chunks that both have, on side *a* and *b*.

    Two runs differ by more than the noise within them, and the start-ups of one run share its luck:
    so the replicate is the run. A run's value is the mean over its start-ups, as a logarithm. Value
    and interval of a side are those of the t distribution, the ratio ``B/A`` that of Welch's t.

    ``difference`` is ``not judged`` where a side has fewer than :data:`MIN_RUNS` runs: the ratio of
    these runs stands, without an interval, and nothing is claimed beyond them. Else it is ``equal``
    where the 90 % interval of the ratio lies inside +-5 % (TOST); ``higher`` or ``lower`` (B than
    A) where the 95 % interval lies on one side of 1 and the case stands out among all cases as
    well (:func:`~harness.reading.analysis.verdict.p_values.few_false`, over the cases, and over the
    groups, of one metric), so that a long table does not claim differences where there are none;
    else ``undetermined``, with the reason. An overhead that is not positive in every run has no
    ratio.

    Parameters
    ----------
    a, b : Side
        Each of one machine or of some runs.

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
    of_cases = [
        row | {name: words.get(key) for name, words in verdicts.items()}
        for key in mine
        if key in shared
        for row in _rows(dict(zip(CASE_ON_ANY_RUN, key, strict=True)), mine[key], theirs[key])
    ]
    mine, theirs = (_by(over_chunks(rows, shared), GROUP_ON_ANY_RUN) for rows in (first, second))
    of_groups: list[Row] = []
    for key in (key for key in mine if key in theirs):
        group = dict(zip(GROUP_ON_ANY_RUN, key, strict=True))
        of_groups += _rows(group, mine[key], theirs[key])
    return to_table("comparison", [*_among_all(of_cases), *_among_all(of_groups)])


def over_cases(table: pd.DataFrame, metric: str) -> OverCases | None:
    """Sum up the ratios of *metric* over all common cases; ``None`` where no case has one.

    Parameters
    ----------
    table : DataFrame
        Obeys ``schema.COMPARISON``.
    metric : str
        One of :data:`~harness.reading.analysis.verdict.replicates.METRICS`.
    """
    rows = table["metric"].eq(metric) & table["chunk"].notna() & table["ratio"].notna()
    ratios = table.loc[rows.to_numpy(dtype=bool), "ratio"].to_numpy(dtype=np.float64)
    if not ratios.size:
        return None
    low, middle, high = np.exp(np.quantile(np.log(ratios), [0.25, 0.5, 0.75])).tolist()
    return OverCases(ratios.size, middle, low, high)


def side_values(x: Floats, y: Floats) -> Row:
    """Compare two sides by the logarithms of their runs, without regard to other cases.

    Parameters
    ----------
    x, y : ndarray of float, shape (runs,)
        Of side A and B; NaN where a run has no value.

    Returns
    -------
    dict
        Columns of ``schema.COMPARISON``.
    """
    row: Row = {
        "n_a": x.size,
        "n_b": y.size,
        **log_mean("a", x),
        **log_mean("b", y),
        "difference": "undetermined",
    }
    if np.isnan(x).any() or np.isnan(y).any():
        return {**row, "reason": "not defined and positive in every run, so it has no ratio"}
    row["ratio"] = float(np.exp(y.mean() - x.mean()))
    least = min(x.size, y.size)
    if least < MIN_RUNS:
        few = f"{plural(least, 'run')} on one side: nothing is claimed beyond these runs"
        return {**row, "difference": NOT_JUDGED, "reason": f"{few}; measure {MIN_RUNS} on each"}
    between = welch(x, y)
    low, high = between.interval(LEVEL)
    near = between.interval(2 * LEVEL - 1)
    row |= {"ratio_low": float(np.exp(low)), "ratio_high": float(np.exp(high)), "p": between.p}
    if near[0] > -MARGIN and near[1] < MARGIN:
        return {**row, "difference": "equal"}
    if low > 0 or high < 0:
        return {**row, "difference": "higher" if low > 0 else "lower"}
    return {**row, "reason": "the interval over runs includes 1"}


def _among_all(rows: list[Row]) -> list[Row]:
    """Leave a difference to those that stand out among all *rows* of their metric."""
    for metric in METRICS:
        of_metric = [row for row in rows if row["metric"] == metric]
        sure = few_false([row.get("p", np.nan) for row in of_metric], LEVEL)
        for row, stands_out in zip(of_metric, sure, strict=True):
            if row["difference"] in DIFFERENT and not stands_out:
                row["difference"] = "undetermined"
                row["reason"] = "apart by itself; of so many cases some are, by chance alone"
    return rows


def _by(rows: Iterable[Row], names: Sequence[str]) -> dict[Key, list[Row]]:
    parts: dict[Key, list[Row]] = {}
    for row in rows:
        parts.setdefault(tuple(row[name] for name in names), []).append(row)
    return parts


def _rows(key: Row, first: Sequence[Row], second: Sequence[Row]) -> list[Row]:
    return [
        key
        | {"metric": metric}
        | side_values(*(np.array([row[metric] for row in side]) for side in (first, second)))
        for metric in METRICS
    ]


def _verdicts(cases: pd.DataFrame) -> dict[Key, str]:
    """The verdicts on each case in words; where its runs differ, each of them once."""
    judged = records_by(cases[[*CASE_ON_ANY_RUN, "verdict"]], CASE_ON_ANY_RUN)
    return {
        key: words
        for key, rows in judged.items()
        if (words := " or ".join(dict.fromkeys(row["verdict"] for row in rows if row["verdict"])))
    }


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
