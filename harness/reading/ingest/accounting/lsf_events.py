"""The dated lines of ``bjobs -l``, ``bhist -l`` and ``bacct -l``, and the times that they give."""

from __future__ import annotations

import re
from typing import NamedTuple

from harness.reading.ingest.accounting import values
from harness.reading.ingest.accounting.fields import Fields, between

EVENT = re.compile(
    r"(?P<date>[A-Z][a-z]{2} [A-Z][a-z]{2} +[0-9]+ [0-9:]{8}(?P<year> [0-9]{4})?): (?P<what>.*)"
)
ON_HOSTS = re.compile(
    r"(?:[Hh]ost\(s\)|(?:[Dd]ispatched to|[Ss]tarted on)(?: [0-9]+ Hosts/Processors)?)\s+"
    r"((?:<[^>]*>[\s,]*)+)"
)
_TASKS = re.compile(r"(?:[Dd]ispatched|[Ss]tarted) ([0-9]+) Task")
_SLOTS = re.compile(r"Allocated ([0-9]+) Slot")
_BEGINS = re.compile(r"(?:\[[0-9]+\] )?(?:[Dd]ispatched |[Ss]tarted (?:[0-9]+ Task|on ))")
_RUNS = re.compile(r"Starting \(Pid")
_ENDS = re.compile(r"Done successfully|Exited|Completed <")
_CPU = re.compile(r"The CPU time used is ([0-9.]+) second")
_MEMORY = re.compile(r"\bMEM: ([0-9.]+ *[A-Za-z]+)")
_ASKED_TO_END = re.compile(r"(?:Signal <\w+>|[Tt]ermination) requested by user")
_REASON = re.compile(r"TERM_[A-Z_]+")
_EXIT, _SIGNAL = re.compile(r"[Ee]xited with exit code ([0-9]+)"), re.compile(r"by signal ([0-9]+)")
_OF_ONE_RUN = ("exit", "signal", "term", "status", "over", "asked to end", "MEM")
_CLOSE, _CLOSE_SHARE = 5.0, 0.02

Texts = dict[str, tuple[int, str]]


class Times(NamedTuple):
    """When a job started, how long it ran and waited in s, and what is to be said of that."""

    started: float | None
    elapsed: float | None
    wait: float | None
    notes: tuple[str, ...] = ()


def note_event(texts: Texts, number: int, event: re.Match[str]) -> None:
    """Put what one dated line says into *texts*; what was said of an earlier run is dropped."""
    date, what = event["date"], event["what"]
    if what.startswith("Submitted from"):
        texts["handed in"] = (number, date)
    if _BEGINS.match(what):
        if "begun" in texts:
            texts["again"] = (number, "yes")
            for name in _OF_ONE_RUN:
                texts.pop(name, None)
        texts["begun"] = (number, date)
        for name, pattern in (("tasks", _TASKS), ("slots", _SLOTS), ("hosts", ON_HOSTS)):
            if found := pattern.search(what):
                texts[name] = (number, found[1])
    elif _RUNS.match(what):
        texts["begun"] = (number, date)
    elif _ENDS.match(what):
        texts.setdefault("over", (number, date))
        if what.startswith(("Done", "Completed <done")):
            texts["status"] = (number, "DONE")
        elif what.startswith("Completed <exit"):
            texts.setdefault("status", (number, "EXIT"))
    elif what.startswith("Resource usage collected"):
        texts["collected"] = (number, date)
        if memory := _MEMORY.search(what):
            texts["MEM"] = (number, memory[1])
    if _ASKED_TO_END.search(what):
        texts["asked to end"] = (number, "yes")
    if cpu := _CPU.search(what):
        texts["CPU"] = (number, cpu[1])
    note_reason(texts, number, what)


def note_reason(texts: Texts, number: int, line: str) -> None:
    """Put why a job ended into *texts*, where *line* says so."""
    for name, pattern in (("exit", _EXIT), ("signal", _SIGNAL)):
        if found := pattern.search(line):
            texts[name] = (number, found[1])
    if reason := _REASON.search(line):
        texts["term"] = (number, reason[0])


def reported_times(fields: Fields) -> Times:
    """The times of a job from its dated lines, and from the tables of bhist and bacct in seconds.

    A job that still runs has run up to when its use was last collected. Where the table of bacct
    and the dates contradict each other, how long it ran is not known.
    """
    begun = fields.text("begun")
    started = None
    if begun is not None and _has_year(begun):
        started = fields.moment("begun")
    ran = _apart(fields, "begun", "over")
    if ran is None and fields.text("over") is None:
        ran = _apart(fields, "begun", "collected")
    waited, turnaround = fields.seconds("WAIT"), fields.seconds("TURNAROUND")
    if waited is None:
        waited = _apart(fields, "handed in", "begun")
    table = between(fields.seconds("WAIT"), turnaround)
    if table is not None and ran is not None and not _close(table, ran):
        note = (
            f"TURNAROUND less WAIT is {table:.0f} s and its events are {ran:.0f} s apart: they "
            "contradict each other, so how long it ran is not known"
        )
        return Times(started, None, waited, (note,))
    in_state = fields.seconds("RUN") if fields.text("again") is None else None
    known = [seconds for seconds in (in_state, table, ran) if seconds is not None]
    return Times(started, known[0] if known else None, waited)


def _close(one: float, other: float) -> bool:
    return abs(one - other) <= max(_CLOSE, _CLOSE_SHARE * max(one, other))


def _has_year(date: str) -> bool:
    return date[-5:-4] == " " and date[-4:].isdecimal()


def _apart(fields: Fields, start: str, end: str) -> float | None:
    begun, ended = fields.text(start), fields.text(end)
    if begun is None or ended is None:
        return None
    return fields.parsed(end, ended, lambda text: values.seconds_apart(begun, text))
