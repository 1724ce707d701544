"""The committed results as a template of a night: formats for its lines, and its times."""

from __future__ import annotations

import json
from collections.abc import Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.core.errors import InputError

VARIED = (
    "parallel_seconds",
    "serial_seconds",
    "replay_seconds",
    "gap_seconds",
    "parallel_cpu_seconds",
)
"""The times of a pair that differ from night to night, in the order of a journal's line."""

_CASE = ("workload", "size", "executor", "workers", "pin", "chunk")

Floats = npt.NDArray[np.float64]


@dataclass
class SuiteLines:
    """The lines of one committed journal, ready for other runs, times and moments.

    Attributes
    ----------
    suite : str
    stamp : str
        The time of day at which it starts.
    run, end : dict
        Its first and last line.
    lines : list of (bool, str)
        The others in order, as ``%`` formats: whether it has a result, which takes the run, the
        day and :data:`VARIED`; the others take the run alone.
    is_pair : list of bool
        Which of *lines* are pairs.
    times : array, shape (results, varied)
        The committed times of those with a result.
    case : array of int, shape (results,)
        The number of the case of each.
    tasks : array, shape (results,)
    """

    suite: str
    stamp: str
    run: dict[str, Any]
    end: dict[str, Any]
    lines: list[tuple[bool, str]] = field(default_factory=list)
    is_pair: list[bool] = field(default_factory=list)
    times: Floats = field(default_factory=lambda: np.empty((0, len(VARIED))))
    case: npt.NDArray[np.intp] = field(default_factory=lambda: np.empty(0, dtype=np.intp))
    tasks: Floats = field(default_factory=lambda: np.empty(0))


def committed_night(machine: Path) -> tuple[list[SuiteLines], dict[str, Any]]:
    """The journals of the last commit that ASV has a file of, of the suites in it, and that file.

    Raises
    ------
    InputError
        Where ASV has no file in the folder of this *machine*.
    """
    files = sorted(path for path in machine.glob("*-*.json"))
    if not files:
        raise InputError(f"{machine}: no file of ASV's in it: choose another folder")
    asv_file = json.loads(files[-1].read_text())
    named = {name.partition(".")[0] for name in asv_file["results"]}
    suites = [
        lines
        for path in sorted(machine.glob("journal/*.jsonl"))
        if (lines := _suite_lines(path, asv_file["commit_hash"], named)) is not None
    ]
    return suites, asv_file


def _suite_lines(path: Path, commit: str, suites: Set[str]) -> SuiteLines | None:
    """Turn the journal at *path* into formats, if it is of *commit* and of one of *suites*."""
    records = [json.loads(line) for line in path.read_bytes().splitlines()]
    run, end = records[0], records[-1]
    if run["commit"] != commit or run["suite"] not in suites:
        return None
    stamp = run["run"].partition("T")[2].partition("Z")[0]
    lines = SuiteLines(run["suite"], stamp, run, end)
    times, cases, tasks = [], [], []
    known: dict[tuple[Any, ...], int] = {}
    for record in records[1:-1]:
        has_result = record["kind"] == "pair" and record["status"] == "ok"
        if has_result:
            times.append([record[name] or np.nan for name in VARIED])
            cases.append(known.setdefault(tuple(record[name] for name in _CASE), len(known)))
            tasks.append(record["n_tasks"])
        lines.lines.append((has_result, _format(record, has_result)))
        lines.is_pair.append(record["kind"] == "pair")
    lines.times, lines.case = np.array(times, dtype=float), np.array(cases)
    lines.tasks = np.array(tasks, dtype=float)
    return lines


def _format(record: dict[str, Any], has_result: bool) -> str:
    """A line as a ``%`` format; an absent time takes its value and prints none."""
    marked = record | {"run": "@run@"}
    if has_result:
        marked |= {"t": f"@day@T{record['t'].partition('T')[2]}"}
        marked |= {name: f"@{name}@" for name in VARIED if record[name] is not None}
    text = compact_json(marked).replace("%", "%%").replace("@run@", "%s").replace("@day@", "%s")
    for name in VARIED if has_result else ():
        absent = f'"{name}":null'
        text = text.replace(f'"@{name}@"', "%r").replace(absent, f"{absent}%.0s")
    return text


def compact_json(record: dict[str, Any]) -> str:
    """Write a line of a journal as it is written there."""
    return json.dumps(record, separators=(",", ":"))
