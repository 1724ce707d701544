"""What is timed of a work before it is forecast, a row a round."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from harness.reading.analysis.verdict.estimates import Floats


class Cuts(NamedTuple):
    """Ways to cut the work, the number of chunks rising.

    ``n_chunks``, ``n_tasks`` and ``gather`` have the shape (cuts,), ``build`` (rounds, cuts).
    """

    n_chunks: Floats
    n_tasks: Floats
    build: Floats
    gather: Floats


class Work(NamedTuple):
    """Cuts that were timed, rising in the number of chunks.

    ``n_chunks`` has the shape (timed,), ``serial`` (rounds, timed), and so has each of
    ``speedups``, number of copies at once to ``S``.
    """

    n_chunks: Floats
    serial: Floats
    speedups: Mapping[int, Floats]


class EmptyCalls(NamedTuple):
    """How long calls of empty tasks took: one call of few tasks and one of many.

    Attributes
    ----------
    tasks : tuple of int
        Number of tasks of the two calls, the fewer first.
    times : mapping of int to ndarray of float, shape (rounds, 2)
        Number of workers to the times of the two calls.
    """

    tasks: tuple[int, int]
    times: Mapping[int, Floats]

    def costs(self, p: int) -> tuple[float, float]:
        """``c0`` and the cost of a task with *p* workers, from the medians over all rounds."""
        middle = np.median(self.times[p], axis=0)[np.newaxis]
        c0, each = lines(middle, *self.tasks)
        return float(c0[0]), float(each[0])


class SerialWay(NamedTuple):
    """What the forecasts are compared with, where it was timed by itself.

    Attributes
    ----------
    serial : ndarray of float, shape (rounds, ways), or None
        The user's own serial way on one native thread; ``None``: the shortest serial run of a cut.
    all_cores : ndarray of float, shape (rounds, ways), or None
        The serial way with native threads on all cores; of several the shortest counts.
    """

    serial: Floats | None
    all_cores: Floats | None


NOT_TIMED = SerialWay(None, None)


def lines(times: Floats, few: int, many: int) -> tuple[Floats, Floats]:
    """``c0`` and the cost of a task, by lines through calls of *few* and of *many* empty tasks.

    Through the middles of both rather than the middle of lines: between *few* and *many* tasks it
    is then never below 0, whatever single rounds did. No draw lets a task cost less than nothing.

    Parameters
    ----------
    times : ndarray of float, shape (1 + draws, 2)
        Of the call of few tasks and of the call of many, in any unit, the point first.
    few, many : int
        Numbers of tasks.

    Returns
    -------
    tuple of ndarray of float, each of shape (1 + draws,)
        In the unit of *times*.
    """
    slope = (times[:, 1] - times[:, 0]) / (many - few)
    slope[1:] = np.maximum(slope[1:], 0.0)
    return times[:, 0] - few * slope, slope
