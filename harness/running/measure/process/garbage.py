"""Collect what earlier calls left, without looking through all that was imported each time."""

from __future__ import annotations

import gc
import sys

FULL_EVERY = 16
"""After so many collections of what is new alone, everything is looked through: a call may have let
go of what an earlier one kept."""

GENERATIONS = sys.version_info < (3, 14)
"""Whether the collector has a generation that holds what is new since the last full collection;
from Python 3.14 on it goes by increments."""


class Garbage:
    """The garbage of this process.

    To look through all objects takes 0.04 to 0.1 s where Dask is imported, which is longer than
    most calls, and finds nothing that a look at the new ones does not find, as long as Python
    has not taken any of these for old. It does so each time it has collected on its own, some
    8 000 new objects later; then everything is looked through.
    """

    def __init__(self) -> None:
        self._of_new = FULL_EVERY

    def collect(self) -> None:
        """Collect it."""
        grown_old = gc.get_count()[2] != self._of_new
        if not GENERATIONS or grown_old or self._of_new >= FULL_EVERY:
            gc.collect()
            self._of_new = 0
        else:
            gc.collect(1)
            self._of_new += 1
