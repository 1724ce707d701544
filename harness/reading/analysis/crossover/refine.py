"""Choose the chunks that a sweep measures beyond its grid; count what that saved: rules 21, 22."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.core.records import Group, Verdict
from harness.reading.analysis.crossover.best import not_worse
from harness.reading.analysis.crossover.brackets import sign_change
from harness.reading.analysis.crossover.grid import WITHOUT_WORK
from harness.reading.analysis.verdict.costs import SERIAL
from harness.reading.analysis.verdict.estimates import LOOKS_LEVEL, median_interval, rounds_used
from harness.reading.analysis.verdict.moderated import prior_variance
from harness.reading.analysis.verdict.p_values import holm, sign_p
from harness.reading.analysis.verdict.ragged import row_medians
from harness.reading.analysis.verdict.rounds import CONFIRM, REFINE
from harness.reading.analysis.verdict.verdicts import judge

RESOLUTION = 1.2
"""Neighbours at a break-even that are this near, or nearer, are near enough: the bracket of the
tests is then within ``sqrt(2)`` (rule 21) where noise lets them tell the two from 1, and there is a
chunk measured inside it where noise does not."""

Rounds = Mapping[int, Mapping[int, float]]
"""Chunk to ``log(T1/TP)`` of each of its rounds."""


def refine(group: Group, rounds: Rounds, looks: Sequence[int] | None, purpose: str) -> list[int]:
    """Choose the chunks of *group* to measure next; an empty list where none would tell more.

    ``refine``
        A chunk between the two neighbours where the median changes sign, on each side whose
        bracket was found by :func:`harness.reading.analysis.crossover.brackets.sign_change`:
        bisection in the number of chunks. The place depends on the rounds of other chunks alone,
        so the verdict on the new chunk is what it would be had it been planned.
    ``confirm``
        The best chunk and the recommended one, to be measured anew: that they were chosen by
        their own rounds flatters them (rule 22).

    Parameters
    ----------
    group : Group
    rounds : mapping
        Of the grid and of the chunks added so far.
    looks : sequence of int or None
        Planned looks of the run.
    purpose : str
        ``refine`` or ``confirm``.
    """
    if group.workload in WITHOUT_WORK or group.executor in SERIAL:
        return []
    ordered = {
        chunk: [logs[number] for number in sorted(logs)]
        for chunk, logs in sorted(rounds.items())
        if logs
    }
    prior = {
        chunk: prior_variance([d for other, d in ordered.items() if other != chunk])
        for chunk in ordered
    }
    kept = {
        chunk: np.asarray(d[: rounds_used(len(d), looks)])
        for chunk, d in ordered.items()
        if median_interval(d, looks=looks, prior=prior[chunk]).low is not None
    }
    if len(kept) < 2:
        return []
    if purpose == CONFIRM:
        return _to_confirm({chunk: rounds[chunk] for chunk in kept}, looks, prior)
    middle = {chunk: float(np.median(d)) for chunk, d in kept.items()}
    verdicts = {chunk: judge(d, looks=looks, prior=prior[chunk]) for chunk, d in kept.items()}
    paying = [chunk for chunk, verdict in verdicts.items() if verdict is Verdict.PAYS]
    if not paying:
        return []
    sure = dict(zip(kept, holm([sign_p(d, looks, prior[chunk]) for chunk, d in kept.items()])))
    best = max(paying, key=lambda chunk: middle[chunk])
    halving = []
    for order in (list(kept), list(kept)[::-1]):
        chain = order[: order.index(best) + 1]
        change = sign_change(chain, [verdicts[c] for c in chain], [sure[c] for c in chain])
        if change.outer is not None and change.inner is not None:
            bracket = chain[change.outer : change.inner + 1]
            halving += _between(group.size, bracket, middle)
    return halving


def _between(size: int, bracket: Sequence[int], medians: Mapping[int, float]) -> list[int]:
    """Halve the gap of *bracket*, outermost chunk first, in which the median changes its sign."""
    outer, inner = next((a, b) for a, b in pairwise(bracket) if medians[b] >= 0 or b == bracket[-1])
    few, many = sorted((math.ceil(size / outer), math.ceil(size / inner)))
    if many / few <= RESOLUTION:
        return []
    chunk = math.ceil(size / round(math.sqrt(few * many)))
    return [chunk] if min(outer, inner) < chunk < max(outer, inner) else []


def _to_confirm(
    rounds: Rounds, looks: Sequence[int] | None, prior: Mapping[int, float]
) -> list[int]:
    used = {chunk: sorted(logs)[: rounds_used(len(logs), looks)] for chunk, logs in rounds.items()}
    numbers = sorted({number for each in used.values() for number in each})
    d = np.full((len(numbers), len(used)), np.nan)
    for i, (chunk, each) in enumerate(used.items()):
        d[np.searchsorted(numbers, each), i] = [rounds[chunk][number] for number in each]
    chunks = list(used)
    best = chunks[int(np.argmax(row_medians(d.T)))]
    spread = np.array([prior[chunk] for chunk in chunks])
    # The smallest chunk of the set has most tasks.
    return sorted({best, min(not_worse(chunks, d, LOOKS_LEVEL, looks, spread))})


class RefiningCost(NamedTuple):
    """What refining added to the grid of a group, and what that saved.

    Attributes
    ----------
    chunks_added : int or None
        ``None`` where nothing was added.
    pairs_saved : int or None
        Pairs that the full grid needs beyond those measured; negative where refining took more.
    """

    chunks_added: int | None
    pairs_saved: int | None


def refining_cost(chunk: NDArray[np.int64], purpose: NDArray[np.object_]) -> RefiningCost:
    """Compare the pairs measured with those of a full grid of the same resolution.

    That grid has the same ends, the ratio of the two nearest neighbours that refining made but
    none finer than :data:`RESOLUTION`, and as many rounds a chunk as the planned chunks got in the
    mean. All pairs that were measured are set against it, those that confirmed included.

    Parameters
    ----------
    chunk : ndarray of int, shape (pairs,)
        Of the pairs of one group that have a result.
    purpose : ndarray of object, shape (pairs,)
        What each pair was added for; ``None`` where it was planned.
    """
    refined = purpose == REFINE
    chunks = np.unique(chunk).tolist()
    added = set(chunk[refined].tolist())
    if not added:
        return RefiningCost(None, None)
    nearest = min(b / a for a, b in pairwise(chunks) if a in added or b in added)
    finest = max(nearest, RESOLUTION)
    full = 1 + math.ceil(round(math.log(chunks[-1] / chunks[0]) / math.log(finest), 6))
    planned = chunk[~refined & (purpose != CONFIRM)]
    rounds = planned.size / np.unique(planned).size
    return RefiningCost(len(added), round(full * rounds) - len(chunk))
