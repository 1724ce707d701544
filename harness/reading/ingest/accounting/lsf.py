"""LSF: the report that ends a job's output or mail, ``bjobs -l``, ``bhist -l`` and ``bacct -l``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from harness.reading.ingest.accounting.fields import Fields, between, date, wrong
from harness.reading.ingest.accounting.job import (
    PARTLY_BOOKED,
    Job,
    ListingKind,
    State,
    bounded,
    killed_at_limit,
    numbered,
)
from harness.reading.ingest.accounting.lsf_events import (
    EVENT,
    ON_HOSTS,
    Times,
    note_event,
    note_reason,
    reported_times,
)

_SUBJECT = re.compile(r"Subject: Job ([0-9]+(?:\[[0-9]+\])?):")
_HEADING = re.compile(r"Job <([^>]*)>,.*")
_STATUS = re.compile(r"\bStatus <([A-Z]+)>")
_NAME = re.compile(r", Job Name <([^>]*)>")
_MEASURED = re.compile(r"\s+([A-Z][A-Za-z ]+?)\s*:\s+(.*)")
_MOST_MEMORY = re.compile(r"\s*MAX MEM: ([0-9.]+ *[A-Za-z]+)")
_AT = re.compile(r".*\bat ([A-Z][a-z]{2} [A-Z][a-z]{2} +[0-9]+ [0-9:]{8} [0-9]{4})")
_NUMBER_OF_HOSTS = re.compile(r"<(?:([0-9]+)\*)?([^>]+)>")
_TABLES = (
    re.compile(r"\s+CPU_T\s+WAIT\s+TURNAROUND\s+STATUS\s.*"),
    re.compile(r"\s*PEND\s+PSUSP\s+RUN\s+USUSP\s.*"),
)
_RUN_LIMIT = re.compile(r"\s*([0-9.]+) min\b")
_FOLDS = (" " * 26, " " * 21)  # long lines go on after as much space as a date takes
_MOMENTS = {"was submitted from": "submitted", "Started at": "started", "Terminated at": "ended"}
_SIGNALS = 128
_STATES = {
    "DONE": State.COMPLETED,
    "EXIT": State.FAILED,
    "RUN": State.RUNNING,
    "USUSP": State.RUNNING,
    "SSUSP": State.RUNNING,
    "PEND": State.PENDING,
    "PSUSP": State.PENDING,
}
_BY_REASON = {
    "TERM_MEMLIMIT": State.OUT_OF_MEMORY,
    "TERM_SWAP": State.OUT_OF_MEMORY,
    "TERM_RUNLIMIT": State.TIMEOUT,
    "TERM_CPULIMIT": State.TIMEOUT,
    "TERM_DEADLINE": State.TIMEOUT,
    "TERM_OWNER": State.CANCELLED,
    "TERM_FORCE_OWNER": State.CANCELLED,
    "TERM_ADMIN": State.CANCELLED,
    "TERM_FORCE_ADMIN": State.CANCELLED,
    "TERM_PREEMPT": State.CANCELLED,
    "TERM_REQUEUE_OWNER": State.REQUEUED,
    "TERM_REQUEUE_ADMIN": State.REQUEUED,
    "TERM_REQUEUE_RC": State.REQUEUED,
}


def recognises(lines: Sequence[str]) -> bool:
    """Whether there is a job's report, or a job of bjobs, bhist or bacct."""
    return any(
        _SUBJECT.match(line) or _HEADING.match(line) or line.startswith("Resource usage summary:")
        for line in lines
    )


def parse(lines: Sequence[str], file: str) -> list[Job]:
    """Read the jobs, one a report or a heading ``Job <..>``; number the runs of a requeued job.

    Raises
    ------
    InputError
        Where a value cannot be read, or a report has no job id.
    """
    jobs = [_job(fields) for fields in _records(lines, file)]
    return numbered(jobs)


def _records(lines: Sequence[str], file: str) -> Iterator[Fields]:
    texts: dict[str, tuple[int, str]] = {}
    start = 1
    for number, line in _unfolded(lines):
        subject, heading = _SUBJECT.match(line), _HEADING.match(line)
        if (subject or heading) and "id" in texts:
            yield Fields(file, start, texts)
            texts = {}
        match = subject or heading
        if match:
            start = number
            texts["id"] = (number, match[1])
            for name, pattern in (("status", _STATUS), ("name", _NAME)):
                if found := pattern.search(line):
                    texts[name] = (number, found[1])
        _note(texts, number, line, lines)
    if "id" not in texts:
        raise wrong(
            file,
            start,
            "a report of LSF without its line Subject: Job ID: give the whole report, or bacct -l",
        )
    yield Fields(file, start, texts)


def _unfolded(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    folds = _FOLDS if any((found := EVENT.match(line)) and found["year"] for line in lines) else ()
    held: tuple[int, str] | None = None
    for number, line in enumerate(lines, start=1):
        fold = next((space for space in folds or _FOLDS[1:] if line.startswith(space)), None)
        if held and fold and line.strip():
            held = (held[0], held[1] + line[len(fold) :])
        else:
            if held:
                yield held
            held = (number, line)
    if held:
        yield held


def _note(texts: dict[str, tuple[int, str]], number: int, line: str, lines: Sequence[str]) -> None:
    """Put the fields that stand on *line* into *texts*."""
    below = lines[number] if number < len(lines) else ""
    if event := EVENT.match(line):
        note_event(texts, number, event)
    elif most := _MOST_MEMORY.match(line):
        texts["MAX MEM"] = (number, most[1])
    elif any(table.fullmatch(line) for table in _TABLES):
        for name, value in zip(line.split(), below.split()):
            texts[name] = (number + 1, value)
    elif line.strip() == "RUNLIMIT" and (limit := _RUN_LIMIT.match(below)):
        texts["RUNLIMIT"] = (number + 1, limit[1])
    elif measured := _MEASURED.fullmatch(line):
        texts[measured[1]] = (number, measured[2])
    elif moment := _AT.match(line):
        for word, name in _MOMENTS.items():
            if word in line:
                texts.setdefault(name, (number, moment[1]))
    if line.startswith("Job was executed on") and (hosts := ON_HOSTS.search(line)):
        # Further hosts stand on lines of their own, so that they come after the date.
        date = _AT.match(line)
        texts["hosts"] = (number, hosts[1] + (line[date.end() :] if date else ""))
    if line.startswith("Successfully completed"):
        texts["status"] = (number, "DONE")
    elif line.startswith(("TERM_", "Exited with", "Exited by")):
        note_reason(texts, number, line)


def _job(fields: Fields) -> Job:
    job_id = fields.text("id")
    if job_id is None:
        raise wrong(fields.file, fields.line, "no id in this report of LSF: run bacct -l again")
    hosts = [
        (int((many or "1")[:9]), host)
        for many, host in _NUMBER_OF_HOSTS.findall(fields.text("hosts") or "")
    ]
    times = _times(fields)
    limit = fields.parsed("RUNLIMIT", fields.text("RUNLIMIT") or "0", float) * 60
    state = killed_at_limit(_state(fields), times.elapsed, limit)
    requested = fields.size("Total Requested Memory")
    signal = fields.count("signal")
    return bounded(
        Job(
            job_id=job_id,
            source=ListingKind.LSF,
            file=fields.file,
            line=fields.line,
            name=fields.text("name"),
            state=state,
            slots=fields.positive("slots", "tasks") or sum(many for many, _ in hosts) or None,
            nodes=len({host for _, host in hosts}) or None,
            started=date(times.started),
            elapsed_seconds=times.elapsed,
            wait_seconds=times.wait,
            requested_seconds=limit or None,
            cpu_seconds=fields.seconds("CPU time", "CPU_T", "CPU"),
            cpu_is_lower_bound=state in PARTLY_BOOKED,
            max_memory_bytes=fields.size("Max Memory", "MAX MEM", "MEM") or None,
            requested_memory_bytes=requested,
            requested_each_bytes=requested,
            requested_per=None if requested is None else "job",
            exit_status=fields.count("exit") if signal is None else _SIGNALS + signal,
            failed=fields.text("term"),
            notes=times.notes,
        )
    )


def _times(fields: Fields) -> Times:
    """Of a report by its own dates, else by the events and tables of bjobs, bhist or bacct."""
    started, run = fields.moment("started"), fields.seconds("Run time")
    clock = between(started, fields.moment("ended"))
    if run is None and clock is None:
        return reported_times(fields)
    elapsed = clock if run is None else run
    return Times(started, elapsed, between(fields.moment("submitted"), started))


def _state(fields: Fields) -> State:
    reason = fields.text("term")
    if reason is not None:
        return _BY_REASON.get(reason, State.KILLED)
    status, signal = fields.count("exit"), fields.count("signal")
    if signal is not None or (status is not None and status > _SIGNALS):
        return State.CANCELLED if fields.text("asked to end") else State.KILLED
    if status is not None:
        return State.FAILED if status else State.COMPLETED
    return _STATES.get(fields.text("status") or "", State.UNKNOWN)
