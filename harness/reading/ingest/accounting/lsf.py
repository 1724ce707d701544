"""LSF: the report that ends a job's output or mail, and ``bacct -l``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from harness.reading.ingest.accounting.fields import Fields, between, date, wrong
from harness.reading.ingest.accounting.job import Job, ListingKind, State, numbered

_SUBJECT = re.compile(r"Subject: Job ([0-9]+(?:\[[0-9]+\])?):")
_HEADING = re.compile(r"Job <([^>]*)>,.*")
_MEASURED = re.compile(r"\s+([A-Z][A-Za-z ]+?)\s*:\s+(.*)")
_EVENT = re.compile(r"[A-Z][a-z]{2} [A-Z][a-z]{2} +[0-9]+ [0-9:]{8}(?: [0-9]{4})?: (.*)")
_AT = re.compile(r".*\bat ([A-Z][a-z]{2} [A-Z][a-z]{2} +[0-9]+ [0-9:]{8} [0-9]{4})")
_ON_HOSTS = re.compile(
    r"(?:[Hh]ost\(s\)|[Dd]ispatched to(?: [0-9]+ Hosts/Processors)?)\s+((?:<[^>]*>[\s,]*)+)"
)
_NUMBER_OF_HOSTS = re.compile(r"<(?:([0-9]+)\*)?([^>]+)>")
_SLOTS = re.compile(r"[Dd]ispatched ([0-9]+) Task")
_EXIT = re.compile(r"[Ee]xited with exit code ([0-9]+)")
_TABLE = re.compile(r"\s+CPU_T\s+WAIT\s+TURNAROUND\s+STATUS\s.*")
_SPACE = " " * 21  # bacct and bjobs continue a long line after this much space
_MOMENTS = {"was submitted from": "submitted", "Started at": "started", "Terminated at": "ended"}
_SIGNALS = 128
_BY_LIMIT = {
    "TERM_MEMLIMIT": State.OUT_OF_MEMORY,
    "TERM_RUNLIMIT": State.TIMEOUT,
    "TERM_OWNER": State.CANCELLED,
    "TERM_REQUEUE_OWNER": State.REQUEUED,
}


def recognises(lines: Sequence[str]) -> bool:
    """Whether there is a job's report, or a job of bacct."""
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
        _note(texts, number, line, lines)
    if "id" not in texts:
        raise wrong(
            file,
            start,
            "a report of LSF without its line Subject: Job ID: give the whole report, or bacct -l",
        )
    yield Fields(file, start, texts)


def _unfolded(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    held: tuple[int, str] | None = None
    for number, line in enumerate(lines, start=1):
        if held and line.startswith(_SPACE) and line.strip():
            held = (held[0], held[1] + line[len(_SPACE) :])
        else:
            if held:
                yield held
            held = (number, line)
    if held:
        yield held


def _note(texts: dict[str, tuple[int, str]], number: int, line: str, lines: Sequence[str]) -> None:
    """Put the fields that stand on *line* into *texts*."""
    if event := _EVENT.match(line):
        _event(texts, number, event[1])
    elif _TABLE.fullmatch(line):
        values = lines[number].split() if number < len(lines) else []
        for name, value in zip(line.split(), values):
            texts[name] = (number + 1, value)
    elif measured := _MEASURED.fullmatch(line):
        texts[measured[1]] = (number, measured[2])
    elif moment := _AT.match(line):
        for word, name in _MOMENTS.items():
            if word in line:
                texts.setdefault(name, (number, moment[1]))
    if line.startswith("Job was executed on") and (hosts := _ON_HOSTS.search(line)):
        # Further hosts stand on lines of their own, so that they come after the date.
        date = _AT.match(line)
        texts["hosts"] = (number, hosts[1] + (line[date.end() :] if date else ""))
    if line.startswith("Successfully completed"):
        texts["end"] = (number, "DONE")
    elif limit := re.match(r"TERM_[A-Z]+", line):
        texts["term"] = (number, limit[0])
    if code := _EXIT.search(line):
        texts["exit"] = (number, code[1])


def _event(texts: dict[str, tuple[int, str]], number: int, what: str) -> None:
    # bacct prints no year, so that its table of seconds is what the times come from.
    if "ispatched" in what:
        if slots := _SLOTS.search(what):
            texts["slots"] = (number, slots[1])
        if hosts := _ON_HOSTS.search(what):
            texts["hosts"] = (number, hosts[1])
    if limit := re.search(r"TERM_[A-Z]+", what):
        texts["term"] = (number, limit[0])
    if "Completed <done>" in what:
        texts["end"] = (number, "DONE")
    elif "Completed <exit>" in what:
        texts["end"] = (number, "EXIT")


def _job(fields: Fields) -> Job:
    job_id = fields.text("id")
    if job_id is None:
        raise wrong(fields.file, fields.line, "no id in this report of LSF: run bacct -l again")
    hosts = [
        (int((many or "1")[:9]), host)
        for many, host in _NUMBER_OF_HOSTS.findall(fields.text("hosts") or "")
    ]
    slots = fields.positive("slots") or sum(many for many, _ in hosts) or None
    started = fields.moment("started")
    waited = fields.seconds("WAIT")
    requested = fields.size("Total Requested Memory")
    return Job(
        job_id=job_id,
        source=ListingKind.LSF,
        file=fields.file,
        line=fields.line,
        state=_state(fields),
        slots=slots,
        nodes=len({host for _, host in hosts}) or None,
        started=date(started),
        elapsed_seconds=_elapsed(fields, waited),
        wait_seconds=between(fields.moment("submitted"), started) if waited is None else waited,
        cpu_seconds=fields.seconds("CPU time", "CPU_T"),
        max_memory_bytes=fields.size("Max Memory", "MEM") or None,
        requested_memory_bytes=requested,
        requested_each_bytes=requested,
        requested_per=None if requested is None else "job",
        exit_status=fields.count("exit"),
        failed=fields.text("term"),
    )


def _elapsed(fields: Fields, waited: float | None) -> float | None:
    run = fields.seconds("Run time")
    if run is not None:
        return run
    clock = between(fields.moment("started"), fields.moment("ended"))
    if clock is not None:
        return clock
    return between(waited, fields.seconds("TURNAROUND"))


def _state(fields: Fields) -> State:
    term = fields.text("term")
    if term is not None:
        return _BY_LIMIT.get(term, State.KILLED)
    status = fields.count("exit")
    if status is not None:
        return State.KILLED if status > _SIGNALS else State.FAILED
    return {"DONE": State.COMPLETED, "EXIT": State.FAILED}.get(
        fields.text("end") or "", State.UNKNOWN
    )
