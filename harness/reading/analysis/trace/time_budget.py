"""The table ``time_budget``: where the time of all workers of a traced call went (rules 25, 26)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from harness.core.trace_format import Trace, TracedCall
from harness.reading.analysis.by_group import Row, to_table
from harness.reading.analysis.estimate_columns import estimate_columns
from harness.reading.analysis.trace.lanes import parts, useful
from harness.reading.analysis.verdict.estimates import median_interval


def time_budget(traces: Iterable[Trace]) -> pd.DataFrame:
    """Part the time of all workers of each traced call; one row a call.

    The parts sum to ``worker_seconds``, the number of workers times the length of the call, by
    construction: what no source explains stands in ``unexplained_seconds``. A part that the engine
    does not tell apart is absent, and ``untold`` says where its time is.

    ``load_balance`` is the mean over all workers of the seconds in which they computed tasks, over
    those of the busiest; ``communication_efficiency`` the busiest one's over the length of the
    call; ``parallel_efficiency`` their product: the multiplicative model of the POP project
    (https://co-design.pop-coe.eu/metrics/index.html). None is clamped.

    ``trace_cost`` is the median over the rounds of the length of a traced call over that of the
    untraced one beside it, with its exact interval.

    Parameters
    ----------
    traces : iterable of Trace

    Returns
    -------
    DataFrame
        Obeys ``schema.TIME_BUDGET``.
    """
    rows = [row for trace in traces for row in _rows(trace)]
    return to_table("time_budget", rows)


def _rows(trace: Trace) -> list[Row]:
    seconds = np.array([call.seconds for call in trace.calls])
    untraced = np.array([call.untraced_seconds for call in trace.calls])
    median = np.argsort(seconds, kind="stable")[seconds.size // 2]
    cost = median_interval(np.log(seconds / untraced))
    same = {
        "machine": trace.run.machine.name,
        **trace.run.model_dump(include={"run", "commit", "suite", "profile"}),
        **trace.case.model_dump(),
        "lanes": trace.lanes,
        "n_tasks": trace.n_tasks,
        "untold": "; ".join(f"{part}: {where}" for part, where in sorted(trace.untold.items()))
        or None,
        **estimate_columns("trace_cost", cost, np.exp),
    }
    return [
        same | {"round": number, "median_call": bool(number == median)} | _row(trace, call)
        for number, call in enumerate(trace.calls)
    ]


def _row(trace: Trace, call: TracedCall) -> Row:
    seconds_of = parts(call, trace.lanes)
    balance, communication = pop_factors(useful(call, trace.lanes), trace.lanes, call.seconds)
    return {
        "call_seconds": call.seconds,
        "worker_seconds": trace.lanes * call.seconds,
        **{
            f"{part}_seconds": None if part in trace.untold and not value else value
            for part, value in seconds_of.items()
        },
        "noting_tasks": len(call.tasks.start),
        "compute_cpu_seconds": sum(call.tasks.cpu),
        "load_balance": balance,
        "communication_efficiency": communication,
        "parallel_efficiency": balance * communication,
        "untraced_seconds": call.untraced_seconds,
    }


def pop_factors(
    useful_seconds: np.ndarray[Any, np.dtype[np.float64]], lanes: int, wall: float
) -> tuple[float, float]:
    """Load balance and communication efficiency of POP's multiplicative model.

    Parameters
    ----------
    useful_seconds : ndarray of float, shape (lanes or more,)
        Seconds in which each worker computed.
    lanes : int
        How many can compute at once.
    wall : float
        Length of the call in s.
    """
    most = float(useful_seconds.max())
    return float(useful_seconds.sum()) / lanes / most, most / wall
