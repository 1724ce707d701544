"""``sacct --json``, of the data parsers of Slurm 21.08 to 25."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from harness.reading.ingest.accounting.fields import Fields, wrong
from harness.reading.ingest.accounting.job import Job, ListingKind
from harness.reading.ingest.accounting.sacct_rows import jobs


def recognises(lines: Sequence[str]) -> bool:
    """Whether the text starts like a JSON object."""
    first = next((line.strip() for line in lines if line.strip()), "")
    return first.startswith("{")


def parse(lines: Sequence[str], file: str) -> list[Job]:
    """Read the jobs in the list ``jobs`` of the object.

    Raises
    ------
    InputError
        Where the text is no JSON, or not the object that sacct prints.
    """
    text = "\n".join(lines)
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        message = f"no JSON ({error.msg}): the file was cut or edited; run sacct --json again"
        raise wrong(file, min(error.lineno, len(lines)), message) from None
    except (RecursionError, ValueError):
        raise wrong(file, 1, "no JSON that sacct prints: run sacct --json again") from None
    listed = content.get("jobs") if isinstance(content, dict) else None
    if not isinstance(listed, list):
        raise wrong(file, 1, 'this JSON has no list "jobs": run sacct --json')
    return jobs(_rows(listed, lines, file), ListingKind.SACCT_JSON)


def _rows(listed: list[Any], lines: Sequence[str], file: str) -> Iterator[Fields]:
    starts = [number for number, line in enumerate(lines, 1) if '"job_id"' in line]
    for index, job in enumerate(listed):
        number = _number(_at(job, "job_id"))
        places = [line for line in starts if str(number) in lines[line - 1]]
        line = places[0] if places else 1
        if number is None:
            raise wrong(file, line, f"jobs[{index}] has no job_id: run sacct --json again")
        array, task = _number(_at(job, "array", "job_id")), _number(_at(job, "array", "task_id"))
        job_id = number if not array or array == "0" or task is None else f"{array}_{task}"
        yield _fields(file, line, {"JobID": job_id, **_of_job(job)})
        steps = _at(job, "steps")
        for place, step in enumerate(steps if isinstance(steps, list) else []):
            name = _word(_at(step, "step", "name"))
            of_slurm = name if name in ("batch", "extern", "interactive") else place
            yield _fields(file, line, {"JobID": f"{job_id}.{of_slurm}", **_of_step(step)})


def _fields(file: str, line: int, texts: dict[str, str | None]) -> Fields:
    return Fields(file, line, {name: (line, text) for name, text in texts.items() if text})


def _of_job(job: Any) -> dict[str, str | None]:
    allocated = _tres(_at(job, "tres", "allocated"), "mem")
    return {
        "JobName": _word(_at(job, "name")),
        "State": _state(_at(job, "state", "current")),
        "AllocCPUS": _tres(_at(job, "tres", "allocated"), "cpu"),
        "AllocNodes": _tres(_at(job, "tres", "allocated"), "node"),
        "Submit": _number(_at(job, "time", "submission")),
        "Start": _number(_at(job, "time", "start")),
        "Timelimit": f"{minutes}:00" if (minutes := _number(_at(job, "time", "limit"))) else None,
        "ExitCode": _exit(_at(job, "exit_code")),
        # In MiB, for the whole job, as ReqMem has been since the release that brought --json.
        "ReqMem": f"{allocated}M" if allocated else None,
    } | _times(job)


def _of_step(step: Any) -> dict[str, str | None]:
    in_all = _tres(_at(step, "tres", "requested", "total"), "mem")
    return {
        "NNodes": _number(_at(step, "nodes", "count")),
        "NTasks": _number(_at(step, "tasks", "count")),
        "MaxRSS": _tres(_at(step, "tres", "requested", "max"), "mem"),
        "TRESUsageInTot": f"mem={in_all}" if in_all else None,
    } | _times(step)


def _times(entry: Any) -> dict[str, str | None]:
    return {
        "Elapsed": _number(_at(entry, "time", "elapsed")),
        "TotalCPU": _precise(_at(entry, "time", "total")),
    }


def _at(value: Any, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _number(value: Any) -> str | None:
    """A number, plain or as ``{"set": true, "infinite": false, "number": 3}``."""
    if isinstance(value, dict):
        if not value.get("set", True) or value.get("infinite"):
            return None
        value = value.get("number")
    return None if isinstance(value, bool | list | dict) else _word(value)


def _word(value: Any) -> str | None:
    return None if value is None or isinstance(value, list | dict) else str(value)


def _precise(total: Any) -> str | None:
    seconds, micro = _number(_at(total, "seconds")), _number(_at(total, "microseconds"))
    return seconds if seconds is None or not micro else f"{seconds}.{micro:0>6}"


def _state(current: Any) -> str | None:
    """A list of flags in newer versions, of which the first is the state."""
    return _word(current[0] if isinstance(current, list) and current else current)


def _exit(code: Any) -> str | None:
    status = _number(_at(code, "return_code"))
    signal = _number(_at(code, "signal", "id")) or _number(_at(code, "signal", "signal_id"))
    return f"{status or 0}:{signal or 0}" if status or signal else None


def _tres(entries: Any, kind: str) -> str | None:
    for entry in entries if isinstance(entries, list) else []:
        if _at(entry, "type") == kind:
            return _number(_at(entry, "count"))
    return None
