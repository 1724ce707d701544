"""Replay the drift of a real machine, recorded once, for the scripted bench (rule 29)."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Callable
from functools import cache
from importlib.resources import files

import numpy as np

FILE = "drift.npz"


@cache
def recording() -> tuple[list[float], list[float]]:
    """Return seconds since the start, and the kernel's time at each over its median.

    A fixed serial kernel of 2.6 ms, half plain Python and half NumPy, was timed every 20 ms for
    seven minutes on a virtual machine of 2 cores on which others were at work, with nothing left
    out. Both have shape (samples,); the first rises.
    """
    path = files("harness.apps.selftest") / "data" / FILE
    with path.open("rb") as file, np.load(file) as data:
        times = np.cumsum(data["step_ms"].astype(np.float64)) * 1e-3
        took = data["took_us"].astype(np.float64)
    return times.tolist(), (took / np.median(took)).tolist()


def recorded_drift(seed: int) -> Callable[[float], float]:
    """Return the recorded drift from a random place on: seconds of a fake clock to a factor.

    Past its end the recording starts again from its beginning.

    Parameters
    ----------
    seed : int
        Chooses the place.
    """
    times, factors = recording()
    length = times[-1]
    begin = random.Random(seed).uniform(0, length)

    def drift(seconds: float) -> float:
        return factors[bisect_right(times, (begin + seconds) % length) - 1]

    return drift
