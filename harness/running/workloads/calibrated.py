"""How many iterations of the spin last a microsecond here: measured once a run, then a number.

The process that measures a run measures it once and hands it to every child that it starts, so that
baseline and workers do the same work, and answers can be checked. It is never a wait for the clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from statistics import median
from time import perf_counter

from harness.core.work_families import family_of
from harness.running.workloads.spin_task import iterate

SETTING = "work.iterations_per_us"
"""The setting of a run in its journal."""
ITERATIONS = 20_000
REPEATS = 15
_kept: list[float] = []


def iterations_per_us() -> float:
    """What this process was told to keep, else what it measures, once."""
    return _kept[-1] if _kept else _measured()


def keep(per_us: float | None) -> None:
    """Use *per_us* from now on; ``None`` for what this process measures itself."""
    _kept[:] = [] if per_us is None else [per_us]


def keep_setting(settings: Mapping[str, object]) -> None:
    """Use what the *settings* of a run say, which may go on from an earlier process."""
    per_us = settings.get(SETTING)
    keep(float(per_us) if isinstance(per_us, int | float) else None)


def needed_by(workloads: Iterable[str]) -> float | None:
    """The iterations of a microsecond where one of *workloads* has added work, else ``None``."""
    return iterations_per_us() if any(family_of(name)[1] for name in workloads) else None


@cache
def _measured() -> float:
    seconds = []
    for _ in range(REPEATS):
        begin = perf_counter()
        iterate(1, ITERATIONS)
        seconds.append(perf_counter() - begin)
    return float(f"{ITERATIONS / median(seconds) / 1e6:.4g}")
