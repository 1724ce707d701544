"""What a badge says of a machine: what an empty task costs, and from where on a workload pays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from harness.core.errors import InputError, UnknownNameError
from harness.core.records import Verdict
from harness.reading.report.glance.at_a_glance import Glance, GlanceCell, glances
from harness.reading.report.glance.task_costs import task_cost
from harness.reading.report.shown.cells import AGAINST_SERIAL, Row, absent
from harness.reading.report.shown.run_names import started

TABLES = ("cases", "break_even", "break_even_work")
"""The tables that badges are made of."""

EXECUTOR = "dask-threads"
"""The executor of a badge where none is asked for and the machine has it: that of the exercise."""

WORKLOAD = "random-sum"
_NAMES = {WORKLOAD: "sum"}
_COLOURS = {
    str(Verdict.PAYS): "0b6b3a",
    AGAINST_SERIAL: "2f6b4f",
    str(Verdict.OVERHEAD): "a3341d",
}
_OPEN_COLOUR = "5a5a5a"
_PAYS = {
    "found": "{name} pays {words}",
    "always pays": "{name} pays {words}",
    "not monotone": "whether the {name} pays varies",
}


@dataclass(frozen=True)
class Badge:
    """What a badge says.

    Attributes
    ----------
    machine, executor : str
    label, message : str
        Its two parts: ``"Dask threads"`` and ``"141 µs a task; sum pays from 1 million numbers"``.
    colour : str
        Six hexadecimal digits; by the verdict, which the words say as well.
    task : mapping or None
        The row of ``cases`` that says what an empty task costs; ``None`` where it is not known.
    cell : GlanceCell or None
        From where on the workload pays; ``None`` where it was not measured.
    measured : datetime or None
        When the newest run of the machine began.
    """

    machine: str
    executor: str
    label: str
    message: str
    colour: str
    task: Row | None
    cell: GlanceCell | None
    measured: datetime | None

    @property
    def line(self) -> str:
        """All that it says, in one line."""
        return f"{self.label}: {self.message}"

    @property
    def about(self) -> str:
        """On which machine it was measured, and when."""
        day = f", {self.measured:%Y-%m-%d}" if self.measured else ""
        return f"measured on {self.machine}{day}"

    def endpoint(self) -> dict[str, Any]:
        """The same for services that draw badges, such as shields.io's endpoint."""
        return {
            "schemaVersion": 1,
            "label": self.label,
            "message": self.message,
            "color": self.colour,
        }


def badges(
    tables: Mapping[str, pd.DataFrame],
    *,
    executor: str | None = None,
    workload: str = WORKLOAD,
) -> list[Badge]:
    """Make a badge for each machine.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        :data:`TABLES` at least, as in the schema.
    executor : str, optional
        Of which it speaks; :data:`EXECUTOR` by default, and where a machine has it not the one
        whose tasks cost least.
    workload : str
        What pays or does not.

    Raises
    ------
    InputError
        Where nothing was measured.
    UnknownNameError
        Where no executor or workload of that name was measured.
    """
    seen = glances({name: tables[name] for name in TABLES})
    if not seen:
        raise InputError("nothing was measured yet: chunkbench settle measures the exercise")
    families = {line.family for glance in seen for line in glance.lines}
    if workload not in families | {WORKLOAD}:
        raise UnknownNameError("workload", workload, sorted(families))
    known = {name for glance in seen for name in _executors(glance)}
    if executor is not None and executor not in known:
        raise UnknownNameError("executor", executor, sorted(known))
    return [_badge(glance, executor or _usual(glance), workload) for glance in seen]


def _executors(glance: Glance) -> list[str]:
    return [*glance.task_costs, *glance.executors]


def _usual(glance: Glance) -> str:
    known = _executors(glance)
    return EXECUTOR if EXECUTOR in known or not known else known[0]


def _badge(glance: Glance, executor: str, workload: str) -> Badge:
    lines = {line.family: line for line in glance.lines}
    cell = lines[workload].cells.get(executor) if workload in lines else None
    task = glance.task_costs.get(executor)
    parts = [
        f"{task_cost(task)} a task" if task is not None else "",
        "" if cell is None else _pays(cell, _NAMES.get(workload, workload)),
    ]
    words = executor.replace("-", " ")
    return Badge(
        glance.machine,
        executor,
        words[:1].upper() + words[1:],
        "; ".join(part for part in parts if part) or "not measured",
        _COLOURS.get(cell.kind, _OPEN_COLOUR) if cell else _OPEN_COLOUR,
        task,
        cell,
        started(max(glance.runs)),
    )


def _pays(cell: GlanceCell, name: str) -> str:
    """Say from where on it pays, so that it can be read without the grid around it."""
    status = str(cell.edge["status"])
    serial = " against serial" if cell.kind == AGAINST_SERIAL else ""
    if status == "never pays":
        return f"{name} {cell.words.replace('never', 'never pays', 1)}"
    if status in _PAYS:
        return _PAYS[status].format(name=name, words=cell.words) + serial
    if cell.pays:
        return f"{name} pays {cell.words}{serial}"
    return f"cannot tell yet whether the {name} pays"


def as_record(badge: Badge) -> dict[str, Any]:
    """A badge for JSON: its words, and the figures behind them with their intervals."""
    task = badge.task
    edge = None if badge.cell is None else badge.cell.edge
    return {
        "machine": badge.machine,
        "executor": badge.executor,
        "line": badge.line,
        "measured": badge.measured and badge.measured.isoformat(),
        "task_seconds": None if task is None else _per_task(task),
        "pays": None if edge is None or badge.cell is None else _edge(edge, badge.cell),
        "endpoint": badge.endpoint(),
    }


def _per_task(task: Row) -> dict[str, Any]:
    ends = {"point": "seconds", "low": "seconds_low", "high": "seconds_high"}
    shares = {name: _number(task[column]) for name, column in ends.items()}
    tasks = float(task["n_tasks"])
    return {
        **{name: None if value is None else value / tasks for name, value in shares.items()},
        "level": 0.95,
        "n": int(task["rounds"]),
    }


def _edge(edge: Row, cell: GlanceCell) -> dict[str, Any]:
    """The break-even behind the words: a chunk, or the work of an item in microseconds."""
    name = "work_us" if "work_us" in edge else "chunk"
    return {
        "status": str(edge["status"]),
        "verdict": cell.kind,
        "unit": "us of work an item" if name == "work_us" else "elements a chunk",
        "point": _number(edge[name]),
        "low": _number(edge[f"{name}_low"]),
        "high": _number(edge[f"{name}_high"]),
    }


def _number(value: object) -> float | None:
    return None if absent(value) else float(str(value))
