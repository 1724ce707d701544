"""What a central scheduler's costs mean for any number of workers: formulas of the overhead model.

``T(K, P) = c0 + max(K*s, K*o/P + W/S)`` (rule 24), for ``K`` tasks with work ``w = W/K`` each.
"""

from __future__ import annotations

from typing import NamedTuple

TARGET = 0.5
TASK_SECONDS = 0.1
"""Tasks for which the number of workers is told that can be fed."""


class Costs(NamedTuple):
    """The model's costs in s: ``c0`` a call, ``s`` and ``o`` a task."""

    fixed: float
    serial: float
    parallel: float


def metg_seconds(costs: Costs, workers: int, share: float, target: float = TARGET) -> float:
    """``max(P*s, o/(1 - e*P/S))``: the granularity at which efficiency is *target*.

    With many tasks a worker, ``g = P*T/K = max(P*s, o + w*P/S)`` for work ``w`` in a task, and
    efficiency is ``w/g``; put ``w = e*g``.

    Parameters
    ----------
    costs : Costs
        In s.
    workers : int
        ``P``.
    share : float
        ``S/P``: what each of P workers gives at once, of what one gives alone.
    target : float
        ``e``.

    Returns
    -------
    float
        In s; infinite where the hardware alone keeps efficiency below *target*.
    """
    if target >= share:
        return float("inf")
    return max(workers * costs.serial, costs.parallel / (1 - target / share))


def break_even_seconds(costs: Costs, workers: int, share: float, work: float) -> float:
    """The work in a task at which ``T(K, P) = T1``; with less in each, overhead wins.

    ``K = min((T1 - c0)/s, (T1 - c0 - T1/S)*P/o)`` tasks, without the imbalance of the last wave.

    Returns
    -------
    float
        ``T1/K`` in s; infinite where it does not pay with any number of tasks.
    """
    left = work - costs.fixed
    gain = left - work / (share * workers)
    if left <= 0 or gain <= 0:
        return float("inf")
    return work * max(costs.serial / left, costs.parallel / (gain * workers))


def saturation_seconds(costs: Costs, workers: int, share: float) -> float:
    """``(P*s - o)*S/P``: the work in a task at which the scheduler can just feed *workers*; with
    less in each, more workers gain nothing. Negative: the scheduler never binds first."""
    return share * (workers * costs.serial - costs.parallel)


def saturation_workers(costs: Costs, share: float, task: float = TASK_SECONDS) -> float:
    """``P* = (w*P/S + o)/s``: the workers that tasks with work *task* can feed."""
    if costs.serial <= 0:
        return float("inf")
    return (task / share + costs.parallel) / costs.serial
