"""The table ``history``: every figure run after run, and where it changed its level."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from harness.core import schema
from harness.core.records import RunInfo, Status
from harness.reading.analysis.estimate_columns import ENDS
from harness.reading.analysis.keys import GROUP_ON_ANY_RUN, SERIES_OF_RUNS
from harness.reading.analysis.series.steps import LEAST, LEVEL, may_start, steps
from harness.reading.analysis.verdict.autocorrelation import (
    AUTOCORRELATION_LIMIT,
    lag1_autocorrelation,
)
from harness.reading.analysis.verdict.comparison import log_mean
from harness.reading.analysis.verdict.estimates import Floats
from harness.reading.analysis.verdict.verdicts import MARGIN

CASE_FIGURES = ("speedup", "seconds", "overhead_us_per_task")
GROUP_FIGURES = ("break_even", "metg")
FIGURES = (*CASE_FIGURES, *GROUP_FIGURES)
_WORDS = ("change", "earliest_run", "latest_run", "linked_versions", "versions_changed", "reason")


class _Stretch(NamedTuple):
    """A stretch of runs without a change of level.

    Attributes
    ----------
    runs : slice
        Places of its runs in the series.
    level : tuple of float
        Point, low and high.
    ratio : tuple of float or None
        Its level over that of the stretch before; ``None`` for the first.
    starts : tuple of int
        First and last place where it may start, counted from where it does.
    """

    runs: slice
    level: tuple[float, float, float]
    ratio: tuple[float, float, float] | None
    starts: tuple[int, int] = (0, 0)


def history(
    cases: pd.DataFrame,
    break_even: pd.DataFrame,
    metg: pd.DataFrame,
    runs: Mapping[str, RunInfo],
    figures: Sequence[str] = FIGURES,
) -> pd.DataFrame:
    """Follow every figure over the runs of one machine, suite and profile.

    Two runs differ by more than the noise within them, so a change of level is judged by the
    spread between runs alone
    (:mod:`harness.reading.analysis.series.steps`), on logarithms; the intervals of the
    values are those within a run and are shown, never used. A step whose 90 % interval lies inside
    of +-5 % is none (rule 20). Noise blurs where a step is: ``earliest_run`` and ``latest_run`` are
    where it may be, and ``linked_versions`` all that changed there. ``level`` and
    ``ratio`` have the t intervals of runs as replicates. Values that are not positive have no
    logarithm and are in no stretch.

    Parameters
    ----------
    cases, break_even, metg : DataFrame
        Obey the schema of these tables. Of ``break_even`` the side ``small`` is taken where it was
        found, of ``metg`` the target 50 % where it is not censored.
    runs : mapping of str to RunInfo
        The run line of every run.
    figures : sequence of str
        Which of :data:`FIGURES` to follow.

    Returns
    -------
    DataFrame
        Obeys ``schema.HISTORY``: one row a series and run, in order of time.
    """
    long = _long(cases, break_even, metg, figures)
    began = {run: _began(run, info) for run, info in runs.items()}
    long["t"] = long["run"].map(began).astype("string")
    long["code"] = long.groupby(SERIES_OF_RUNS, sort=False, dropna=False).ngroup()
    long = long.sort_values(["code", "t", "run"], kind="stable", ignore_index=True)
    changes = _judged(long, runs)
    frame = long.assign(**changes)
    return frame.reindex(columns=schema.names("history")).astype(schema.dtypes("history"))


def _long(
    cases: pd.DataFrame, break_even: pd.DataFrame, metg: pd.DataFrame, figures: Sequence[str]
) -> pd.DataFrame:
    """Put the figures one below the other: a row a series and run, with value, ends and status."""
    keep = ["machine", "suite", "profile", *GROUP_ON_ANY_RUN, "run", "commit", "status"]
    parts = []
    paired = cases[cases["paired"].fillna(False).astype(bool) & cases["profile"].notna()]
    for figure in (name for name in CASE_FIGURES if name in figures):
        part = paired[[*keep, "chunk", "rounds"]].copy()
        ok = part["status"].eq(Status.OK).fillna(False).astype(bool)
        for end in ENDS:
            part[f"value{end}"] = paired[f"{figure}{end}"].where(ok)
        parts.append(part.assign(figure=figure))
    if "break_even" in figures:
        small = break_even[break_even["side"].eq("small").fillna(False).astype(bool)]
        is_found = small["status"].eq("found").fillna(False).astype(bool)
        part = small[keep].assign(figure="break_even", status=small["status"].mask(is_found, "ok"))
        for end in ENDS:
            part[f"value{end}"] = small[f"chunk{end}"].where(is_found)
        parts.append(part)
    if "metg" in figures:
        half = metg[metg["target"].eq(0.5)]
        known = half["censored"].isna() & half["seconds"].notna()
        status = half["censored"].fillna("undetermined").mask(known, "ok")
        part = half[[name for name in keep if name != "status"]].assign(
            figure="metg", status=status
        )
        for end in ENDS:
            part[f"value{end}"] = half[f"seconds{end}"].where(known)
        parts.append(part)
    columns = [*keep, "chunk", "rounds", "figure", *(f"value{end}" for end in ENDS)]
    typed = {name: dtype for name, dtype in schema.dtypes("history").items() if name in columns}
    parts = [part.reindex(columns=columns).astype(typed) for part in parts]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def _judged(long: pd.DataFrame, runs: Mapping[str, RunInfo]) -> dict[str, Any]:
    """Make the columns that say where each series changed, one item a row of *long*."""
    n = len(long)
    numbers = [f"{name}{end}" for name in ("level", "ratio") for end in ENDS]
    out: dict[str, Any] = {
        name: np.full(n, np.nan) for name in ("segment", "segment_runs", *numbers)
    }
    out |= {name: np.full(n, None, dtype=object) for name in _WORDS}
    value = long["value"].to_numpy(dtype=np.float64, na_value=np.nan)
    names = long["run"].to_numpy(dtype=object)
    changed = cache(lambda before, after: _versions(runs.get(before), runs.get(after)))
    ends = np.flatnonzero(np.diff(long["code"].to_numpy())) + 1
    for rows in np.split(np.arange(n), ends) if n else []:
        for before, after in pairwise(rows):
            out["versions_changed"][after] = changed(names[before], names[after])
        used = rows[value[rows] > 0]
        if used.size < LEAST:
            out["reason"][rows] = f"{used.size} runs with a value: a change needs {LEAST}"
            if not used.size:
                continue
        d = np.log(value[used])
        stretches = list(_stretches(d))
        for number, stretch in enumerate(stretches):
            at = used[stretch.runs]
            out["segment"][at], out["segment_runs"][at] = number, at.size
            for name, level in zip(numbers[:3], stretch.level):
                out[name][at] = level
            if stretch.ratio is not None:
                for name, ratio in zip(numbers[3:], stretch.ratio):
                    out[name][at[0]] = ratio
                out["change"][at[0]] = "higher" if stretch.ratio[0] > 1 else "lower"
                first, last = (stretch.runs.start + place for place in stretch.starts)
                out["earliest_run"][at[0]] = names[used[first]]
                out["latest_run"][at[0]] = names[used[last]]
                what = changed(names[used[first - 1]], names[used[last]])
                out["linked_versions"][at[0]] = what
        if used.size >= LEAST and len(stretches) > 1 and _is_correlated(d, stretches):
            out["reason"][rows] = (
                "runs hang together (autocorrelation above 0.2): steps may be false"
            )
    return out


def _stretches(d: Floats) -> Iterator[_Stretch]:
    """Part a series of logarithms *d*, shape (runs,), into stretches without a change."""
    places = steps(d)
    while places:  # a step of less than the margin is none: the runs around it are one stretch
        parts = np.split(d, places)
        near = [_within_margin(a, b) for a, b in pairwise(parts)]
        if not any(near):
            break
        del places[near.index(True)]
    edges = [0, *places, d.size]
    before: Floats | None = None
    for start, end in pairwise(edges):
        part = d[start:end]
        known = log_mean("", part)
        level = tuple(float(known.get(end, np.nan) or np.nan) for end in ENDS)
        runs, middle = slice(start, end), (level[0], level[1], level[2])
        if before is None:
            yield _Stretch(runs, middle, None)
        else:
            yield _Stretch(runs, middle, _ratio(before, part), may_start(before, part))
        before = part


def _ratio(before: Floats, after: Floats) -> tuple[float, float, float]:
    ends = stats.ttest_ind(after, before).confidence_interval(LEVEL)
    point = after.mean() - before.mean()
    return float(np.exp(point)), float(np.exp(ends.low)), float(np.exp(ends.high))


def _within_margin(before: Floats, after: Floats) -> bool:
    ends = stats.ttest_ind(after, before).confidence_interval(2 * LEVEL - 1)
    return bool(ends.low > -MARGIN and ends.high < MARGIN)


def _is_correlated(d: Floats, stretches: Sequence[_Stretch]) -> bool:
    rest = np.concatenate([d[stretch.runs] - d[stretch.runs].mean() for stretch in stretches])
    rho = lag1_autocorrelation(rest)
    return rho is not None and rho > AUTOCORRELATION_LIMIT


def _began(run: str, info: RunInfo) -> str:
    """When a run started: as its run line says, else as its name does, which starts with it."""
    if info.t:
        return info.t
    stamp = pd.to_datetime(run.partition("-")[0], format="%Y%m%dT%H%M%SZ", errors="coerce")
    return run if pd.isna(stamp) else f"{stamp:%Y-%m-%dT%H:%M:%S}+00:00"


def _versions(before: RunInfo | None, after: RunInfo | None) -> str | None:
    """List the versions that differ between two runs, the commit among them:
    ``dask 2026.7.0 -> 2026.8.0``."""
    if before is None or after is None:
        return None
    first = {"commit": before.commit and before.commit[:8], **before.versions}
    second = {"commit": after.commit and after.commit[:8], **after.versions}
    differences = [
        f"{name} {first.get(name) or 'absent'} -> {second.get(name) or 'absent'}"
        for name in dict.fromkeys((*first, *second))
        if first.get(name) != second.get(name)
    ]
    return ", ".join(differences) or None
