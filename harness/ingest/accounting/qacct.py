"""Grid Engine's ``qacct -j``: blocks of ``name value`` lines, each after a line of ``=``."""

from __future__ import annotations

import re

from harness.errors import InputError
from harness.ingest.accounting.job import Job

_QUANTITY = re.compile(r"(\d{1,30}(?:\.\d{1,30})?)([KMGT]?)(?:B|s)?", re.ASCII | re.IGNORECASE)
_SCALE = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3, "T": 1024**4}
_H_VMEM = re.compile(r"\bh_vmem=([^,\s]+)")


def read_qacct(text: str, name: str) -> list[Job]:
    """Every record of a listing, in order; requeues and parallel tasks stay records of their own.

    Raises
    ------
    InputError
        Naming file and line, where there is no record or a figure cannot be read.
    """
    blocks: list[tuple[int, dict[str, tuple[int, str]]]] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.startswith("====="):
            blocks.append((number, {}))
        elif blocks and len(parts := line.split(None, 1)) == 2:
            blocks[-1][1].setdefault(parts[0], (number, parts[1].strip()))
    if not blocks:
        raise InputError(f"{name}:1: no qacct record: give the output of `qacct -j ID`")
    return [_job(fields, line, name) for line, fields in blocks]


def _job(fields: dict[str, tuple[int, str]], line: int, name: str) -> Job:
    if "jobnumber" not in fields:
        raise InputError(f"{name}:{line}: record without jobnumber: is the listing cut off?")

    def quantity(key: str) -> float | None:
        return _quantity(*fields[key], key, name) if key in fields else None

    def whole(key: str) -> int | None:
        value = quantity(key)
        return None if value is None else int(value)

    requested = None
    if "category" in fields and (found := _H_VMEM.search(fields["category"][1])):
        per_slot = _quantity(fields["category"][0], found[1], "h_vmem", name)
        slots = whole("slots")
        requested = None if slots is None else per_slot * slots
    failed = fields.get("failed", (line, "unknown"))[1]
    return Job(
        job_id=fields["jobnumber"][1],
        source="qacct",
        line=line,
        state="done" if failed == "0" else f"failed {failed}",
        slots=whole("slots"),
        elapsed_seconds=quantity("ru_wallclock"),
        cpu_seconds=quantity("cpu"),  # ru_utime is 0 for killed jobs
        max_memory_bytes=quantity("maxvmem"),
        requested_memory_bytes=requested,
        involuntary_switches=whole("ru_nivcsw"),
    )


def _quantity(line: int, text: str, key: str, name: str) -> float:
    match = _QUANTITY.fullmatch(text)
    if match is None:
        raise InputError(f"{name}:{line}: {key} is {text!r}: expected a number such as 21s or 4GB")
    return float(match[1]) * _SCALE[match[2].upper()]
