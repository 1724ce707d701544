"""The break-even chunk on either side of the best one, and the best: rules 21 and 22."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from harness import schema
from harness.analysis.best import best_set
from harness.analysis.brackets import Change, holm, no_sign_change, sign_change, sign_p
from harness.analysis.crossing import crossing
from harness.analysis.estimates import Floats, median_interval
from harness.analysis.rounds import GROUP, PROVENANCE, log_ratios, run_info, with_result
from harness.records import RunInfo, Status, Verdict

Row = dict[str, Any]


class _Grid(NamedTuple):
    # The chunks of a group that can be tested, rising, and what is known of each.
    chunks: list[int]
    n: Floats
    tasks: Floats
    verdicts: list[Verdict]
    d: pd.DataFrame
    left_out: str


def break_even(
    cases: pd.DataFrame, pairs: pd.DataFrame, runs: Mapping[str, RunInfo], seed: int = 0
) -> pd.DataFrame:
    """Find the break-even chunks and the best chunks of every group of every run.

    A group (run, workload, size, executor, workers, pin) with at least two measured chunks gets
    three rows; one that cuts nothing (a single chunk throughout) has no chunk size to choose and
    gets none. ``TP/T1`` against the number of chunks is convex for any max or sum of linear costs,
    so pays can only hold between two break-evens, around the best chunk that pays:

    ``small``
        From the smallest chunk to the best: below the break-even there are too many tasks.
    ``large``
        From the largest chunk to the best: above it there are too few chunks.
    ``best``
        The recommended chunk, and as low and high the range of those not worse by 5 %
        (:func:`harness.analysis.best.best_set`). Recommended is the one with most tasks: it keeps
        memory lowest. Confirm it on fresh rounds.

    The status of ``small`` and ``large`` is that of
    :func:`harness.analysis.brackets.sign_change`, and of ``no_sign_change`` where no chunk pays.
    For ``found``, the chunk and its interval come from :func:`harness.analysis.crossing.crossing`,
    always inside the bracket. Else the chunk is null: nothing is extrapolated, and nothing claimed
    outside the grid (rule 28). ``undetermined`` may have the inner end of a bracket alone.

    A chunk without a result, or with too few rounds for any interval, is no part of the grid; the
    reason names it. That is settled by the number of rounds, not by what they say, so it does not
    bias the sequence of tests.

    Parameters
    ----------
    cases : DataFrame
        Obeys ``schema.CASES``.
    pairs : DataFrame
        Obeys ``schema.PAIRS``; the rounds behind *cases*.
    runs : mapping of str to RunInfo
        Run lines: level and looks.
    seed : int
        Seed of the bootstrap; the same for every group, so that a row does not depend on others.

    Returns
    -------
    DataFrame
        Obeys ``schema.BREAK_EVEN``; groups in order of first appearance.

    Raises
    ------
    InputError
        Where a run line is missing, its looks are not known, or a pair marked ok has no time.
    """
    rows: list[Row] = []
    if not cases.empty:
        ok = dict(iter(with_result(pairs).groupby(GROUP, sort=False)))
        for key, group in cases.groupby(GROUP, sort=False):
            rows += _group_rows(group, ok.get(key), run_info(runs, str(group["run"].iloc[0])), seed)
    frame = pd.DataFrame(rows, columns=schema.names("break_even"))
    return frame.astype(schema.dtypes("break_even"))


def _group_rows(
    group: pd.DataFrame, ok: pd.DataFrame | None, info: RunInfo, seed: int
) -> list[Row]:
    measured = group[((group["status"] == Status.OK) & group["paired"].eq(True)).fillna(False)]
    if ok is None or measured["chunk"].nunique() < 2 or (_counts(measured) == 1).all():
        return []
    grid = _grid(group, measured, ok, info)
    key = {name: group[name].iloc[0] for name in dict.fromkeys((*PROVENANCE, *GROUP))}
    rows = [*_sides(grid, info, seed), _best(grid, info)]
    for row in rows:
        row["reason"] = "; ".join(filter(None, (row["reason"], grid.left_out)))
    return [key | row for row in rows]


def _grid(group: pd.DataFrame, measured: pd.DataFrame, ok: pd.DataFrame, info: RunInfo) -> _Grid:
    d = log_ratios(ok[ok["chunk"].isin(measured["chunk"])], info.looks)
    testable = [
        int(str(chunk))
        for chunk, values in d.items()
        if median_interval(values.dropna(), info.level, info.looks).low is not None
    ]
    left_out: dict[str, list[int]] = {}
    for chunk, status in sorted(zip(group["chunk"], group["status"])):
        if chunk not in testable:
            why = "too few rounds" if chunk in d else str(status)
            left_out.setdefault(why, []).append(int(chunk))
    names = [f"{', '.join(map(str, chunks))} ({why})" for why, chunks in left_out.items()]
    rows = measured.set_index("chunk").loc[testable]
    n, tasks = _counts(rows.reset_index()), rows["n_tasks"].to_numpy(np.float64, na_value=np.nan)
    return _Grid(
        testable,
        n,
        np.where(np.isnan(tasks), n, tasks).astype(np.float64),
        [Verdict(v) for v in rows["verdict"]],
        d[testable],
        f"left out: {'; '.join(names)}" if names else "",
    )


def _sides(grid: _Grid, info: RunInfo, seed: int) -> list[Row]:
    count = len(grid.chunks)
    if count < 2:
        change = Change("undetermined", None, None, "fewer than two chunks have rounds enough")
        return [_row(side, change) for side in ("small", "large")]
    paying = [i for i, verdict in enumerate(grid.verdicts) if verdict is Verdict.PAYS]
    if not paying:
        change = no_sign_change(grid.chunks, grid.verdicts)
        return [_row(side, change) for side in ("small", "large")]
    confirmed = holm([sign_p(grid.d[c].dropna(), info.looks) for c in grid.chunks], info.level)
    best = max(paying, key=lambda i: float(grid.d[grid.chunks[i]].median()))
    rows = []
    # A side is a chain of positions in the grid, outermost first; past its end lie the neighbours.
    for side, chain in (("small", range(count)), ("large", range(count - 1, -1, -1))):
        order = list(chain)
        part = order[: order.index(best) + 1]
        change = sign_change(
            [grid.chunks[i] for i in part],
            [grid.verdicts[i] for i in part],
            [confirmed[i] for i in part],
        )
        row = _row(side, change)
        ends = {
            "outer": None if change.outer is None else grid.chunks[order[change.outer]],
            "inner": None if change.inner is None else grid.chunks[order[change.inner]],
        }
        low, high = ("outer", "inner") if side == "small" else ("inner", "outer")
        row |= {"bracket_low": ends[low], "bracket_high": ends[high]}
        if change.outer is not None and change.inner is not None:
            row |= _inside(grid, order, change.outer, change.inner, seed)
        rows.append(row)
    return rows


def _inside(grid: _Grid, order: Sequence[int], outer: int, inner: int, seed: int) -> Row:
    a, b = order[outer], order[inner]
    chunks = np.array([grid.chunks[a], grid.chunks[b]], dtype=np.float64)
    if grid.n[a] == grid.n[b]:
        # The same number of chunks, cut unevenly: the bracket is all that is known.
        low, high = sorted(chunks)
        return {"chunk": float(np.sqrt(low * high)), "chunk_low": low, "chunk_high": high}
    # Distinct numbers of chunks only, those of the bracket first.
    at = dict.fromkeys((a, b, *order))
    distinct = {grid.n[i]: i for i in reversed(at)}
    kept = [i for i in order if distinct[grid.n[i]] == i]
    n = grid.n[kept]
    d = grid.d[[grid.chunks[i] for i in kept]].to_numpy(dtype=np.float64)
    found = crossing(n, d, kept.index(a), kept.index(b), seed=seed)
    # Back to chunks along the bracket: size/n where chunks are even, and never outside it.
    ends = grid.n[[a, b]]
    by_n = np.argsort(ends)
    log_n, log_chunk = np.log(ends[by_n]), np.log(chunks[by_n])
    point, one, other = np.exp(np.interp(np.log(found), log_n, log_chunk))
    return {"chunk": point, "chunk_low": min(one, other), "chunk_high": max(one, other)}


def _best(grid: _Grid, info: RunInfo) -> Row:
    chosen = best_set(grid.d, info.level, info.looks)
    if not chosen:
        reason = "no chunk has rounds enough"
        return _row("best", Change("undetermined", None, None, reason))
    tasks = {chunk: grid.tasks[grid.chunks.index(chunk)] for chunk in chosen}
    recommended = max(chosen, key=lambda chunk: (tasks[chunk], -chunk))
    listed = ", ".join(map(str, chosen))
    reason = f"most tasks, so least memory, of those not worse than the best by 5 %: {listed}"
    row = _row("best", Change("found", None, None, reason))
    return row | {"chunk": recommended, "chunk_low": chosen[0], "chunk_high": chosen[-1]}


def _row(side: str, change: Change) -> Row:
    return {"side": side, "status": change.status, "reason": change.reason}


def _counts(measured: pd.DataFrame) -> Floats:
    n = measured["n_chunks"].to_numpy(dtype=np.float64, na_value=np.nan)
    even = np.ceil(measured["size"].to_numpy(np.float64) / measured["chunk"].to_numpy(np.float64))
    return np.where(np.isnan(n), even, n)
