"""Fit the overhead model to every group, and say which costs it cannot tell: rule 24."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from harness.core.records import RunInfo
from harness.reading.analysis.by_group import Row, records_by, to_table
from harness.reading.analysis.crossover.swept import Swept, SweptGroups, swept_groups
from harness.reading.analysis.keys import GROUP, GROUP_WORKER_SERIES, OF_GROUP
from harness.reading.analysis.models.empty import EmptySweep, control_of, empty_sweeps
from harness.reading.analysis.models.joint import GroupToFit, fitted
from harness.reading.analysis.models.points import Ceiling, points
from harness.reading.analysis.verdict.rounds import SEPARATE

DRAWS = 200


class Fits(NamedTuple):
    """The fitted models of all groups.

    Attributes
    ----------
    model : DataFrame
        Obeys ``schema.MODEL``: a row a group.
    residuals : DataFrame
        Obeys ``schema.RESIDUALS``: a row a chunk that was fitted.
    """

    model: pd.DataFrame
    residuals: pd.DataFrame


def fits(
    cases: pd.DataFrame,
    pairs: pd.DataFrame,
    blocks: pd.DataFrame,
    runs: Mapping[str, RunInfo],
    seed: int = 0,
    draws: int = DRAWS,
    swept: SweptGroups | None = None,
) -> Fits:
    """Fit ``T(K,P) = c0 + max(K*s, K*o/P + W/S(P)) + I`` to every group of every run.

    ``c0`` is a fixed cost, ``s`` the serial and ``o`` the parallel cost of a task, ``W`` the
    work of that chunk by its serial replay, ``S(P)`` the ceiling as measured, and
    ``I = (ceil(n/P) - n/P) * W/n`` the imbalance of the last
    wave of ``n`` chunks. What is fitted is ``TP/T1``, one median a chunk, by
    :func:`harness.reading.analysis.models.fit.fit`; an empty-task sweep of the same set-up, in the
    same run or of
    the same machine and commit, takes part with the little ``W`` of its own and so holds ``c0`` and
    ``max(s, o/P)``; how it is brought to units of T1 says
    :func:`harness.reading.analysis.models.empty.beside_work`. Intervals are quantiles of a
    bootstrap over rounds,
    :func:`harness.reading.analysis.verdict.estimates.expanded_tail` from either end.

    ``s`` is given only where at least two chunks of the sweep lie on its branch and, with the
    ceiling as measured, its interval lies above 0; likewise ``o``. Else its column ``_high`` alone
    holds what it can be at most: it must bind nowhere by more than what was measured.

    A fit is not accepted where a residual is above 10 % and the exact interval of that point
    excludes the fit: then it is not noise. Beside an empty-task sweep it is neither where the
    times ask for another ceiling, and else the intervals also cover the fit with a ceiling free
    (:func:`harness.reading.analysis.models.free_ceiling.with_free_ceiling`): a lower end below 0
    then says that the cost is told only by the ceiling as measured. No fit ever overrides
    a measured bracket.

    Groups of one run that differ in the number of workers alone are fitted together as well, with
    one ``c0``, ``s`` and ``o``. That fit is given in the rows of all of them where it is accepted,
    unless the costs that they have alone exclude each other. Groups with more workers than usable
    cores are always fitted alone.

    Parameters
    ----------
    cases : DataFrame
        Obeys ``schema.CASES``.
    pairs : DataFrame
        Obeys ``schema.PAIRS``; the rounds behind *cases*.
    blocks : DataFrame
        Obeys ``schema.BLOCKS``; the ceilings.
    runs : mapping of str to RunInfo
        Run lines: level and looks.
    seed : int
        Seed of the bootstrap.
    draws : int
        Bootstrap samples.
    swept : SweptGroups, optional
        Its groups, where they are known already.

    Returns
    -------
    Fits
        One row of ``model`` for each group that has chunks to choose from and a scheduler to model.

    Raises
    ------
    InputError
        Where a run line is missing, its looks are not known, or a pair marked ok has no time.
    """
    known = swept or swept_groups(cases, pairs, runs)
    empty = empty_sweeps(pairs, known.rounds, runs)
    starts = records_by(blocks[[*GROUP, "oversubscribed"]], GROUP)
    groups = [
        _to_fit(group, starts.get(key, []), control_of(empty, group.cases.row, group.info))
        for key, group in known.groups.items()
        if group.is_scheduled
    ]
    rows = _rows(groups, seed, draws)
    residuals = [
        {name: row[name] for name in (*OF_GROUP, "accepted")} | residual
        for row in rows
        for residual in row.get("residuals", ())
        if residual["workers"] == row["workers"]
    ]
    return Fits(to_table("model", rows), to_table("residuals", residuals))


def _to_fit(group: Swept, blocks: list[Row], control: EmptySweep | None) -> GroupToFit:
    row, chunks, ok, info = group.cases.row, group.grid, group.ok, group.info
    workers = int(row["workers"])
    one = group.cases.measured[0]  # the ceiling of a group is the same for all of its cases
    S = one["ceiling"]
    row |= {
        "ceiling": S,
        "ceiling_low": one["ceiling_low"],
        "ceiling_high": one["ceiling_high"],
        "anchored": control is not None,
        "accepted": False,
        "added_workers": workers if (ok.purpose == SEPARATE).any() else None,
    }
    if S is None:
        why = one["ceiling_unknown"] or "the ceiling was not measured"
        return GroupToFit(row | {"reason": why}, None, info, False)
    if not chunks.chunks:
        return GroupToFit(row | {"reason": "no chunk has rounds enough"}, None, info, False)
    ends = (np.nan if one[name] is None else one[name] for name in ("ceiling_low", "ceiling_high"))
    ceiling = Ceiling(S, *ends)
    data = points(chunks, ok, row["run"], control, ceiling, workers)
    if data.without_replay:
        named = ", ".join(map(str, data.without_replay))
        why = f"the work of a chunk is not known: no serial replay was measured of {named}"
        return GroupToFit(row | {"reason": why}, None, info, False)
    crowded = any(each["oversubscribed"] for each in blocks)
    return GroupToFit(row, data, info, not crowded)


def _rows(groups: list[GroupToFit], seed: int, draws: int) -> list[Row]:
    """Make a row of each group, in their order; fit those together that differ in the number of
    workers alone."""
    alike: dict[tuple[Any, ...], list[int]] = {}
    for i, group in enumerate(groups):
        alike.setdefault(tuple(group.row[name] for name in GROUP_WORKER_SERIES), []).append(i)
    rows: dict[int, Row] = {}
    for places in alike.values():
        mine = [groups[i] for i in places]
        counts = [str(group.row["added_workers"]) for group in mine if group.row["added_workers"]]
        added = {"added_workers": ", ".join(counts) or None}
        for i, row in zip(places, fitted(mine, seed, draws)):
            rows[i] = row | added
    return [rows[i] for i in range(len(groups))]
