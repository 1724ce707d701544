"""``qacct -j`` of Grid Engine in its dialects (SGE 6, Son of Grid Engine, Univa, Altair)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from harness.reading.ingest.accounting import values
from harness.reading.ingest.accounting.fields import Fields, between, date, wrong
from harness.reading.ingest.accounting.job import (
    PARTLY_BOOKED,
    Job,
    ListingKind,
    MemoryOf,
    bounded,
)
from harness.reading.ingest.accounting.qacct_end import asked_seconds, leading, state_of

_RULE = re.compile(r"={10,}")
_FIELD = re.compile(r"([a-z][a-z_0-9]*)(?:\s+(.*))?", re.IGNORECASE)
_LIMIT = re.compile(r"(?:^|[\s,])h_vmem=([^,\s]+)")
_COUNTED = 1.01


def recognises(lines: Sequence[str]) -> bool:
    """Whether a record of ``qacct -j`` starts somewhere."""
    return any(_starts(line) for line in lines)


def parse(lines: Sequence[str], file: str) -> list[Job]:
    """Read the jobs of a listing; add up the parallel tasks of a job, number the runs of a requeued
    one.

    Raises
    ------
    InputError
        Where a value or a record cannot be read.
    """
    records = [_Run(fields) for fields in _records(lines, file)]
    # Grid Engine lists the records of one job together, in order of their end.
    grouped: dict[str, list[_Run]] = {}
    for record in records:
        grouped.setdefault(record.job_id, []).append(record)
    return [job for same in grouped.values() for job in _jobs(same)]


def _starts(line: str) -> bool:
    return line.split()[:1] == ["qname"]


def _records(lines: Sequence[str], file: str) -> Iterator[Fields]:
    texts: dict[str, tuple[int, str]] = {}
    after_rule = False
    for number, line in enumerate([*lines, ""], start=1):
        match = _FIELD.fullmatch(line.strip())
        rule = _RULE.fullmatch(line.strip()) is not None
        again = _starts(line) and "qname" in texts
        if texts and (rule or again or not line.strip()):
            if {"qname", "jobnumber"} & set(texts):
                yield Fields(file, min(place for place, _ in texts.values()), texts)
            texts = {}
        if match and not rule and (texts or after_rule or _starts(line)):
            name = match[1].lower()
            if name in texts and {"qname", "jobnumber"} & set(texts):
                raise wrong(file, number, f"{name} is there twice in one record: list the job anew")
            texts[name] = (number, match[2] or "")
        after_rule = rule or (after_rule and not line.strip())


class _Run:
    """One record with what is needed to tell requeues from parallel tasks."""

    def __init__(self, fields: Fields) -> None:
        self.fields = fields
        number = fields.text("jobnumber")
        if number is None:
            raise wrong(
                fields.file,
                fields.line,
                "this record of qacct has no jobnumber: it was cut off; run qacct -j again",
            )
        task = fields.text("taskid")
        self.job_id = number if task is None else f"{number}.{task}"
        self.start, self.end = fields.moment("start_time"), fields.moment("end_time")
        self.pe_task = fields.text("pe_taskid")

    def goes_with(self, others: Sequence[_Run]) -> bool:
        """Whether this is a parallel task of the same run as *others*: it is named as one, or they
        ran at the same time."""
        if self.pe_task is not None or any(other.pe_task is not None for other in others):
            return True
        return any(self._overlaps(other) for other in others)

    def _overlaps(self, other: _Run) -> bool:
        if self.start is None or self.end is None or other.start is None or other.end is None:
            return False
        return self.start < other.end and other.start < self.end

    def same(self, other: _Run) -> bool:
        return {name: text for name, (_, text) in self.fields.texts.items()} == {
            name: text for name, (_, text) in other.fields.texts.items()
        }


def _jobs(records: Sequence[_Run]) -> Iterator[Job]:
    once: list[_Run] = []
    for record in records:
        if not any(record.same(other) for other in once):
            once.append(record)
    runs: list[list[_Run]] = []
    for record in once:
        if runs and record.goes_with(runs[-1]):
            runs[-1].append(record)
        else:
            runs.append([record])
    again = len(records) - len(once)
    notes = [f"{again} of its records are there more than once: read once"] if again else []
    for attempt, run in enumerate(runs, start=1):
        job = _merged(run)
        yield job.model_copy(
            update={
                "attempt": attempt,
                "attempts": len(runs),
                "notes": (*job.notes, *notes),
            }
        )


def _merged(run: Sequence[_Run]) -> Job:
    """One job from its master record and the records of its parallel tasks, added up."""
    # The master is the record without a task's name, else the one that ran longest.
    jobs = [_job(record) for record in run]
    if len(jobs) == 1:
        return jobs[0]
    masters = [job for job, record in zip(jobs, run) if record.pe_task is None] or jobs
    master = max(masters, key=lambda job: job.elapsed_seconds or 0.0)
    hosts = {host for record in run if (host := record.fields.text("hostname"))}
    slots = max((job.slots for job in jobs if job.slots is not None), default=None)
    each = master.requested_each_bytes
    return master.model_copy(
        update={
            "line": min(job.line for job in jobs),
            "slots": slots,
            "nodes": len(hosts) or None,
            "elapsed_seconds": max(
                (job.elapsed_seconds for job in jobs if job.elapsed_seconds is not None),
                default=None,
            ),
            "cpu_seconds": _total([job.cpu_seconds for job in jobs]),
            "max_memory_bytes": _total([job.max_memory_bytes for job in jobs]),
            "memory_of": MemoryOf.TASKS,
            "cpu_is_lower_bound": any(job.cpu_is_lower_bound for job in jobs),
            "requested_memory_bytes": None if each is None or slots is None else each * slots,
            "involuntary_switches": _whole(_total([job.involuntary_switches for job in jobs])),
            "notes": (f"{len(jobs)} records of its parallel tasks are added up",),
        }
    )


def _total(parts: Sequence[float | None]) -> float | None:
    """The sum, or ``None`` if a part is unknown: a sum of the rest would be too small."""
    known = [part for part in parts if part is not None]
    return sum(known) if known and len(known) == len(parts) else None


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


def _job(record: _Run) -> Job:
    fields = record.fields
    code, status = leading(fields, "failed"), leading(fields, "exit_status")
    wall, clock = fields.seconds("ru_wallclock"), between(record.start, record.end)
    cpu = fields.seconds("cpu")
    slots = fields.positive("slots")
    each = _requested(fields)
    # All ru_ fields are 0 for jobs that were killed; the dates are not.
    elapsed, notes = wall, []
    if not wall and clock:
        elapsed = clock
        notes = ["elapsed is end_time - start_time, as ru_wallclock was not booked"]
    limit = asked_seconds(fields)
    state = state_of(fields, code, status, elapsed, limit)
    seen = _waited_for(fields)
    return bounded(
        Job(
            job_id=record.job_id,
            source=ListingKind.QACCT,
            file=fields.file,
            line=fields.line,
            name=fields.text("jobname"),
            state=state,
            slots=slots,
            started=date(record.start),
            elapsed_seconds=elapsed,
            wait_seconds=between(fields.moment("qsub_time"), record.start),
            requested_seconds=limit,
            cpu_seconds=cpu,
            # More than was waited for: processes were counted while they ran, the killed too.
            cpu_is_lower_bound=state in PARTLY_BOOKED
            and not (cpu and seen is not None and cpu > _COUNTED * seen),
            max_memory_bytes=fields.size("maxvmem") or None,
            requested_memory_bytes=None if each is None or slots is None else each * slots,
            requested_each_bytes=each,
            requested_per=None if each is None else "slot",
            involuntary_switches=_switches(fields),
            exit_status=status,
            failed=fields.text("failed") if code else None,
            notes=tuple(notes),
        )
    )


def _waited_for(fields: Fields) -> float | None:
    """CPU time of the processes that the shepherd waited for; killed ones are not among them."""
    known = [fields.seconds("ru_utime"), fields.seconds("ru_stime")]
    return sum(part or 0.0 for part in known) if any(part is not None for part in known) else None


def _switches(fields: Fields) -> int | None:
    """``ru_nivcsw``, unless the ``ru_`` fields have less than half of the CPU time: those of killed
    processes are missing."""
    seen, cpu = _waited_for(fields), fields.seconds("cpu")
    if not seen or not cpu or seen < cpu / 2:
        return None
    return fields.count("ru_nivcsw")


def _requested(fields: Fields) -> float | None:
    match = _LIMIT.search(fields.text("category") or "")
    if match is None or values.is_absent(match[1]):
        return None
    return fields.parsed(
        "category", match[1], lambda text: values.size(text, lower_is_decimal=True)
    )
