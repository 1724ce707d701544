"""The break-even chunk on either side of the best one, and the best: rules 21 and 22."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from harness.core.records import RunInfo, Verdict
from harness.reading.analysis.by_group import Row, by_key, to_table
from harness.reading.analysis.crossover.best import not_worse
from harness.reading.analysis.crossover.brackets import (
    Change,
    no_sign_change,
    sign_change,
)
from harness.reading.analysis.crossover.crossing import crossing
from harness.reading.analysis.crossover.grid import Grid, bracketed
from harness.reading.analysis.crossover.refine import refining_cost
from harness.reading.analysis.crossover.swept import Swept, SweptGroups, swept_groups
from harness.reading.analysis.estimate_columns import estimate_columns
from harness.reading.analysis.keys import GROUP
from harness.reading.analysis.verdict.estimates import median_interval
from harness.reading.analysis.verdict.p_values import holm, sign_p
from harness.reading.analysis.verdict.ragged import row_medians
from harness.reading.analysis.verdict.rounds import CONFIRM, fresh, log_ratio
from harness.reading.analysis.verdict.verdicts import judge


def break_even(
    cases: pd.DataFrame,
    pairs: pd.DataFrame,
    runs: Mapping[str, RunInfo],
    seed: int = 0,
    swept: SweptGroups | None = None,
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
        (:func:`harness.reading.analysis.crossover.best.best_set`). Recommended is the one
        with most tasks: it keeps memory lowest. Where it was measured anew in fresh rounds,
        ``fresh_speedup`` is theirs, and ``confirmed`` says whether they give the same verdict;
        it is absent where that is undetermined, since there is nothing to confirm.

    A group to which the sweep added chunks says how many, and what that saved
    (:func:`harness.reading.analysis.crossover.refine.refining_cost`).

    The status of ``small`` and ``large`` is that of
    :func:`harness.reading.analysis.crossover.brackets.sign_change`, and of
    ``no_sign_change`` where no chunk pays. For ``found``, the chunk and its interval come from
    :func:`harness.reading.analysis.crossover.crossing.crossing`,
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
    swept : SweptGroups, optional
        Its groups, where they are known already.

    Returns
    -------
    DataFrame
        Obeys ``schema.BREAK_EVEN``; groups in order of first appearance.

    Raises
    ------
    InputError
        Where a run line is missing, its looks are not known, or a pair marked ok has no time.
    """
    again = by_key(fresh(pairs), GROUP)
    rows: list[Row] = []
    for key, group in (swept or swept_groups(cases, pairs, runs)).groups.items():
        rows += _group_rows(group, again.get(key), seed)
    return to_table("break_even", rows)


def _group_rows(group: Swept, again: pd.DataFrame | None, seed: int) -> list[Row]:
    points, ok, info = group.grid, group.ok, group.info
    confirming = [] if again is None else again["chunk"].tolist()
    key = (
        group.cases.row
        | refining_cost(
            np.concatenate((ok.chunk, np.array(confirming, dtype=np.int64))),
            np.concatenate((ok.purpose, np.full(len(confirming), CONFIRM, dtype=object))),
        )._asdict()
    )
    best = _best(points, info)
    if again is not None and best["status"] == "found":
        best |= _confirmed(points, again[again["chunk"] == best["chunk"]], best["chunk"], info)
    rows = [*_sides(points, info, seed), best]
    for row in rows:
        row["reason"] = "; ".join(filter(None, (row["reason"], points.left_out)))
    return [key | row for row in rows]


def _sides(points: Grid, info: RunInfo, seed: int) -> list[Row]:
    count = len(points.chunks)
    if count < 2:
        change = Change("undetermined", None, None, "fewer than two chunks have rounds enough")
        return [_row(side, change) for side in ("small", "large")]
    paying = [i for i, verdict in enumerate(points.verdicts) if verdict is Verdict.PAYS]
    if not paying:
        change = no_sign_change(points.chunks, points.verdicts)
        return [_row(side, change) for side in ("small", "large")]
    values = [column[~np.isnan(column)] for column in points.d.T]
    p = [sign_p(each, info.looks, prior) for each, prior in zip(values, points.prior.tolist())]
    confirmed = holm(p, info.level)
    middle = row_medians(points.d.T)
    best = max(paying, key=lambda i: float(middle[i]))
    rows = []
    # A side is a chain of positions in the grid, outermost first; past its end lie the neighbours.
    for side, chain in (("small", range(count)), ("large", range(count - 1, -1, -1))):
        order = list(chain)
        part = order[: order.index(best) + 1]
        change = sign_change(
            [points.chunks[i] for i in part],
            [points.verdicts[i] for i in part],
            [confirmed[i] for i in part],
        )
        row = _row(side, change)
        ends = {
            "outer": None if change.outer is None else points.chunks[order[change.outer]],
            "inner": None if change.inner is None else points.chunks[order[change.inner]],
        }
        low, high = ("outer", "inner") if side == "small" else ("inner", "outer")
        row |= {"bracket_low": ends[low], "bracket_high": ends[high]}
        if change.outer is not None and change.inner is not None:
            row |= _inside(points, order, change.outer, change.inner, seed)
        rows.append(row)
    return rows


def _inside(points: Grid, order: Sequence[int], outer: int, inner: int, seed: int) -> Row:
    a, b = order[outer], order[inner]
    chunks = np.array([points.chunks[a], points.chunks[b]], dtype=np.float64)
    if points.n[a] == points.n[b]:
        # The same number of chunks, cut unevenly: the bracket is all that is known.
        low, high = sorted(chunks)
        return {"chunk": float(np.sqrt(low * high)), "chunk_low": low, "chunk_high": high}
    kept, ends_kept = bracketed(points.n, list(order), outer, inner)
    n = points.n[kept]
    crossed = crossing(n, points.d[:, kept], *ends_kept, seed=seed, prior=points.prior[kept])
    # Back to chunks along the bracket: size/n where chunks are even, and never outside it.
    ends = points.n[[a, b]]
    by_n = np.argsort(ends)
    log_n, log_chunk = np.log(ends[by_n]), np.log(chunks[by_n])
    point, end_a, end_b = np.exp(np.interp(np.log(crossed), log_n, log_chunk))
    return {"chunk": point, "chunk_low": min(end_a, end_b), "chunk_high": max(end_a, end_b)}


def _best(points: Grid, info: RunInfo) -> Row:
    chosen = not_worse(points.chunks, points.d, info.level, info.looks, points.prior)
    if not chosen:
        reason = "no chunk has rounds enough"
        return _row("best", Change("undetermined", None, None, reason))
    tasks = {chunk: points.tasks[points.chunks.index(chunk)] for chunk in chosen}
    recommended = max(chosen, key=lambda chunk: (tasks[chunk], -chunk))
    listed = ", ".join(map(str, chosen))
    reason = f"most tasks, so least memory, of those not worse than the best by 5 %: {listed}"
    row = _row("best", Change("found", None, None, reason))
    return row | {"chunk": recommended, "chunk_low": chosen[0], "chunk_high": chosen[-1]}


def _confirmed(points: Grid, again: pd.DataFrame, chunk: int, info: RunInfo) -> Row:
    """Judge the recommended chunk by fresh rounds alone; their number was fixed beforehand."""
    if again.empty:
        return {}
    d = log_ratio(again).to_numpy(dtype=np.float64)
    prior = float(points.prior[points.chunks.index(chunk)])
    fresh_log = median_interval(d, info.level, prior=prior)
    row = estimate_columns("fresh_speedup", fresh_log, np.exp)
    first = points.verdicts[points.chunks.index(chunk)]
    if fresh_log.low is not None and first is not Verdict.UNDETERMINED:
        row["confirmed"] = judge(d, info.level, prior=prior) is first
    return row


def _row(side: str, change: Change) -> Row:
    return {"side": side, "status": change.status, "reason": change.reason}
