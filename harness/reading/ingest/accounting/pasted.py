"""Listings as people paste them: indented or quoted, or of a command that is not read."""

from __future__ import annotations

import re
from collections.abc import Sequence

_FIRST = re.compile(
    r"([ \t>#]+)(?:Job ID:|(?:PBS )?Job Id:|Job: [0-9]|Job <[^>]*>,|Subject: Job |JobID(?:Raw)?\b"
    r"|qname\s|={10,}|[0-9/]{8,10} [0-9:]{8};)"
)
_OTHERS = (
    (re.compile(r"JobID +State +Elapsed +TimeEff"), "reportseff", "sacct --parsable2 or seff"),
    (re.compile(r"JOBID +PARTITION +NAME"), "squeue", "sacct --parsable2"),
    (re.compile(r"JobId=[0-9]+ "), "scontrol show job", "sacct --parsable2"),
    (re.compile(r"JOBID +USER +(?:STAT|JOB_NAME)"), "bjobs or bhist without -l", "bjobs -l"),
    (re.compile(r"(?:Job id|Job ID) +(?:Name|Username)"), "qstat without -f", "qstat -fx"),
    (re.compile(r"job-ID +prior +name"), "qstat of Grid Engine", "qacct -j"),
    (re.compile(r"(?:Used CPU time|Max Mem used) *:"), "jobinfo", "sacct --parsable2 or seff"),
    (re.compile(r"State: +Completed? +Completion Code"), "checkjob", "qstat -fx or tracejob"),
)


def unindented(lines: Sequence[str]) -> list[str]:
    """Take away the space, or the signs of a quotation, that stand before the first line of a job;
    lines that do not start with it stay as they are."""
    first = next((match[1] for line in lines if (match := _FIRST.match(line))), "")
    return [line.removeprefix(first) for line in lines]


def not_read(line: str) -> str | None:
    """Name the listing that *line* is known from and that is not read, with what to give instead;
    ``None`` if it is not known."""
    for pattern, name, instead in _OTHERS:
        if pattern.match(line.strip()):
            return f"this is a listing of {name}, which is not read: give what {instead} prints"
    return None
