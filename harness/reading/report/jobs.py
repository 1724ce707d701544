"""How well jobs used what they were granted: a table, findings in plain words, or JSON."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from harness.core import units
from harness.reading.analysis.jobs.efficiency import Efficiency
from harness.reading.ingest.accounting.job import Job
from harness.reading.report.cells import ABSENT
from harness.reading.report.job_words import WORDS, duration, percent

WIDTH = 100
_COLUMNS = (
    "job",
    "state",
    "slots",
    "elapsed",
    "wait",
    "cores",
    "CPU",
    "memory",
    "of request",
)
_LEFT = frozenset({"job", "state"})


def text(found: Sequence[Efficiency]) -> str:
    """A line for each job with its figures, then for each job what they say."""
    file = io.StringIO()
    # Nothing of the terminal decides: the same listing gives the same text everywhere.
    console = Console(
        file=file,
        width=WIDTH,
        color_system=None,
        markup=False,
        highlight=False,
        emoji=False,
        force_terminal=False,
        _environ={},
    )
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in _COLUMNS:
        table.add_column(name, justify="left" if name in _LEFT else "right", overflow="fold")
    for one in found:
        table.add_row(*_cells(one))
    console.print(table)
    lines = [line.rstrip() for line in file.getvalue().rstrip().splitlines()]
    for one in found:
        lines += ["", f"job {_printable(_label(one.job))} ({_place(one.job)})"]
        for sentence in sentences(one):
            lines.append(
                textwrap.fill(sentence, WIDTH, initial_indent="  - ", subsequent_indent="    ")
            )
    return "\n".join(lines).lstrip("\n") + "\n"


def records(found: Sequence[Efficiency]) -> list[dict[str, Any]]:
    """Each job with all its fields, its figures and its findings in words; unknown is ``None``."""
    return [
        one.job.model_dump(mode="json")
        | one.model_dump(mode="json", exclude={"job", "findings"})
        | {"findings": sentences(one)}
        for one in found
    ]


def sentences(one: Efficiency) -> list[str]:
    """The findings and notes of a job in plain words."""
    said = [WORDS[finding](one) for finding in one.findings]
    return [_printable(sentence) for sentence in (*said, *one.job.notes)]


def _cells(one: Efficiency) -> tuple[str, ...]:
    job = one.job
    return (
        _printable(_label(job)),
        job.state.value,
        units.count(job.slots),
        duration(job.elapsed_seconds),
        duration(job.wait_seconds),
        ABSENT if one.cores_used is None else f"{_bound(job)}{one.cores_used:.2f}",
        ABSENT if one.cpu_efficiency is None else f"{_bound(job)}{percent(one.cpu_efficiency)}",
        f"{_part(job)}{units.size(job.max_memory_bytes)}",
        ABSENT if one.memory_efficiency is None else _part(job) + percent(one.memory_efficiency),
    )


def _bound(job: Job) -> str:
    return "≥" if job.cpu_is_lower_bound else ""


def _part(job: Job) -> str:
    return "≥" if job.memory_of == "largest task" and job.max_memory_bytes is not None else ""


def _label(job: Job) -> str:
    return job.job_id if job.attempts == 1 else f"{job.job_id} run {job.attempt}"


def _place(job: Job) -> str:
    return _printable(f"{job.name + ', ' if job.name else ''}{job.source}, {job.file}:{job.line}")


def _printable(line: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in line)
