"""The report of ``seff``, one or several after each other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from harness.reading.ingest.accounting import values
from harness.reading.ingest.accounting.fields import Fields, wrong
from harness.reading.ingest.accounting.job import (
    PARTLY_BOOKED,
    Job,
    ListingKind,
    MemoryOf,
    State,
    bounded,
)
from harness.reading.ingest.accounting.sacct_rows import state_of

_STATE = re.compile(r"([A-Z_]+)(?:.*?)(?:\(exit code ([0-9]+)\))?")
_OF_MEMORY = re.compile(r".*% of ([^()]+?)(?:\s*\(([^()/]+)/(core|node)\))?")
_OF_CORE_TIME = re.compile(r"([0-9.]+)% of (.+?) core-walltime")
_PER = {"core": "slot", "node": "node"}


def recognises(lines: Sequence[str]) -> bool:
    """Whether a report of seff starts somewhere."""
    return any(line.startswith("Job ID:") for line in lines)


def parse(lines: Sequence[str], file: str) -> list[Job]:
    """Read the jobs of a listing, one a report.

    Raises
    ------
    InputError
        Where a value cannot be read.
    """
    return [_job(report) for report in _reports(lines, file)]


def _reports(lines: Sequence[str], file: str) -> Iterator[Fields]:
    texts: dict[str, tuple[int, str]] = {}
    for number, line in enumerate(lines, start=1):
        name, colon, text = line.partition(":")
        if name == "Job ID":
            if texts:
                yield Fields(file, texts["Job ID"][0], texts)
            texts = {}
        if colon and (texts or name == "Job ID"):
            texts[name.strip()] = (number, text)
    if texts:
        yield Fields(file, texts["Job ID"][0], texts)


def _job(report: Fields) -> Job:
    job_id = report.text("Array Job ID", "Job ID")
    if job_id is None:
        raise wrong(report.file, report.line, "no id follows Job ID: run seff again")
    words = report.text("State") or ""
    match = _STATE.fullmatch(words)
    state = state_of(Fields(report.file, report.line, {"State": (1, match[1] if match else "")}))
    nodes = report.positive("Nodes")
    per_node = report.positive("Cores per node", "Cores")
    slots = per_node * (nodes or 1) if per_node else None
    elapsed, cpu = report.seconds("Job Wall-clock time"), report.seconds("CPU Utilized")
    share, core_seconds = _of_core_time(report)
    if elapsed is None and core_seconds is not None and slots:
        elapsed = core_seconds / slots
    if slots is None and core_seconds and elapsed:
        # Of whole seconds, so that only a whole number of cores can have given it.
        slots = round(core_seconds / elapsed) if core_seconds % elapsed == 0 else None
    if cpu is None and core_seconds is not None and share is not None:
        cpu = share * core_seconds
    memory, of = _memory(report)
    requested, each, per = _requested(report)
    return bounded(
        Job(
            job_id=job_id,
            source=ListingKind.SEFF,
            file=report.file,
            line=report.line,
            state=state,
            slots=slots,
            nodes=nodes,
            elapsed_seconds=elapsed,
            cpu_seconds=None if state is State.PENDING else cpu,
            cpu_is_lower_bound=state in PARTLY_BOOKED,
            max_memory_bytes=memory,
            memory_of=of,
            requested_memory_bytes=requested,
            requested_each_bytes=each,
            requested_per=per,
            exit_status=(
                report.parsed("State", match[2], values.count) if match and match[2] else None
            ),
        )
    )


def _of_core_time(report: Fields) -> tuple[float | None, float | None]:
    """The share and the core-seconds of ``23.53% of 00:00:34 core-walltime``."""
    text = report.text("CPU Efficiency")
    match = _OF_CORE_TIME.fullmatch(text or "")
    if match is None:
        return None, None
    share = report.parsed("CPU Efficiency", match[1], values.number) / 100
    return share, report.parsed("CPU Efficiency", match[2], values.seconds)


def _memory(report: Fields) -> tuple[float | None, MemoryOf]:
    """``1.93 GB (estimated maximum)``: then the largest task times the number of tasks."""
    text = report.text("Memory Utilized")
    if text is None:
        return None, MemoryOf.JOB
    amount, estimated, _ = text.partition("(")
    size = report.parsed("Memory Utilized", amount, values.size)
    return size or None, MemoryOf.TASKS_LIKE_LARGEST if estimated else MemoryOf.JOB


def _requested(report: Fields) -> tuple[float | None, float | None, str | None]:
    text = report.text("Memory Efficiency")
    match = _OF_MEMORY.fullmatch(text or "")
    if match is None:
        return None, None, None
    total = report.parsed("Memory Efficiency", match[1], values.size)
    if not total:
        return None, None, None
    if match[2] is None:
        return total, total, "job"
    return total, report.parsed("Memory Efficiency", match[2], values.size), _PER[match[3]]
