"""How the time budget of a traced case is shown: a line for each part, and the factors below."""

from __future__ import annotations

from collections import Counter

import pandas as pd

from harness.core import units
from harness.reading.analysis.by_group import records
from harness.reading.analysis.trace.lanes import PARTS
from harness.reading.report.shown.cells import ABSENT, Row, absent, estimate, number, text
from harness.reading.report.shown.section import Chapter, Section

SHOWN = (*PARTS, "unexplained")
"""The parts, in the order of a call, and what is left."""
MEANING = {
    "build": "the caller made the plan",
    "optimise": "the graph was optimised",
    "serialise": "tasks or results were turned into bytes",
    "submit": "the caller handed the tasks over",
    "schedule": "a task was ready and not handed out",
    "transfer": "a task or its result was on its way",
    "compute": "inside tasks",
    "gather": "from the end of the last task to the answer",
    "idle": "no task was ready for the worker",
    "unexplained": "what is left",
}


def chapter(frame: pd.DataFrame) -> Chapter:
    """Make the chapter of the table ``time_budget``: of each trace the call of median length."""
    rows = records(frame)
    rounds = Counter(row["run"] for row in rows)
    return Chapter(
        "time budget of traced calls",
        [_section(row, rounds[row["run"]]) for row in rows if row["median_call"]],
        "nothing traced yet: chunkbench trace CASE",
    )


def share(row: Row, part: str) -> float | None:
    """Return the share of all worker seconds that *part* takes; ``None`` where it is not known."""
    value = row[f"{part}_seconds"]
    return None if absent(value) else float(value) / float(row["worker_seconds"])


def _section(row: Row, rounds: int) -> Section:
    where = dict(part.split(": ", 1) for part in text(row["untold"]).split("; ") if ": " in part)
    cells: list[tuple[str, ...]] = [
        (
            part,
            number(row[f"{part}_seconds"], units.seconds),
            number(share(row, part), _per_cent),
            where.get(part, MEANING[part]) if absent(row[f"{part}_seconds"]) else MEANING[part],
        )
        for part in SHOWN
    ]
    total = float(row["worker_seconds"])
    cells.append(("all workers", units.seconds(total), "100 %", _lanes(row)))
    title = (
        f"{text(row['workload'])} on {text(row['executor'])}, chunk "
        f"{number(row['chunk'], units.count)}, {number(row['workers'], units.count)} workers, pin "
        f"{text(row['pin'])}: on {text(row['machine'])}, run {text(row['run'])}"
    )
    return Section(title, ("part", "time", "share", "what it is"), cells, 0, _notes(row, rounds))


def _lanes(row: Row) -> str:
    return (
        f"{number(row['lanes'], units.count)} workers x {units.seconds(float(row['call_seconds']))}"
    )


def _notes(row: Row, rounds: int) -> list[str]:
    factors = (
        f"load balance {number(row['load_balance'], units.ratio)}, communication efficiency "
        f"{number(row['communication_efficiency'], units.ratio)}, parallel efficiency "
        f"{number(row['parallel_efficiency'], units.ratio)} (their product)"
    )
    cost = estimate(row, "trace_cost", units.ratio)
    noting, tasks = (number(row[name], units.count) for name in ("noting_tasks", "n_tasks"))
    cpu = number(row["compute_cpu_seconds"], units.seconds)
    return [
        f"POP: {factors}",
        f"CPU time inside tasks {cpu}; {noting} tasks noted when they ran, of {tasks} scheduled",
        f"the call of median length of {rounds}; tracing made calls {cost} times as long",
    ]


def _per_cent(value: float | None) -> str:
    return ABSENT if value is None else f"{100 * value + 0.0:.1f} %".replace("-0.0 %", "0.0 %")
