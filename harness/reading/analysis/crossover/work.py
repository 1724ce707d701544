"""How much work must an item have so that it pays to hand items out: one by one, and at best.

The workloads of one family do the same with ever more work for each item. Along this axis the
verdict changes from ``overhead exceeds gain`` to ``pays``: bracketed and crossed as rule 21 has it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from harness.core.records import RunInfo, Verdict
from harness.core.work_families import family_of
from harness.reading.analysis.by_group import Key, Row, records_by, run_info, to_table
from harness.reading.analysis.crossover.brackets import Change, no_sign_change, sign_change
from harness.reading.analysis.crossover.crossing import crossing
from harness.reading.analysis.crossover.grid import measured
from harness.reading.analysis.keys import CASE, PROVENANCE, SET_UP
from harness.reading.analysis.verdict.case_priors import priors_of_cases
from harness.reading.analysis.verdict.estimates import Floats, rounds_used
from harness.reading.analysis.verdict.grouped_rounds import GroupedRounds, ok_rounds
from harness.reading.analysis.verdict.p_values import holm, sign_p
from harness.reading.analysis.verdict.verdicts import judge

ONE_BY_ONE, BEST = "one by one", "best chunk"
RULES = (ONE_BY_ONE, BEST)

OfRounds = dict[int, float]
"""``log(T1/TP)`` by the number of the round."""


class ChunkRounds(NamedTuple):
    """One case: its verdict, its rounds up to the latest look, and the variance of a round in other
    cases."""

    verdict: Verdict
    d: OfRounds
    prior: float


class WorkPoint(NamedTuple):
    """One amount of work under one rule: ``chunk`` is what the rule takes there."""

    seconds: float
    chunk: int
    verdict: Verdict
    d: OfRounds
    prior: float


def break_even_work(
    cases: pd.DataFrame,
    pairs: pd.DataFrame,
    runs: Mapping[str, RunInfo],
    rounds: GroupedRounds | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Find the work an item from which each family pays on each executor of each run.

    A group (run, family, executor, workers, pin) with at least two amounts of work has two rows:
    ``one by one`` is chunk 1, ``best chunk`` the best at each amount. Work is in units of the
    calibrated spin, and a microsecond of it what the run's baselines took in the median over all
    amounts: a machine that drifts moves all of them together, and the ratio between two not at all.
    Work of the lesson's own functions, which have no spin, is what their baselines took.

    The best chunk is chosen on the even rounds and judged on the odd ones, and the other way round
    (cross-fitting), so that no chunk is judged by the luck that chose it. Where both halves choose
    the same chunk this is that case with all its rounds; and where every chunk is shown to cost
    more than it saves, so is the best one.

    ``TP/T1`` is convex in items per second of work for any max or sum of linear costs, as it is in
    the number of chunks, as long as the whole has as much work: the crossing and its interval are
    those of :func:`~harness.reading.analysis.crossover.crossing.crossing`.

    Parameters
    ----------
    cases : DataFrame
        Obeys ``schema.CASES``.
    pairs : DataFrame
        Obeys ``schema.PAIRS``; the rounds behind *cases*.
    runs : mapping of str to RunInfo
        Run lines: level and looks.
    rounds : GroupedRounds, optional
        Those of *pairs*, where they are grouped already.
    seed : int
        Seed of the bootstrap.

    Returns
    -------
    DataFrame
        Obeys ``schema.BREAK_EVEN_WORK``.

    Raises
    ------
    InputError
        Where a run line is missing, its looks are not known, or a pair marked ok has no time.
    """
    rounds = rounds or ok_rounds(pairs)
    priors = priors_of_cases(rounds, runs)
    families: dict[Key, list[Row]] = defaultdict(list)
    for key, found in records_by(measured(cases), ["run", "workload", *SET_UP]).items():
        largest = max(row["size"] for row in found)
        families[key[0], family_of(key[1])[0], *key[2:]] += [
            row for row in found if row["size"] == largest
        ]
    rows: list[Row] = []
    for (run, family, *set_up), found in families.items():
        if len({row["workload"] for row in found}) < 2:
            continue
        info = run_info(runs, str(run))
        amounts = _amounts(found, rounds, priors, info)
        same = {name: found[0][name] for name in PROVENANCE}
        same |= {"family": family, **dict(zip(SET_UP, set_up, strict=True))}
        for rule in RULES:
            points = sorted(_points(amounts, rule, info), key=lambda point: point.seconds)
            if points:
                rows.append(same | {"chunks": rule} | _row(points, info, seed))
    return to_table("break_even_work", rows)


def _amounts(
    found: Sequence[Row],
    rounds: GroupedRounds,
    priors: Mapping[Key, Mapping[int, float]],
    info: RunInfo,
) -> list[tuple[float, dict[int, ChunkRounds]]]:
    """Seconds of work an item, and the cases by their chunks, of each workload of a family."""
    items: dict[str, list[float]] = defaultdict(list)
    pace: list[float] = []
    by_chunk: dict[str, dict[int, ChunkRounds]] = defaultdict(dict)
    for row in found:
        key = tuple(row[name] for name in CASE)
        ok = rounds.of_case(key)
        ok = ok[~np.isnan(ok.serial_seconds)]
        ok = ok[: rounds_used(len(ok), info.looks)]
        if not len(ok):
            continue
        each = (ok.serial_seconds / row["size"]).tolist()
        items[row["workload"]] += each
        if added := family_of(row["workload"])[1]:
            pace += [seconds / added for seconds in each]
        d = dict(zip(ok.round.astype(int).tolist(), ok.log_ratio.tolist(), strict=True))
        prior = priors[key[:-1]][row["chunk"]]
        by_chunk[row["workload"]][row["chunk"]] = ChunkRounds(Verdict(row["verdict"]), d, prior)
    unit = float(np.median(pace)) if pace else 1.0
    return [
        (family_of(name)[1] * unit or float(np.median(items[name])), of)
        for name, of in by_chunk.items()
    ]


def _points(
    amounts: Sequence[tuple[float, dict[int, ChunkRounds]]], rule: str, info: RunInfo
) -> list[WorkPoint]:
    if rule == ONE_BY_ONE:
        return [WorkPoint(seconds, 1, *of[1]) for seconds, of in amounts if 1 in of]
    return [_best(seconds, of, info) for seconds, of in amounts]


def _best(seconds: float, of: dict[int, ChunkRounds], info: RunInfo) -> WorkPoint:
    """The best chunk at one amount of work: chosen on half of the rounds, judged on the others."""
    everywhere = _best_of({chunk: case.d for chunk, case in of.items()}, 1)
    even, odd = (
        _best_of({chunk: _half(case.d, part) for chunk, case in of.items()}, everywhere)
        for part in (0, 1)
    )
    chunk = everywhere
    if even == odd:
        chunk, (verdict, d, prior) = even, of[even]
    else:
        d = {**_half(of[even].d, 1), **_half(of[odd].d, 0)}
        prior = (of[even].prior + of[odd].prior) / 2
        verdict = judge([d[number] for number in sorted(d)], info.level, info.looks, prior)
    if all(case.verdict is Verdict.OVERHEAD for case in of.values()):
        verdict = Verdict.OVERHEAD
    return WorkPoint(seconds, chunk, verdict, d, prior)


def _half(d: OfRounds, odd: int) -> OfRounds:
    return {number: value for number, value in d.items() if number % 2 == odd}


def _best_of(chunks: Mapping[int, OfRounds], otherwise: int) -> int:
    """The chunk with the largest median, the larger of two that are as good; *otherwise* where
    none has rounds."""
    known = {chunk: float(np.median([*d.values()])) for chunk, d in chunks.items() if d}
    return max(known, key=lambda chunk: (known[chunk], chunk)) if known else otherwise


def _row(points: Sequence[WorkPoint], info: RunInfo, seed: int) -> Row:
    labels = [float(f"{point.seconds * 1e6:.3g}") for point in points]
    verdicts = [point.verdict for point in points]
    paying = [i for i, verdict in enumerate(verdicts) if verdict is Verdict.PAYS]
    row: Row = {"amounts": len(points), "chunk": points[-1].chunk}
    if not paying:
        change = no_sign_change(labels, verdicts)
        return row | {"status": change.status, "reason": f"us an item: {change.reason}"}
    p = [
        sign_p([point.d[number] for number in sorted(point.d)], info.looks, point.prior)
        for point in points
    ]
    last = paying[-1] + 1
    change = sign_change(
        labels[:last], verdicts[:last], holm(p, info.level)[:last], "least amount of work"
    )
    if Verdict.OVERHEAD in verdicts[last:]:
        reason = f"{change.reason}; with more work it costs again: add rounds"
        change = Change("undetermined", None, None, reason)
    row |= {"status": change.status, "reason": f"us an item: {change.reason}"}
    if change.outer is not None:
        row["bracket_low_us"] = points[change.outer].seconds * 1e6
    if change.inner is not None:
        row |= {
            "bracket_high_us": points[change.inner].seconds * 1e6,
            "chunk": points[change.inner].chunk,
        }
    if change.outer is not None and change.inner is not None:
        row |= _crossed(points, change.outer, change.inner, seed)
    return row


def _crossed(points: Sequence[WorkPoint], outer: int, inner: int, seed: int) -> Row:
    """The work at the crossing, in microseconds, with its interval."""
    numbers = sorted({number for point in points for number in point.d})
    d: Floats = np.array(
        [[point.d.get(number, np.nan) for point in points] for number in numbers], dtype=np.float64
    )
    per_second = np.array([1 / point.seconds for point in points])
    prior = np.array([point.prior for point in points])
    at = crossing(per_second, d, outer, inner, seed=seed, prior=prior)
    return {"work_us": 1e6 / at.n, "work_us_low": 1e6 / at.high, "work_us_high": 1e6 / at.low}
