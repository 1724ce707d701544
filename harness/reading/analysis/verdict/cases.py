"""Make one row a case: status, estimates with intervals, scope and verdict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from harness.core import schema
from harness.core.records import Estimate, RunInfo, Status
from harness.reading.analysis.by_group import Key, Row, by_key, rows_by_group
from harness.reading.analysis.estimate_columns import ENDS, estimate_columns, floats
from harness.reading.analysis.keys import CASE, GROUP, PROVENANCE
from harness.reading.analysis.verdict.all_cores import against_all_cores
from harness.reading.analysis.verdict.costs import ceiling, costs
from harness.reading.analysis.verdict.estimates import (
    Floats,
    lag1_autocorrelation,
    median_interval,
    rounds_used,
)
from harness.reading.analysis.verdict.rounds import with_result, without_refusals
from harness.reading.analysis.verdict.scope import autocorrelation_warning, scope
from harness.reading.analysis.verdict.verdicts import judge

FLAG = 0.1
"""A round is flagged where the calibration kernel moved by more than this (rule 16)."""


def cases(pairs: pd.DataFrame, blocks: pd.DataFrame, runs: Mapping[str, RunInfo]) -> pd.DataFrame:
    """Condense the rounds of every case of every run; runs are never pooled.

    The replicate is the round (rule 19). Point estimates are medians over the rounds used: all of
    a fixed number, or those up to the latest planned look (rule 18); intervals are exact. A case
    with any line that is not ``ok`` carries the status and reason of the first such line and no
    verdict; estimates of the rounds that it finished are kept, except for ``skipped``.

    Parameters
    ----------
    pairs : DataFrame
        Obeys ``schema.PAIRS``.
    blocks : DataFrame
        Obeys ``schema.BLOCKS``.
    runs : mapping of str to RunInfo
        The run line of every run in *pairs*.

    Returns
    -------
    DataFrame
        Obeys ``schema.CASES``; one row per run and case, in order of first appearance.

    Raises
    ------
    InputError
        Where a run line is missing, its looks are not known, or a pair marked ok has no time.
    """
    ok, starts = by_key(with_result(pairs), CASE), by_key(blocks, GROUP)

    def rows_of(key: Key, lines: pd.DataFrame, info: RunInfo) -> list[Row]:
        of_set_up = starts.get(key[:-1], blocks.iloc[:0])
        row = _row(without_refusals(lines), ok.get(key, pairs.iloc[:0]), of_set_up, info)
        return [row | {"job": ", ".join(dict.fromkeys(map(str, lines["job"].dropna()))) or None}]

    table = rows_by_group("cases", CASE, runs, rows_of, pairs)
    against = pd.Series(against_all_cores(table, ok, runs), dtype="string")
    return table.assign(verdict_vs_all_cores=against)


def estimate(row: Mapping[Any, Any] | pd.Series[Any], name: str, info: RunInfo) -> Estimate:
    """Read the estimate *name* from one row of the ``cases`` table.

    Parameters
    ----------
    row : mapping
        A row of ``schema.CASES``.
    name : str
        An estimate's column, e.g. ``speedup``.
    info : RunInfo
        The run line of the row's run: it knows the level and the looks, and so how many of the
        rounds were used. ``replay_seconds`` may rest on fewer, where not every round has one.
    """
    point, low, high = (_number(row[name + end]) for end in ENDS)
    n = 0 if point is None or pd.isna(row["rounds"]) else int(row["rounds"])
    return Estimate(point=point, low=low, high=high, level=info.level, n=rounds_used(n, info.looks))


def _row(lines: pd.DataFrame, ok: pd.DataFrame, blocks: pd.DataFrame, info: RunInfo) -> Row:
    first = lines.iloc[0]
    row: Row = {name: first[name] for name in (*PROVENANCE, *CASE)}
    for column in schema.CHUNKING:
        known = lines[column.name].dropna()
        row[column.name] = known.iloc[0] if len(known) else None
    bad = lines[(lines["status"] != Status.OK).to_numpy(dtype=bool)]
    row["status"] = Status.OK.value if bad.empty else bad["status"].iloc[0]
    row["reason"] = None if bad.empty else bad["reason"].iloc[0]
    starved = blocks["oversubscribed"].dropna()
    row["oversubscribed"] = bool(starved.any()) if len(starved) else None
    for name in ("native_threads", "cluster", "nodes"):
        row[name] = _same(blocks[name])
    if row["status"] == Status.SKIPPED:
        return row
    row["rounds"], row["blocks"] = len(ok), ok["block"].nunique()
    S = ceiling(blocks, str(row["executor"]), int(row["workers"]))
    row["ceiling"] = S
    for name in ("startup_seconds", "first_call_seconds"):
        row[name] = _median(floats(blocks, name))
    if len(ok):
        row |= _numbers(row, ok, S, info)
    return row


def _numbers(row: Row, ok: pd.DataFrame, S: float, info: RunInfo) -> Row:
    level, looks = info.level, info.looks
    used = ok.iloc[: rounds_used(len(ok), looks)]
    tp, t1 = floats(used, "parallel_seconds"), floats(used, "serial_seconds")
    paired = not np.isnan(t1).any()
    peak = ok["peak_rss_bytes"].dropna()
    n_tasks = _number(row["n_tasks"]) or float("nan")
    flag = np.abs(floats(used, "calibration_ratio") - 1) > FLAG  # unknown is not flagged
    out: Row = {
        "paired": paired,
        "flagged": int(flag.sum()),
        "peak_rss_bytes": int(peak.max()) if len(peak) else None,
        "granularity_seconds": np.median(tp) * row["workers"] / n_tasks if n_tasks > 0 else None,
    }
    replay = floats(used, "replay_seconds")
    values = {"seconds": tp, "replay_seconds": replay[~np.isnan(replay)]}
    if paired:
        values |= {"baseline_seconds": t1, **costs(t1, tp, S, n_tasks)}
    for name, each in values.items():
        out |= estimate_columns(name, median_interval(each, level, looks))
    if not paired:
        return out
    d = np.log(t1 / tp)
    log_speedup = median_interval(d, level, looks)
    rho = lag1_autocorrelation(d)
    out |= estimate_columns("speedup", log_speedup, np.exp)
    out |= estimate_columns("efficiency", log_speedup, lambda x: np.exp(x) / row["workers"])
    out["speedup_ratio_of_medians"] = np.median(t1) / np.median(tp)
    out["speedup_unflagged"] = np.exp(_median(d[~flag]))
    out["autocorrelation"] = rho
    if row["status"] != Status.OK:
        return out
    verdict = judge(d, level, looks)
    out["verdict"] = verdict.value
    out["scope"], disagreement = scope(d, floats(used, "block"), verdict, level)
    unused = len(ok) - len(used)
    late = f"{unused} rounds after the last look reached are not used" if unused else None
    warnings = filter(None, (disagreement, autocorrelation_warning(rho), late))
    out["warning"] = "; ".join(warnings) or None
    return out


def _same(values: pd.Series[Any]) -> Any:
    """The value that all start-ups have; ``None`` where they differ."""
    return values.iloc[0] if len(values) and values.nunique(dropna=False) == 1 else None


def _median(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(np.median(known)) if known.size else float("nan")


def _number(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)
