"""Pin native threads before NumPy is loaded, and read them back inside every worker (rule 8)."""

from __future__ import annotations

import math
import os
import time
from typing import Any

from harness.core.errors import UsageError
from harness.core.records import WorkerProbe
from harness.running.host.machine import node_name

VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
PINS = ("1", "cores", "default")


def native_threads(pin: str, cores: float) -> int | None:
    """Return how many native threads *pin* allows each process; ``None`` for the engine's own.

    Parameters
    ----------
    pin : {"1", "cores", "default"}
    cores : float
        Usable cores; a fraction is rounded down, to at least 1.

    Raises
    ------
    UsageError
        For any other pin.
    """
    if pin not in PINS:
        raise UsageError(f"unknown pin {pin!r}: choose one of {', '.join(PINS)}")
    return {"1": 1, "cores": max(1, math.floor(cores)), "default": None}[pin]


def environment(pin: str, cores: float) -> dict[str, str]:
    """Return the variables that put *pin* on a new process; none for ``"default"``."""
    threads = native_threads(pin, cores)
    return {} if threads is None else dict.fromkeys(VARIABLES, str(threads))


def probe_worker(hold_seconds: float = 0.0, name_node: bool = False) -> WorkerProbe:
    """Look inside a worker: its process, native threads, affinity and pin variables.

    This runs inside a task.

    Parameters
    ----------
    hold_seconds : float
        Keep the worker busy for so long, so that the next probe lands on another one.
    name_node : bool
        Whether to say on which machine the worker runs.
    """
    import numpy  # noqa: F401, PLC0415 - a BLAS that is not loaded has no threads to read
    import threadpoolctl  # noqa: PLC0415 - workers of other workloads need not pay for it

    time.sleep(hold_seconds)
    threads = [int(pool["num_threads"]) for pool in threadpoolctl.threadpool_info()]
    return WorkerProbe(
        pid=os.getpid(),
        host=node_name() if name_node else None,
        native_threads=max(threads, default=None),
        affinity=sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None,
        environment={name: os.environ.get(name) for name in VARIABLES},
    )


_limits: list[Any] = []
"""Limits that :func:`limit_native_threads` put on this process."""


def limit_native_threads(threads: int) -> None:
    """Limit the native threads of this process, which runs already."""
    import numpy  # noqa: F401, PLC0415 - a BLAS that is not loaded cannot be limited
    import threadpoolctl  # noqa: PLC0415

    _limits.append(threadpoolctl.threadpool_limits(threads))


def release_native_threads() -> None:
    """Take all limits of :func:`limit_native_threads` back."""
    while _limits:
        _limits.pop().restore_original_limits()


def mismatch(pin: str, cores: float, probes: list[WorkerProbe]) -> str | None:
    """Say in which way *probes* do not show *pin*; ``None`` where they do.

    Libraries that threadpoolctl cannot see (Accelerate) are judged by their variables alone.
    """
    wanted = native_threads(pin, cores)
    if wanted is None:
        return None
    for probe in probes:
        if probe.native_threads is None:
            seen: int | str | None = probe.environment.get("OMP_NUM_THREADS")
            agrees = seen == str(wanted)
        else:
            seen, agrees = probe.native_threads, probe.native_threads == wanted
        if not agrees:
            return (
                f"pin not in force: {wanted} native threads asked, {seen} found in worker process"
            )
    return None
