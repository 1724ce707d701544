"""Find where a convex curve through a bracket crosses a level, with an interval: rule 21 (b)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.reading.analysis.verdict.estimates import Floats
from harness.reading.analysis.verdict.moderated import (
    DEFAULT_PRIOR,
    MIN_MODERATED,
    MOST_MODERATED,
    moderated,
)
from harness.reading.analysis.verdict.ragged import row_medians

DRAWS = 2000


class Crossing(NamedTuple):
    """Number of chunks at the crossing, with the ends of its interval, ``low <= n <= high``."""

    n: float
    low: float
    high: float


def convex_bounds(n: Floats, y: Floats, target: float = 1.0) -> tuple[Floats, Floats]:
    """Bound the place at which a convex curve can cross *target*, from below and from above.

    A convex curve lies below its chord across the bracket and, inside the bracket, above the
    extensions of the two segments next to it. So its crossing lies between that of the chord and
    the nearer of those two. An extension that does not rise towards the outer end tells nothing.
    Where noise bends the points the wrong way, the two places come out in the other order; they
    are returned sorted, which keeps both.

    Parameters
    ----------
    n : ndarray of float, shape (..., 4)
        Numbers of chunks, strictly rising or falling: outer neighbour, outer end of the bracket,
        inner end, inner neighbour. A neighbour that the grid lacks is NaN.
    y : ndarray of float, shape (..., 4)
        ``TP/T1`` there; above *target* at the outer end, below it at the inner end. Where a
        resampled point is on the wrong side, the place is clipped to the bracket.
    target : float
        Level to cross.

    Returns
    -------
    tuple of ndarray, each of shape (...)
        Places as fractions of the bracket: 0 at its inner end, 1 at its outer end.
    """
    # In t the bracket is 0 to 1 on either side of the best chunk: n may rise or fall with it.
    t = (n - n[..., 2:3]) / (n[..., 1:2] - n[..., 2:3])
    with np.errstate(divide="ignore", invalid="ignore"):
        chord = (target - y[..., 2]) / (y[..., 1] - y[..., 2])
        outer_rise = (y[..., 0] - y[..., 1]) / (t[..., 0] - 1)
        inner_rise = (y[..., 2] - y[..., 3]) / -t[..., 3]
        outer = np.where(outer_rise > 0, 1 - (y[..., 1] - target) / outer_rise, 1.0)
        inner = np.where(inner_rise > 0, (target - y[..., 2]) / inner_rise, 1.0)
    chord = np.where(y[..., 1] <= target, 1.0, np.where(y[..., 2] >= target, 0.0, chord))
    chord, outer, inner = (np.clip(place, 0.0, 1.0) for place in (chord, outer, inner))
    far = np.minimum(outer, inner)
    return np.minimum(chord, far), np.maximum(chord, far)


def crossing(
    n: Floats,
    d: Floats,
    outer: int,
    inner: int,
    target: float = 1.0,
    seed: int = 0,
    draws: int = DRAWS,
    prior: Floats | None = None,
) -> Crossing:
    """Find the crossing of ``TP/T1 = target`` inside a bracket, and its 95 % interval.

    The point is the geometric middle of the two places of :func:`convex_bounds`; the interval
    runs from the 2.5 % quantile of the lower to the 97.5 % quantile of the upper over a bootstrap
    of rounds, and is widened to the point where it should miss it. Where chunks that could not be
    decided lie in the bracket, its bounds are taken between those two neighbours at which the
    (resampled) ratio crosses, which holds for a convex curve all the same and uses what was
    measured there; should it cross several times, the outermost and the innermost both count.

    Rounds are drawn whole, so that what a round's points share is kept; as points may have
    different rounds, they are drawn within the sets of rounds that the same points have, and each
    point keeps its number of rounds. A point of 2 to 5 rounds is drawn from its moderated t
    instead, ``mean + s/sqrt(n) t``: two rounds drawn from two are the same ones half of the time.

    Parameters
    ----------
    n : ndarray of float, shape (points,)
        Numbers of chunks, strictly rising or falling, outermost first.
    d : ndarray of float, shape (rounds, points)
        ``log(T1/TP)``, NaN where a point did not run in a round.
    outer, inner : int
        Positions of the ends of the bracket, ``outer < inner``.
    target : float
        Level of ``TP/T1`` to cross: 1 for the break-even.
    seed : int
        Seed of the bootstrap.
    draws : int
        Bootstrap samples.
    prior : ndarray of float, shape (points,), optional
        Variance of a round in other cases.
    """
    if prior is None:
        prior = np.full(n.size, DEFAULT_PRIOR)
    start, stop = max(outer - 1, 0), min(inner + 2, n.size)
    n, d, prior = n[start:stop], d[:, start:stop], prior[start:stop]
    ends = (outer - start, inner - start)
    has = ~np.isnan(d)
    rng = np.random.default_rng(seed)
    rows = draw_rounds(has, draws, rng)
    y = np.empty((1 + draws, n.size))  # first the rounds as measured, then the resampled ones
    for i in range(n.size):
        own = d[has[:, i], i]
        if MIN_MODERATED <= own.size <= MOST_MODERATED:
            mean, error, freedom = moderated(own[None], prior[i])
            y[0, i] = np.exp(-mean[0])
            y[1:, i] = np.exp(-mean - error * rng.standard_t(freedom, draws))
        else:
            y[0, i] = np.exp(-np.median(own))
            y[1:, i] = np.exp(-row_medians(d[rows[:, has[:, i]], i]))
    lower, upper = _places(n, y, ends, target)
    middle = float(np.sqrt(lower[0] * upper[0]))
    low = float(np.quantile(lower[1:], 0.025))
    high = float(np.quantile(upper[1:], 0.975))
    return Crossing(middle, min(low, middle), max(high, middle))


def _places(n: Floats, y: Floats, ends: tuple[int, int], target: float) -> tuple[Floats, Floats]:
    outer, inner = ends
    above = y[:, outer : inner + 1] > target
    above[:, 0], above[:, -1] = True, False  # shown by the tests; a resample may say otherwise
    first_below = np.argmin(above, axis=1)
    last_above = above.shape[1] - 1 - np.argmax(above[:, ::-1], axis=1)
    places: list[Floats] = []
    for position in (first_below - 1, last_above):
        # One column of NaN on either side stands for the neighbours that the grid lacks.
        four = outer + position[:, None] + np.arange(4)
        part = np.pad(n, 1, constant_values=np.nan)[four]
        ratios = np.pad(y, ((0, 0), (1, 1)), constant_values=np.nan)
        bounds = convex_bounds(part, np.take_along_axis(ratios, four, axis=1), target)
        places += [part[:, 2] + t * (part[:, 1] - part[:, 2]) for t in bounds]
    return np.min(places, axis=0), np.max(places, axis=0)


def draw_rounds(
    present: NDArray[np.bool_], draws: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Draw whole rounds with replacement, within each set of rounds that the same points have.

    Parameters
    ----------
    present : ndarray of bool, shape (rounds, points)
        Whether a point ran in a round.
    draws : int
        Bootstrap samples.
    rng : Generator

    Returns
    -------
    ndarray of int, shape (draws, rounds)
        Rounds; in the columns of a point's rounds there are rounds of that point only.
    """
    rows = np.empty((draws, len(present)), dtype=np.int64)
    _, pattern = np.unique(present, axis=0, return_inverse=True)
    for value in range(int(pattern.max()) + 1):
        members = np.flatnonzero(pattern == value)
        # Same pattern in the same columns: a point's rounds stay in the columns that it has.
        rows[:, members] = rng.choice(members, size=(draws, members.size))
    return rows
