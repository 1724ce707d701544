"""SLURM's ``sacct --parsable2 --noconvert``: a header, then a line per job and per step."""

from __future__ import annotations

import re

from harness.errors import InputError
from harness.ingest.accounting.job import Job

_TIME = re.compile(r"(?:(\d{1,6})-)?(?:(\d{1,6}):)?(\d{1,6}):(\d{1,6}(?:\.\d{1,9})?)", re.ASCII)
_BYTES = re.compile(r"(\d{1,20}(?:\.\d{1,9})?)([KMGT]?)([cn]?)", re.ASCII)
_SCALE = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3, "T": 1024**4}


def read_sacct(text: str, name: str) -> list[Job]:
    """One record per job line; steps add their memory only, since the job line sums their CPU.

    Raises
    ------
    InputError
        Naming file and line.
    """
    lines = text.split("\n")
    header = lines[0].strip().split("|")
    if not {"JobID", "State"} <= set(header):
        raise InputError(
            f"{name}:1: no sacct header with JobID and State: use `sacct -P --noconvert`"
        )
    jobs: list[Job] = []
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        cells = line.rstrip("\r").split("|")
        if len(cells) != len(header):
            raise InputError(f"{name}:{number}: {len(cells)} columns, the header has {len(header)}")
        row = dict(zip(header, cells, strict=True))
        memory = _bytes(row.get("MaxRSS", ""), number, name, 1, 1)
        job_id, dot, _ = row["JobID"].partition(".")
        if not dot:
            jobs.append(_job(row, number, name))
        elif jobs and jobs[-1].job_id == job_id:
            sizes = [value for value in (memory, jobs[-1].max_memory_bytes) if value is not None]
            jobs[-1] = jobs[-1].model_copy(update={"max_memory_bytes": max(sizes, default=None)})
        else:
            raise InputError(f"{name}:{number}: step {row['JobID']} without its job line")
    if not jobs:
        raise InputError(f"{name}:1: a header and no job: is the job id right?")
    return jobs


def _job(row: dict[str, str], line: int, name: str) -> Job:
    def whole(key: str) -> int | None:
        cell = row.get(key, "")
        if cell and not re.fullmatch(r"[0-9]{1,9}", cell):
            raise InputError(f"{name}:{line}: {key} is {cell!r}: expected a whole number")
        return int(cell) if cell else None

    slots = whole("AllocCPUS")
    return Job(
        job_id=row["JobID"],
        source="sacct",
        line=line,
        state=row["State"],
        slots=slots,
        elapsed_seconds=_seconds(row.get("Elapsed", ""), line, name),
        cpu_seconds=_seconds(row.get("TotalCPU", ""), line, name),
        max_memory_bytes=_bytes(row.get("MaxRSS", ""), line, name, 1, 1),
        requested_memory_bytes=_bytes(row.get("ReqMem", ""), line, name, slots, whole("NNodes")),
    )


def _seconds(text: str, line: int, name: str) -> float | None:
    if text in ("", "UNLIMITED", "INVALID"):
        return None
    if (match := _TIME.fullmatch(text)) is None:
        raise InputError(f"{name}:{line}: {text!r} is not a time such as 1-02:03:04 or 02:03.456")
    days, hours, minutes, seconds = (float(part or 0) for part in match.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


def _bytes(text: str, line: int, name: str, cpus: int | None, nodes: int | None) -> float | None:
    if not text:
        return None
    if (match := _BYTES.fullmatch(text)) is None:
        raise InputError(f"{name}:{line}: {text!r} is not a size such as 32G or 4000Mc")
    times = {"c": cpus, "n": nodes, "": 1}[match[3]]
    return None if times is None else float(match[1]) * _SCALE[match[2]] * times
