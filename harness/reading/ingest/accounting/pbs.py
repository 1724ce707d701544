"""PBS Professional, OpenPBS and TORQUE: ``qstat -fx``, mails at a job's end, accounting logs,
``tracejob``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from harness.reading.ingest.accounting.fields import Fields, between, date, wrong
from harness.reading.ingest.accounting.job import PARTLY_BOOKED, Job, ListingKind, bounded, numbered
from harness.reading.ingest.accounting.pbs_end import ending
from harness.reading.ingest.accounting.pbs_granted import granted

_START = re.compile(r"(?:PBS )?Job Id:\s*(\S*)")
_FIELD = re.compile(r"\s*(Exec host|Job Name|[A-Za-z_][\w.]*)\s*(?:=|:\s)\s*(.*)")
_NAMES = {"Exec host": "exec_host", "Job Name": "Job_Name"}  # as mails write them
_KILLED = re.compile(r".*\bjob killed: (.*)")
_LOG = re.compile(r"[0-9/]{8,10} [0-9:]{8};([A-Z]);([^;]+);(.*)")
_LOGGED = re.compile(r"([A-Za-z_][\w.]*)=(\S*)")
_TRACE = re.compile(r"Job: ([0-9]\S*)\s*")
_TRACED = re.compile(r"[0-9/]{8,10} [0-9:.]{8,15}\s+[A-Z]\s+(.*)")
_ENDED = "E"


def recognises(lines: Sequence[str]) -> bool:
    """Whether there is a job of qstat, of a mail or of tracejob, or a line of an accounting log."""
    return any(_START.match(line) or _LOG.match(line) for line in lines) or _is_traced(lines)


def _is_traced(lines: Sequence[str]) -> bool:
    return any(_TRACE.fullmatch(line) for line in lines) and any(map(_TRACED.match, lines))


def parse(lines: Sequence[str], file: str) -> list[Job]:
    """Read the jobs, one a ``Job Id`` or a line of type ``E``; number the runs of a requeued job.

    Raises
    ------
    InputError
        Where a value cannot be read, or no job of a log has ended.
    """
    records = _traced(lines, file) if _is_traced(lines) else _records(lines, file)
    jobs = [_job(job_id, fields) for job_id, fields in records]
    if not jobs:
        raise wrong(file, 1, "no job in this log has ended: look in the log of a later day")
    return numbered(jobs)


def _traced(lines: Sequence[str], file: str) -> Iterator[tuple[str, Fields]]:
    """The fields that the lines of ``tracejob`` name, the last of each; long lines go on below."""
    texts: dict[str, tuple[int, str]] = {}
    current: tuple[str, int] | None = None
    for number, line in enumerate(lines, start=1):
        if start := _TRACE.fullmatch(line):
            if current:
                yield current[0], Fields(file, current[1], texts)
            current, texts = (start[1], number), {}
        elif traced := _TRACED.match(line):
            texts |= {name: (number, text) for name, text in _LOGGED.findall(traced[1])}
        elif line.startswith(" "):
            texts |= {name: (number, text) for name, text in _LOGGED.findall(line)}
    if current:
        yield current[0], Fields(file, current[1], texts)


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
        elif killed := _KILLED.match(line):
            texts["killed"] = (number, killed[1].strip())
        elif match := _FIELD.match(line):
            last = _NAMES.get(match[1], match[1])
            texts[last] = (number, match[2].strip())


def _job(job_id: str, fields: Fields) -> Job:
    slots, nodes = granted(fields)
    submitted = fields.moment("qtime", "ctime")
    started = fields.moment("stime", "start", "start_time")
    elapsed = fields.seconds("resources_used.walltime")
    if elapsed is None:
        elapsed = between(started, fields.moment("end", "obittime", "comp_time"))
    requested = fields.size("Resource_List.mem")
    per_slot = fields.size("Resource_List.pmem") if requested is None else None
    each = requested if per_slot is None else per_slot
    if per_slot is not None:
        requested = None if slots is None else per_slot * slots
    end = ending(fields, elapsed)
    return bounded(
        Job(
            job_id=job_id,
            source=ListingKind.PBS,
            file=fields.file,
            line=fields.line,
            name=fields.text("Job_Name", "jobname"),
            state=end.state,
            slots=slots,
            nodes=nodes,
            started=date(started),
            elapsed_seconds=elapsed,
            wait_seconds=between(submitted, started),
            requested_seconds=end.limit_seconds,
            cpu_seconds=fields.seconds("resources_used.cput"),
            cpu_is_lower_bound=end.state in PARTLY_BOOKED,
            max_memory_bytes=fields.size("resources_used.mem") or None,
            requested_memory_bytes=requested,
            requested_each_bytes=each,
            requested_per=None if each is None else "job" if per_slot is None else "slot",
            exit_status=end.status,
            failed=end.reason,
        )
    )
