"""The minimum effective task granularity, METG: rule 23."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from harness.core.records import Estimate, RunInfo, Verdict
from harness.reading.analysis.by_group import Row, to_table
from harness.reading.analysis.crossover.brackets import SIGNED, sign_change
from harness.reading.analysis.crossover.crossing import crossing
from harness.reading.analysis.crossover.grid import Grid, bracketed
from harness.reading.analysis.crossover.spread import spread
from harness.reading.analysis.crossover.swept import Swept, SweptGroups, swept_groups
from harness.reading.analysis.estimate_columns import ENDS
from harness.reading.analysis.verdict.estimates import Floats, median_interval
from harness.reading.analysis.verdict.grouped_rounds import RoundColumns
from harness.reading.analysis.verdict.p_values import holm, sign_p
from harness.reading.analysis.verdict.ragged import row_medians

TARGETS = (0.5, 0.8)
MOST_EFFICIENCY = 1.5
"""Above it the baseline is no reference for the tasks (rule 23)."""

INDEPENDENT = "independent"
"""No task waits for another but in the final reduction."""
DEPENDENCIES = {"spin-stencil": "3-point stencil"}
"""Workload to the pattern in which its tasks need one another's results; others are
:data:`INDEPENDENT`."""


class _Metg(NamedTuple):
    over_baseline: Estimate
    censored: str | None
    reason: str


def metg(
    cases: pd.DataFrame,
    pairs: pd.DataFrame,
    runs: Mapping[str, RunInfo],
    seed: int = 0,
    swept: SweptGroups | None = None,
) -> pd.DataFrame:
    """Find METG(50 %) and METG(80 %) of every group of every run.

    Granularity is ``g = TP*P/n_tasks`` and efficiency ``E = T1/(P*TP)``; METG is the smallest ``g``
    with ``E`` at least the target ``e`` (Slaughter et al., Task Bench, SC20, section IV). ``E = e``
    is ``TP/T1 = 1/(e*P)``, so it is the crossing of a convex curve in the number of chunks, found
    as the break-even is (rule 21): bracketed by exact tests from both ends, then
    :func:`harness.reading.analysis.crossover.crossing.crossing`; with ``n`` tasks at the
    crossing METG is
    ``T1/(e*n)``. The interval is one in units of T1; seconds are that times the sweep's median T1,
    whose own interval stands beside them.

    Nothing is extrapolated. Where the target is not crossed between two chunks:

    ``below``
        METG is at most ``seconds_high``: the target is still reached at the smallest chunk shown.
    ``above``
        METG is at least ``seconds_low``: the target is missed down to the fewest tasks shown.
    ``never``
        The target is missed also with one task a worker or fewer: no granularity reaches it.

    Absent with neither point nor bound, where the rounds do not tell, with a reason.

    Parameters
    ----------
    cases : DataFrame
        Obeys ``schema.CASES``.
    pairs : DataFrame
        Obeys ``schema.PAIRS``; the rounds behind *cases*.
    runs : mapping of str to RunInfo
        Run lines: level and looks.
    seed : int
        Seed of the bootstrap.
    swept : SweptGroups, optional
        Its groups, where they are known already.

    Returns
    -------
    DataFrame
        Obeys ``schema.METG``: for each group that has chunks to choose from a row a target.

    Raises
    ------
    InputError
        Where a run line is missing, its looks are not known, or a pair marked ok has no time.
    """
    groups = (swept or swept_groups(cases, pairs, runs)).groups.values()
    rows = [row for group in groups if group.has_work for row in _group_rows(group, seed)]
    return to_table("metg", rows)


def _group_rows(group: Swept, seed: int) -> list[Row]:
    points, ok, info, key = group.grid, group.ok, group.info, group.cases.row
    workers = int(key["workers"])
    t1 = median_interval(_baselines(points, ok), info.level, info.looks)
    pattern = DEPENDENCIES.get(str(key["workload"]), INDEPENDENT)
    rows = []
    for target in TARGETS:
        result = _metg(points, workers, target, info, seed)
        ends = result.over_baseline
        row = key | {"target": target, "censored": result.censored, "dependencies": pattern}
        row["rounds"] = points.rounds.size
        for end, over, base in zip(ENDS, _ends(ends), _ends(t1), strict=True):
            row["over_baseline" + end], row["baseline_seconds" + end] = over, base
            row["seconds" + end] = None if over is None or t1.point is None else over * t1.point
        row["reason"] = "; ".join(filter(None, (result.reason, points.left_out))) or None
        rows.append(row)
    return rows


def _baselines(points: Grid, ok: RoundColumns) -> Floats:
    """The median T1 over the cases of each round, since the drift of T1 is one from round to round;
    rounds in their order."""
    mine = ok[np.isin(ok.chunk, points.chunks)]
    by_round = row_medians(spread(mine, mine.serial_seconds).values)
    return by_round[~np.isnan(by_round)]


def _metg(points: Grid, workers: int, target: float, info: RunInfo, seed: int) -> _Metg:
    ratio = 1 / (target * workers)  # TP/T1 at the target
    needed = float(np.log(ratio))  # what is added to log(T1/TP) is above 0 where it is reached
    verdicts = [_sign(low + needed, high + needed) for _, low, high in zip(*points.medians)]
    reached = [i for i, verdict in enumerate(verdicts) if verdict is Verdict.PAYS]
    chain = list(range(len(points.chunks)))
    if not reached:
        return _not_reached(points, workers, target, verdicts)
    values = [column[~np.isnan(column)] for column in points.d.T]
    middle = row_medians(points.d.T)
    best = max(reached, key=lambda i: float(middle[i]))
    part = chain[: best + 1]
    p = [
        sign_p(each + needed, info.looks, prior)
        for each, prior in zip(values, points.prior.tolist())
    ]
    sure = holm(p, info.level)
    change = sign_change(
        [points.chunks[i] for i in part], [verdicts[i] for i in part], [sure[i] for i in part]
    )
    texts = change.reason.replace(Verdict.PAYS.value, "reached")
    texts = texts.replace(Verdict.OVERHEAD.value, "missed")
    super_linear = bool((np.exp(middle) / workers > MOST_EFFICIENCY).any())
    if change.status == "found" and not super_linear:
        assert change.outer is not None  # noqa: S101 - what found means
        assert change.inner is not None  # noqa: S101
        n = _tasks(points, chain, (change.outer, change.inner), ratio, seed)
        return _Metg(_scaled(n, target, info, points.rounds.size), None, texts)
    if change.status == "not monotone":
        return _Metg(Estimate(point=None), None, f"not monotone: {texts}")
    if super_linear:
        texts = f"an efficiency above {MOST_EFFICIENCY}: the baseline is no reference; {texts}"
    inner = 0 if change.status == "always pays" else change.inner
    if inner is None:
        return _Metg(Estimate(point=None), None, texts)
    # Convex: the target is reached here, so it is crossed at more tasks than these.
    most = 1 / (target * float(points.tasks[part[inner]]))
    return _Metg(Estimate(point=None, high=most, level=info.level), "below", texts)


def _not_reached(points: Grid, workers: int, target: float, verdicts: list[Verdict]) -> _Metg:
    missed = [i for i, verdict in enumerate(verdicts) if verdict is Verdict.OVERHEAD]
    if not missed:
        return _Metg(Estimate(point=None), None, "no chunk shows whether the target is reached")
    if len(missed) == len(verdicts) and points.n.min() <= workers:
        text = "missed at every chunk, also with one task a worker or fewer"
        return _Metg(Estimate(point=None), "never", text)
    # From the outermost chunk inwards without a gap, so that it is one fixed sequence of tests.
    held = next((i for i, v in enumerate(verdicts) if v is not Verdict.OVERHEAD), len(verdicts))
    if held == 0:
        return _Metg(Estimate(point=None), None, "the smallest chunk shows neither")
    least = 1 / (target * float(points.tasks[held - 1]))
    text = f"missed at chunks up to {points.chunks[held - 1]}, reached at none"
    return _Metg(Estimate(point=None, low=least), "above", text)


def _sign(low: float, high: float) -> Verdict:
    """The sign that the exact interval shows; there is no ``equal`` to a target."""
    return SIGNED[0] if low > 0 else SIGNED[1] if high < 0 else Verdict.UNDETERMINED


def _tasks(
    points: Grid, chain: list[int], bracket: tuple[int, int], ratio: float, seed: int
) -> Floats:
    """Tasks at the crossing and at the ends of its interval, shape (3,): along a line between the
    numbers of tasks at the ends of the bracket."""
    pair = [chain[i] for i in bracket]
    if points.n[pair[0]] == points.n[pair[1]]:  # the same number of chunks, cut unevenly
        return np.repeat(points.tasks[pair[1]], 3).astype(np.float64)
    kept, ends = bracketed(points.n, chain, *bracket)
    crossed = crossing(
        points.n[kept],
        points.d[:, kept],
        *ends,
        target=ratio,
        seed=seed,
        prior=points.prior[kept],
    )
    order = np.argsort(points.n[pair])
    tasks = np.interp(crossed, points.n[pair][order], points.tasks[pair][order])
    return np.asarray(tasks, dtype=np.float64)


def _scaled(n: Floats, target: float, info: RunInfo, rounds: int) -> Estimate:
    point, high, low = (float(1 / (target * each)) for each in n)  # few tasks are large ones
    return Estimate(point=point, low=low, high=high, level=info.level, n=rounds)


def _ends(estimate: Estimate) -> tuple[float | None, float | None, float | None]:
    return estimate.point, estimate.low, estimate.high
