"""PBS Professional, OpenPBS and TORQUE: ``qstat -fx``, mails at a job's end, accounting logs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from harness.reading.ingest.accounting.fields import Fields, between, date, wrong
from harness.reading.ingest.accounting.job import Job, ListingKind, State, numbered

_START = re.compile(r"(?:PBS )?Job Id:\s*(\S*)")
_FIELD = re.compile(r"\s*([A-Za-z_][\w.]*)\s*(?:=|:\s)\s*(.*)")
_LOG = re.compile(r"[0-9/]{8,10} [0-9:]{8};([A-Z]);([^;]+);(.*)")
_LOGGED = re.compile(r"([A-Za-z_][\w.]*)=(\S*)")
_ENDED = "E"
_STATES = {
    "Q": State.PENDING,
    "H": State.PENDING,
    "W": State.PENDING,
    "R": State.RUNNING,
    "E": State.RUNNING,
    "S": State.RUNNING,
}
_SELECT = re.compile(r"(?:([0-9]+):)?(.*)")
_CORES = re.compile(r"(?:^|:)(?:ncpus|ppn)=([0-9]+)")
_SIGNALS = 128
_TIME_LIMIT = "-29"  # JOB_EXEC_KILL_WALLTIME of PBS Professional
_MEMORY_LIMIT = "-27"  # JOB_EXEC_KILL_MEM


def recognises(lines: Sequence[str]) -> bool:
    """Whether there is a job of qstat, of a mail, or a line of an accounting log."""
    return any(_START.match(line) or _LOG.match(line) for line in lines)


def parse(lines: Sequence[str], file: str) -> list[Job]:
    """Read the jobs, one a ``Job Id`` or a line of type ``E``; number the runs of a requeued job.

    Raises
    ------
    InputError
        Where a value cannot be read, or no job of a log has ended.
    """
    jobs = [_job(job_id, fields) for job_id, fields in _records(lines, file)]
    if not jobs:
        raise wrong(file, 1, "no job in this log has ended: look in the log of a later day")
    return numbered(jobs)


def _records(lines: Sequence[str], file: str) -> Iterator[tuple[str, Fields]]:
    texts: dict[str, tuple[int, str]] = {}
    current: tuple[str, int] | None = None
    last: str | None = None
    for number, line in enumerate([*lines, "Job Id: end"], start=1):
        start, logged = _START.match(line), _LOG.match(line)
        if (start or logged) and current is not None:
            yield current[0], Fields(file, current[1], texts)
            current, texts, last = None, {}, None
        if logged and logged[1] == _ENDED:
            pairs = {name: (number, text) for name, text in _LOGGED.findall(logged[3])}
            yield logged[2], Fields(file, number, pairs)
        elif start and number <= len(lines):
            if not start[1]:
                raise wrong(file, number, "no id follows Job Id: run qstat -f again")
            current = (start[1], number)
        elif current is None:
            continue
        elif line.startswith("\t") and last is not None:
            # qstat folds long lines, also within words.
            texts[last] = (texts[last][0], texts[last][1] + line.strip())
        elif match := _FIELD.match(line):
            last = match[1]
            texts[last] = (number, match[2].strip())


def _job(job_id: str, fields: Fields) -> Job:
    slots, nodes = _granted(fields)
    submitted = fields.moment("qtime", "ctime")
    started = fields.moment("stime", "start", "start_time")
    requested = fields.size("Resource_List.mem")
    per_slot = fields.size("Resource_List.pmem") if requested is None else None
    each = requested if per_slot is None else per_slot
    if per_slot is not None:
        requested = None if slots is None else per_slot * slots
    status = _exit(fields)
    return Job(
        job_id=job_id,
        source=ListingKind.PBS,
        file=fields.file,
        line=fields.line,
        name=fields.text("Job_Name", "jobname"),
        state=_state(fields, status),
        slots=slots,
        nodes=nodes,
        started=date(started),
        elapsed_seconds=fields.seconds("resources_used.walltime"),
        wait_seconds=between(submitted, started),
        cpu_seconds=fields.seconds("resources_used.cput"),
        max_memory_bytes=fields.size("resources_used.mem") or None,
        requested_memory_bytes=requested,
        requested_each_bytes=each,
        requested_per=None if each is None else "job" if per_slot is None else "slot",
        exit_status=status,
    )


def _granted(fields: Fields) -> tuple[int | None, int | None]:
    """Cores and nodes: as granted, else as asked for by ``select`` or TORQUE's ``nodes``."""
    slots = fields.positive(
        "resources_used.ncpus",
        "Resource_List.ncpus",
        "total_execution_slots",
        "Resource_List.procs",
    )
    nodes = fields.positive("Resource_List.nodect", "unique_node_count")
    asked = fields.text("Resource_List.select", "Resource_List.nodes")
    if asked and slots is None:
        slots = sum(_chunk(part) for part in asked.split("+")) or None
    return slots, nodes


def _chunk(text: str) -> int:
    """Cores of one part of a request: 16 for ``2:ppn=8`` or ``2:ncpus=8:mem=4gb``, and 1 for a node
    that is named without a number."""
    match = _SELECT.fullmatch(text)
    many, rest = (match[1], match[2]) if match else (None, text)
    if many is None and text.isdecimal() and text.isascii():
        many, rest = text, ""
    cores = _CORES.search(rest)
    return _small(many) * _small(cores[1] if cores else None)


def _small(text: str | None) -> int:
    return int(text[:9]) if text else 1


def _exit(fields: Fields) -> int | None:
    text = fields.text("Exit_status", "exit_status")
    if text is None:
        return None
    sign = -1 if text.startswith("-") else 1
    return sign * fields.parsed("Exit_status", text.removeprefix("-"), lambda part: int(part[:9]))


def _state(fields: Fields, status: int | None) -> State:
    word = fields.text("job_state")
    if word in _STATES and status is None:
        return _STATES[word]
    if status is None:
        return State.UNKNOWN
    special = {_TIME_LIMIT: State.TIMEOUT, _MEMORY_LIMIT: State.OUT_OF_MEMORY}
    if str(status) in special:
        return special[str(status)]
    if status > _SIGNALS:
        return State.KILLED
    return State.FAILED if status else State.COMPLETED
