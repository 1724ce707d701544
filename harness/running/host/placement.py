"""Bind processes to cores, where a user asks for it: the system then moves none of them.

Processes that are children of a bound one begin bound as it is. A *slot* is a core with all its
hardware threads that may be used.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import psutil

from harness.core.records import WorkerProbe
from harness.running.host.pins import native_threads
from harness.running.host.topology import cores_of


def slots() -> list[frozenset[int]]:
    """The cores that this process may use, in the order of their numbers; none where the system
    binds no process."""
    return cores_of(os.sched_getaffinity(0)) if hasattr(os, "sched_setaffinity") else []


def first_slots(number: int) -> frozenset[int] | None:
    """The first *number* of them together; ``None`` where there are not so many."""
    there = slots()
    return frozenset().union(*there[:number]) if 0 < number <= len(there) else None


def slots_needed(workers: int, pin: str, cores: float) -> int:
    """How many cores an engine with *workers* is bound to, which all its processes begin with: one
    for each of them, or for each native thread that its *pin* allows; all for the engine's own."""
    threads = native_threads(pin, cores)
    return len(slots()) if threads is None else max(workers, threads)


def bind(pid: int, threads: Iterable[int]) -> None:
    """Bind a process, with all that run in it by now, to hardware *threads*; nothing is done where
    it has ended."""
    wanted = set(threads)
    for folder in Path(f"/proc/{pid}/task").glob("[0-9]*"):
        try:
            os.sched_setaffinity(int(folder.name), wanted)
        except ProcessLookupError:  # a thread that has ended meanwhile
            continue


def bind_by_rank(probes: Sequence[WorkerProbe]) -> bool:
    """Bind each process that *probes* are of to a core of its own, in the order in which they were
    started; whether there are cores for all."""
    there = slots()
    if len(probes) > len(there):
        return False
    for probe, slot in zip(sorted(probes, key=_began), there, strict=False):
        bind(probe.pid, slot)
    return True


def found(probes: Sequence[WorkerProbe], wanted: frozenset[int]) -> str:
    """Say on which of the *wanted* hardware threads the workers are, by what *probes* read back."""
    of_each = [frozenset(probe.affinity or ()) for probe in probes]
    if not of_each or not all(each and each <= wanted for each in of_each):
        return f"no: workers were found on {sorted(frozenset().union(*of_each))}"
    cores = cores_of(wanted)
    if len(set(of_each)) == len(of_each) and all(each in cores for each in of_each):
        return "a core each"
    return f"{len(cores)} cores together"


def why_not() -> str:
    """Say why no process of a start-up is bound."""
    return "more workers than cores" if slots() else "this system binds no process"


def _began(probe: WorkerProbe) -> tuple[float, int]:
    try:
        return psutil.Process(probe.pid).create_time(), probe.pid
    except psutil.NoSuchProcess:
        return 0.0, probe.pid
