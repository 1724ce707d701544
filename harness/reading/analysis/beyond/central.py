"""Apply the overhead model to any number of workers of a central scheduler.

``T(K, P) = c0 + max(K*s, K*o/P + W/S)`` (rule 24), for ``K`` tasks with work ``w = W/K`` each.
"""

from __future__ import annotations

from typing import NamedTuple

TARGET = 0.5
TASK_SECONDS = 0.1
"""Work in a task, in s, for which the workers are counted that the scheduler can feed."""


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
    """The work in a task at which ``T(K, P) = T1``; with less work in each, overhead wins.

    Solve ``T(K, P) = T1`` for the number of tasks, ``K = min((T1 - c0)/s, (T1 - c0 - T1/S)*P/o)``,
    and divide the work among them. The imbalance of the last wave is left out.

    Parameters
    ----------
    costs : Costs
        In s.
    workers : int
        ``P``.
    share : float
        ``S/P``, as in :func:`metg_seconds`.
    work : float
        ``T1``: all work, in s.

    Returns
    -------
    float
        ``T1/K`` in s; infinite where going parallel does not pay with any number of tasks.
    """
    left = work - costs.fixed
    gain = left - work / (share * workers)
    if left <= 0 or gain <= 0:
        return float("inf")
    return work * max(costs.serial / left, costs.parallel / (gain * workers))


def saturation_seconds(costs: Costs, workers: int, share: float) -> float:
    """The work in a task, in s, with which the scheduler just keeps *workers* busy.

    It is ``w = (P*s - o)*S/P``, from ``K*s = K*o/P + K*w/S``. With less work in a task, more
    workers gain nothing. Where it is negative, the workers run out before the scheduler does.

    Parameters
    ----------
    costs : Costs
        In s.
    workers : int
        ``P``.
    share : float
        ``S/P``, as in :func:`metg_seconds`.
    """
    return share * (workers * costs.serial - costs.parallel)


def saturation_workers(costs: Costs, share: float, task: float = TASK_SECONDS) -> float:
    """The number of workers that the scheduler can just keep busy: ``P* = (w*P/S + o)/s``.

    Parameters
    ----------
    costs : Costs
        In s.
    share : float
        ``S/P``, as in :func:`metg_seconds`.
    task : float
        ``w``: work in a task, in s.

    Returns
    -------
    float
        Infinite where the scheduler costs nothing.
    """
    if costs.serial <= 0:
        return float("inf")
    return (task / share + costs.parallel) / costs.serial
