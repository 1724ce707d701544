"""Clusters that choose their own size, by ``cluster.adapt``."""

from __future__ import annotations

from typing import Any

from harness.core.errors import UsageError
from harness.running.executors import options


def least_workers(most: int) -> int | None:
    """Return how many of *most* workers ``cluster.adapt`` is to keep; ``None`` for a fixed size.

    Raises
    ------
    UsageError
        Where the user asks for more than *most*.
    """
    least = options.adapt()
    if least is not None and least > most:
        raise UsageError(f"{options.ADAPT} is {least}, of at most {most} workers: give fewer")
    return least


def let_adapt(cluster: Any, least: int, most: int) -> tuple[int, dict[str, object]]:
    """Let *cluster* choose its size between *least* and *most* workers.

    Returns the workers that are there from the start, and the settings to record.
    """
    cluster.adapt(minimum=least, maximum=most)
    return least, {
        "adapt.minimum": least,
        "adapt.maximum": most,
        "cluster": f"adaptive: {least} to {most} workers",
    }
