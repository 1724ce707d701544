"""The table of cases, one case after the other, by the public functions of one case."""

from __future__ import annotations

import numpy as np
import pandas as pd

from harness.core import schema
from harness.core.records import Status
from harness.reading.analysis.by_group import Key, by_key, run_info, to_table
from harness.reading.analysis.estimate_columns import estimate_columns, floats
from harness.reading.analysis.keys import CASE, GROUP, PROVENANCE
from harness.reading.analysis.verdict.autocorrelation import (
    autocorrelation_warning,
    groups_that_hang_together,
    lag1_autocorrelation,
)
from harness.reading.analysis.verdict.case_estimates import FLAG
from harness.reading.analysis.verdict.costs import ceiling, costs
from harness.reading.analysis.verdict.estimates import median_interval, rounds_used
from harness.reading.analysis.verdict.moderated import prior_variance
from harness.reading.analysis.verdict.rounds import log_ratio, with_result
from harness.reading.analysis.verdict.scope import scope
from harness.reading.analysis.verdict.verdicts import judge


def cases_one_by_one(pairs, blocks, runs):
    """What ``cases`` gives, from slices of the frames."""
    ok, starts = by_key(with_result(pairs), CASE), by_key(blocks, GROUP)
    rows = []
    for key, lines in by_key(pairs, CASE).items():
        rounds, of_group = ok.get(key, pairs.iloc[:0]), starts.get(key[:-1], blocks.iloc[:0])
        jobs = ", ".join(dict.fromkeys(map(str, lines["job"].dropna()))) or None
        info = run_info(runs, key[0])
        beside = [used_of(ok[k], info) for k in ok if k != key and set_up(k) == set_up(key)]
        rows.append(row(lines, rounds, of_group, info, beside) | {"job": jobs})
    for one, verdict in zip(rows, against_all_cores(rows, ok, runs), strict=True):
        one["verdict_vs_all_cores"] = verdict
    warn(rows, ok, runs)
    return to_table("cases", rows)


def set_up(key):
    run, _, _, executor, workers, pin, _ = key
    return run, executor, workers, pin


def used_of(ok, info):
    return ok.iloc[: rounds_used(len(ok), info.looks)]


def prior_of(beside, name):
    """By the other cases of the set-up: of the logarithm of a column, or of ``log(T1/TP)``."""
    logs = []
    for rounds in beside:
        paired = rounds["serial_seconds"].notna().all()
        if name in ("d", "serial_seconds") and not paired:
            continue
        d = log_ratio(rounds).to_numpy() if name == "d" else np.log(floats(rounds, name))
        logs.append(d[~np.isnan(d)])
    return prior_variance(logs)


def row(lines, ok, blocks, info, beside):
    added = lines["purpose"].eq("separate").fillna(False).to_numpy(dtype=bool)
    lines = lines[added] if added.any() else lines
    first = lines.iloc[0]
    row = {name: first[name] for name in (*PROVENANCE, *CASE)}
    for column in schema.CHUNKING:
        known = lines[column.name].dropna()
        row[column.name] = known.iloc[0] if len(known) else None
    bad = lines[(lines["status"] != Status.OK).to_numpy(dtype=bool)]
    row["status"] = Status.OK.value if bad.empty else bad["status"].iloc[0]
    row["reason"] = None if bad.empty else bad["reason"].iloc[0]
    starved = blocks["oversubscribed"].dropna()
    row["oversubscribed"] = bool(starved.any()) if len(starved) else None
    for name in ("native_threads", "cluster", "nodes"):
        same = len(blocks) and blocks[name].nunique(dropna=False) == 1
        row[name] = blocks[name].iloc[0] if same else None
    if row["status"] == Status.SKIPPED:
        return row
    row["rounds"], row["blocks"] = len(ok), ok["block"].nunique()
    row["ceiling"] = ceiling(blocks, str(row["executor"]), int(row["workers"]))
    for name in ("startup_seconds", "first_call_seconds"):
        row[name] = blocks[name].median()
    return row | numbers(row, ok, info, beside) if len(ok) else row


def numbers(row, ok, info, beside):
    level, looks = info.level, info.looks
    used = used_of(ok, info)
    tp, t1 = floats(used, "parallel_seconds"), floats(used, "serial_seconds")
    paired = not np.isnan(t1).any()
    peak = ok["peak_rss_bytes"].dropna()
    n_tasks = np.nan if pd.isna(row["n_tasks"]) else float(row["n_tasks"])
    flag = np.abs(floats(used, "calibration_ratio") - 1) > FLAG
    out = {
        "paired": paired,
        "flagged": int(flag.sum()),
        "peak_rss_bytes": int(peak.max()) if len(peak) else None,
    }
    replay = floats(used, "replay_seconds")
    values = {"seconds": tp, "replay_seconds": replay[~np.isnan(replay)]}
    if paired:
        values |= {"baseline_seconds": t1}
    columns = {"seconds": "parallel_seconds", "baseline_seconds": "serial_seconds"}
    for name, each in values.items():
        prior = prior_of(beside, columns.get(name, name))
        logs = median_interval(np.log(each), level, looks, prior)
        few = logs.interval == "moderated t"
        one = logs if few else median_interval(each, level, looks)
        out |= estimate_columns(name, one, np.exp if few else float)
    out["granularity_seconds"] = out["seconds"] * row["workers"] / n_tasks if n_tasks > 0 else None
    if not paired:
        return out
    d, prior = np.log(t1 / tp), prior_of(beside, "d")
    log_speedup = median_interval(d, level, looks, prior)
    out["interval"], S = log_speedup.interval, row["ceiling"]
    for name, each in costs(t1, tp, S, n_tasks).items():
        out |= estimate_columns(name, median_interval(each, level, looks))
    if log_speedup.interval == "moderated t" and S > 0:
        out |= few_costs(out, log_speedup, S, n_tasks)
    rho = lag1_autocorrelation(d)
    out |= estimate_columns("speedup", log_speedup, np.exp)
    out |= estimate_columns("efficiency", log_speedup, lambda x: np.exp(x) / row["workers"])
    out["speedup_ratio_of_medians"] = np.median(t1) / np.median(tp)
    out["speedup_unflagged"] = None if flag.all() else np.exp(np.median(d[~flag]))
    out["autocorrelation"] = rho
    if row["status"] != Status.OK:
        return out
    verdict = judge(d, level, looks, prior)
    out["verdict"] = verdict.value
    out["scope"], disagreement = scope(d, floats(used, "block"), verdict, level)
    unused = len(ok) - len(used)
    late = f"{unused} rounds after the last look reached are not used" if unused else None
    return out | {"warning": (disagreement, late)}


def warn(rows, ok, runs):
    """Put the warning of each row together, with that of its group."""
    parts = {}
    for row in rows:
        key = tuple(row[name] for name in CASE)
        used = (
            ok[key].iloc[: rounds_used(len(ok[key]), run_info(runs, key[0]).looks)]
            if (row.get("rounds"))
            else []
        )
        if len(used) and row["paired"]:
            parts.setdefault(key[:-1], []).append(used)
    pooled = {}
    for group, used in parts.items():
        d = np.concatenate([log_ratio(each) for each in used])
        rounds = np.concatenate([floats(each, "round") for each in used])
        case = np.repeat(np.arange(len(used)), list(map(len, used)))
        pooled[group] = groups_that_hang_together(d, rounds, case, np.zeros(len(used), int)).get(0)
    for row in rows:
        if "warning" in row:
            rho = pooled[tuple(row[name] for name in GROUP)]
            near = None if rho is None else autocorrelation_warning(rho)
            disagreement, late = row["warning"]
            row["warning"] = "; ".join(filter(None, (disagreement, near, late))) or None


def few_costs(out, d, S, n_tasks):
    """Gain and overhead out of the intervals of T1 and d, written out."""
    t1, low, high = (out[f"baseline_seconds{end}"] for end in ("", "_low", "_high"))
    share, over = 1 - 1 / S, np.exp(-np.array([d.point, d.high, d.low])) - 1 / S
    point = t1 * over[0]
    moved = [low * over[0] - point, high * over[0] - point]
    down = np.hypot(min(moved), t1 * (over[0] - over[1]))
    up = np.hypot(max(moved), t1 * (over[2] - over[0]))
    overhead = np.array([point, point - down, point + up])
    found = {
        "gain_seconds": [t1 * share, *sorted((low * share, high * share))],
        "overhead_seconds": overhead,
        "overhead_over_gain": over / share if S > 1 else [None] * 3,
        "overhead_us_per_task": overhead / n_tasks * 1e6 if n_tasks > 0 else [None] * 3,
    }
    ends = ("", "_low", "_high")
    return {f"{k}{end}": x for k, v in found.items() for end, x in zip(ends, v, strict=True)}


def against_all_cores(rows, ok, runs):
    keys = [tuple(row[name] for name in CASE) for row in rows]
    usable = [bool(row["status"] == Status.OK and row.get("paired")) for row in rows]
    reference: dict[Key, Key] = {}
    for key, good in zip(keys, usable, strict=True):
        if good and key[3] == "numpy-threads":
            held = reference.get(key[:3])
            if held is None or key[4] > held[4]:
                reference[key[:3]] = key
    for key, good in zip(keys, usable, strict=True):
        other = reference.get(key[:3])
        if not good or other is None or other == key:
            yield None
            continue
        info = run_info(runs, key[0])
        difference = (log_ratio(ok[key]) - log_ratio(ok[other])).dropna().to_numpy()
        prior = sum(
            prior_of(
                [used_of(ok[k], info) for k in ok if k != one and set_up(k) == set_up(one)], "d"
            )
            for one in (key, other)
        )
        yield judge(difference, info.level, info.looks, prior).value
