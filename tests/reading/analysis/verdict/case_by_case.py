"""The table of cases, one case after the other, by the public functions of one case."""

from __future__ import annotations

from typing import Any

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
from harness.reading.analysis.verdict.ceilings import ceilings
from harness.reading.analysis.verdict.costs import is_serial
from harness.reading.analysis.verdict.estimates import median_interval, rounds_used
from harness.reading.analysis.verdict.moderated import prior_variance
from harness.reading.analysis.verdict.rounds import log_ratio, with_result
from harness.reading.analysis.verdict.scope import scope
from harness.reading.analysis.verdict.verdicts import judge
from tests.reading.analysis.verdict.costs_by_hand import costs_of_case


def cases_one_by_one(pairs, blocks, runs):
    """What ``cases`` gives, from slices of the frames."""
    ok, starts = by_key(with_result(pairs), CASE), by_key(blocks, GROUP)
    rows, all_lines = [], by_key(pairs, CASE)
    skipped = {key for key, lines in all_lines.items() if bad_of(lines)[0] == Status.SKIPPED}
    shown = {key: rounds for key, rounds in ok.items() if key not in skipped}
    for key, lines in all_lines.items():
        rounds, of_group = ok.get(key, pairs.iloc[:0]), starts.get(key[:-1], blocks.iloc[:0])
        jobs = ", ".join(dict.fromkeys(map(str, lines["job"].dropna()))) or None
        info = run_info(runs, key[0])
        beside = beside_of(key, shown, info)
        ceiling = ceiling_of(lines.iloc[:1], blocks, of_group)
        rows.append(row(lines, rounds, of_group, info, beside, ceiling) | {"job": jobs})
    for one, verdict in zip(rows, against_all_cores(rows, shown, runs), strict=True):
        one["verdict_vs_all_cores"] = verdict
    warn(rows, ok, runs)
    return to_table("cases", rows)


def ceiling_of(case, blocks, of_group):
    """The ceiling of one case, by its own and from the start-ups that share what it rests on."""
    of = case.iloc[0]
    if is_serial(of["executor"], of["workers"]):
        return {"ceiling": 1.0, "ceiling_low": 1.0, "ceiling_high": 1.0}
    if not of_group["ceiling"].notna().any():
        return {}
    shared = ["run", "workload", "size", "workers"]
    found = ceilings(case, blocks[(blocks[shared] == of[shared]).all(axis=1)])
    values = {"ceiling": found.point, "ceiling_low": found.low, "ceiling_high": found.high}
    return {name: each[0] for name, each in values.items()} | {"ceiling_unknown": found.unknown[0]}


def set_up(key):
    run, _, _, executor, workers, pin, _ = key
    return run, executor, workers, pin


def used_of(ok, info):
    return ok.iloc[: rounds_used(len(ok), info.looks)]


def beside_of(key, shown, info):
    """The rounds of the other cases of the set-up; what was skipped has no numbers."""
    return [used_of(shown[k], info) for k in shown if k != key and set_up(k) == set_up(key)]


def prior_of(beside, name):
    """By the other cases of the set-up: of the logarithm of a column, or of ``log(T1/TP)``."""
    logs: list[Any] = []
    for rounds in beside:
        paired = rounds["serial_seconds"].notna().all()
        if name in ("d", "serial_seconds") and not paired:
            continue
        d = log_ratio(rounds).to_numpy() if name == "d" else np.log(floats(rounds, name))
        logs.append(d[~np.isnan(d)])
    return prior_variance(logs)


def bad_of(lines):
    """The status and reason of the first line that counts and is not ok; else ok and no reason."""
    lines = counting(lines)
    bad = lines[(lines["status"] != Status.OK).to_numpy(dtype=bool)]
    return (Status.OK.value, None) if bad.empty else tuple(bad[["status", "reason"]].iloc[0])


def counting(lines):
    added = lines["purpose"].eq("separate").fillna(False).to_numpy(dtype=bool)
    return lines[added] if added.any() else lines


def row(lines, ok, blocks, info, beside, ceiling):
    lines = counting(lines)
    first = lines.iloc[0]
    row = {name: first[name] for name in (*PROVENANCE, *CASE)}
    for column in schema.CHUNKING:
        known = lines[column.name].dropna()
        row[column.name] = known.iloc[0] if len(known) else None
    row["status"], row["reason"] = bad_of(lines)
    starved = blocks["oversubscribed"].dropna()
    row["oversubscribed"] = bool(starved.any()) if len(starved) else None
    for name in ("native_threads", "cluster", "nodes"):
        same = len(blocks) and blocks[name].nunique(dropna=False) == 1
        row[name] = blocks[name].iloc[0] if same else None
    if row["status"] == Status.SKIPPED:
        return row
    row["rounds"], row["blocks"] = len(ok), ok["block"].nunique()
    row |= ceiling
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
    out: dict[str, Any] = {
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
    out["interval"] = log_speedup.interval
    out |= costs_of_case(row, out, (t1, tp, n_tasks), log_speedup, info)
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
    unknown = row.get("ceiling_unknown")
    lacking = "are gain and overhead" if out["overhead_seconds"] is None else "is the gain"
    no_costs = f"{unknown}, so neither {lacking}" if unknown else None
    return out | {"warning": (disagreement, late, no_costs)}


def warn(rows, ok, runs):
    """Put the warning of each row together, with that of its group."""
    parts: dict[Any, list[Any]] = {}
    for row in rows:
        key = tuple(row[name] for name in CASE)
        used = used_of(ok[key], run_info(runs, key[0])) if row.get("rounds") else []
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
            disagreement, *others = row["warning"]
            row["warning"] = "; ".join(filter(None, (disagreement, near, *others))) or None


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
        prior = sum(prior_of(beside_of(one, ok, info), "d") for one in (key, other))
        yield judge(difference, info.level, info.looks, prior).value
