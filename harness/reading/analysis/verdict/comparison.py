"""Two machines or runs side by side: the spread between start-ups or runs decides, never rounds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from harness.core.records import RunInfo
from harness.reading.analysis.by_group import Row, by_key, run_info, to_table
from harness.reading.analysis.keys import CASE, CASE_ON_ANY_RUN, GROUP, GROUP_ON_ANY_RUN
from harness.reading.analysis.verdict.costs import ceiling, costs
from harness.reading.analysis.verdict.estimates import Floats, rounds_used
from harness.reading.analysis.verdict.rounds import with_result
from harness.reading.analysis.verdict.scope import MIN_BLOCKS
from harness.reading.analysis.verdict.t_intervals import mean_intervals, welch_interval
from harness.reading.analysis.verdict.verdicts import MARGIN

MIN_RUNS = 3
"""The fewest runs on each side whose spread stands for that between runs."""

METRICS = ("speedup", "seconds", "overhead_us_per_task")
LEVEL = 0.95


@dataclass(frozen=True)
class Side:
    """One of the two machines or runs that are compared.

    Attributes
    ----------
    cases, pairs, blocks : DataFrame
        Obey the schema.
    runs : mapping of str to RunInfo
        Run lines: looks.
    """

    cases: pd.DataFrame
    pairs: pd.DataFrame
    blocks: pd.DataFrame
    runs: Mapping[str, RunInfo]


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
    first, second = _replicates(a), _replicates(b)
    rows = list(_rows(first, second, CASE_ON_ANY_RUN, a, b))
    if rows:
        shared = (
            first[CASE_ON_ANY_RUN]
            .drop_duplicates()
            .merge(second[CASE_ON_ANY_RUN].drop_duplicates(), on=CASE_ON_ANY_RUN)
        )
        rows += _rows(_whole(first, shared), _whole(second, shared), GROUP_ON_ANY_RUN)
    return to_table("comparison", rows)


def _replicates(side: Side) -> pd.DataFrame:
    """Make a row of each case and start-up: logarithms of the medians over its rounds."""
    ok = with_result(side.pairs)
    ok = ok[ok["serial_seconds"].notna()]
    good = side.cases[side.cases["status"].eq("ok").fillna(False)]
    ok = ok.merge(good[CASE], on=CASE)
    rows = []
    for key, lines in by_key(ok, CASE).items():
        run = str(lines["run"].iloc[0])
        used = lines.iloc[: rounds_used(len(lines), run_info(side.runs, run).looks)]
        mine = side.blocks[(side.blocks[GROUP] == list(key)[:-1]).all(axis=1)]
        case = dict(lines.iloc[0][CASE])
        S = ceiling(mine, str(case["executor"]), int(case["workers"]))
        for block, rounds in used.groupby("block"):
            t1 = rounds["serial_seconds"].to_numpy(dtype=np.float64)
            tp = rounds["parallel_seconds"].to_numpy(dtype=np.float64)
            n = rounds["n_tasks"].iloc[0]
            n_tasks = float("nan") if pd.isna(n) else float(n)
            each = costs(t1, tp, S, n_tasks)["overhead_us_per_task"]
            overhead = float(np.median(each)) if each.size else float("nan")
            rows.append(
                {
                    **case,
                    "block": block,
                    "speedup": float(np.median(np.log(t1 / tp))),
                    "seconds": float(np.log(np.median(tp))),
                    "overhead_us_per_task": np.log(overhead) if overhead > 0 else float("nan"),
                }
            )
    return pd.DataFrame(rows, columns=[*CASE, "block", *METRICS])


def _whole(replicates: pd.DataFrame, shared: pd.DataFrame) -> pd.DataFrame:
    """Make a row of each group and start-up: the mean over the *shared* chunks.

    Start-ups that did not measure all of them are left out, since another set of chunks has another
    mean.
    """
    keys = [*GROUP_ON_ANY_RUN, "run", "block"]
    chunks = shared.groupby(GROUP_ON_ANY_RUN)["chunk"].nunique().rename("wanted").reset_index()
    mine = replicates.merge(shared, on=CASE_ON_ANY_RUN).merge(
        chunks[chunks["wanted"] > 1], on=GROUP_ON_ANY_RUN
    )
    complete = mine.groupby(keys)["chunk"].transform("nunique").eq(mine["wanted"])
    means = mine[complete].groupby(keys, sort=False)[list(METRICS)].mean(skipna=False)
    return means.reset_index()


def _rows(
    first: pd.DataFrame,
    second: pd.DataFrame,
    keys: list[str],
    a: Side | None = None,
    b: Side | None = None,
) -> Iterator[Row]:
    others = by_key(second, keys)
    for key, mine in by_key(first, keys).items():
        if key not in others:
            continue
        theirs = others[key]
        verdicts = {
            f"verdict_{name}": None if side is None else _verdict(side.cases, dict(zip(keys, key)))
            for name, side in (("a", a), ("b", b))
        }
        for metric in METRICS:
            yield {
                **dict(zip(keys, key)),
                **verdicts,
                "metric": metric,
                **_compared(mine, theirs, metric),
            }


def _verdict(cases: pd.DataFrame, key: Mapping[str, Any]) -> str | None:
    """The verdicts on a case in words; where its runs differ, each of them once."""
    mine = cases[(cases[list(key)] == list(key.values())).all(axis=1).fillna(False)]
    return " or ".join(dict.fromkeys(mine["verdict"].dropna())) or None


def _compared(first: pd.DataFrame, second: pd.DataFrame, metric: str) -> Row:
    by_run = min(first["run"].nunique(), second["run"].nunique()) >= MIN_RUNS
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


def _values(side: pd.DataFrame, metric: str, by_run: bool) -> Floats:
    """The value of each replicate; NaN where a part of it has none."""
    if not by_run:
        return np.asarray(side[metric], dtype=np.float64)
    return np.asarray(side.groupby("run")[metric].mean(skipna=False), dtype=np.float64)


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
