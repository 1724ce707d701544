"""What an empty task costs on each executor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from harness.core import units
from harness.core.records import Status
from harness.reading.analysis.models.empty import EMPTY
from harness.reading.report.shown.cells import Row, absent, interval


def task_costs(cases: Iterable[Row], no_promise: frozenset[str]) -> dict[str, Row]:
    """The case that says what an empty task costs on each executor, the cheapest first.

    Of the newest run, with as many tasks as were measured: there the fixed cost of a call weighs
    least.

    Parameters
    ----------
    cases : iterable of mapping
        Rows of ``cases``, of one machine.
    no_promise : frozenset of str
        Profiles whose rows are only taken where there are no others.
    """
    costs: dict[str, Row] = {}

    def rank(row: Row) -> tuple[Any, ...]:
        return row["profile"] not in no_promise, row["run"], row["workers"], row["n_tasks"]

    for row in filter(_tells, cases):
        name = str(row["executor"])
        if name not in costs or rank(row) > rank(costs[name]):
            costs[name] = row
    return dict(sorted(costs.items(), key=lambda item: _seconds(item[1], "")))


def task_cost(row: Row) -> str:
    """Say what a task costs, in short: ``"141 µs"``."""
    return units.seconds(_seconds(row, ""))


def task_cost_in_full(row: Row) -> str:
    """The same with its interval, and how many tasks it was measured on."""
    ends = (_seconds(row, end) for end in ("", "_low", "_high"))
    shown = interval((next(ends), next(ends), next(ends)), units.seconds)
    return f"{shown}, of {units.count(row['n_tasks'])} tasks"


def _tells(row: Row) -> bool:
    return (
        row["workload"] == EMPTY
        and row["status"] == Status.OK
        and row["workers"] > 1
        and row["oversubscribed"] is not True
        and not absent(row["n_tasks"])
        and not absent(row["seconds"])
    )


def _seconds(row: Mapping[str, Any], end: str) -> float:
    value = row[f"seconds{end}"]
    return float("nan") if absent(value) else float(value) / float(row["n_tasks"])
