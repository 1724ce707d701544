"""The memory that a job may fill, and how much of it is left."""

from __future__ import annotations

import os
import resource
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple

import psutil

from harness.core import units
from harness.running.host.control_groups import (
    control_groups,
    number_after,
    number_in,
    own_groups,
)

MEBIBYTE = 1 << 20
FLOOR = 0.03
"""Share of the memory that must stay free; a case that leaves less is ended before the system
ends something else."""
FIRST_TO_END = 500
"""How much sooner than others the system is to end a child where memory is short: an
``oom_score_adj`` of this, as if it had half of the memory more."""
ADDRESS_SPACE = tuple(
    getattr(resource, name) for name in ("RLIMIT_AS", "RLIMIT_DATA") if hasattr(resource, name)
)
"""Limits of a process, by which Grid Engine holds a job to its ``h_vmem``."""


def memory_limit_bytes(
    environ: Mapping[str, str] | None = None, root: Path = Path("/")
) -> int | None:
    """Return the smallest limit of control groups, batch system and process; ``None`` where none
    is below the memory of the node.

    Parameters
    ----------
    environ : mapping, optional
        Environment to read grants from; the process's own by default.
    root : Path
        Where ``proc`` and ``sys`` are; another folder in tests.
    """
    environ = os.environ if environ is None else environ
    limits = [*_of_groups(root), *_of_process(), *_of_slurm(environ)]
    below = [limit for limit in limits if 0 < limit < psutil.virtual_memory().total]
    return int(min(below)) if below else None


def usable_memory_bytes(root: Path = Path("/")) -> int:
    """Return how many bytes a case may fill now: what is available within the group's limits.

    What the group's files take in the cache counts as available, since the kernel gives it up
    before it ends a process.
    """
    available = [float(psutil.virtual_memory().available)]
    for folder in control_groups(root, "memory"):
        for limit_name, used_name, cached_name in (
            ("memory.max", "memory.current", "inactive_file"),
            ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
        ):
            limit = number_in(folder / limit_name)
            if limit is not None:
                cached = number_after(cached_name, folder / "memory.stat") or 0.0
                used = (number_in(folder / used_name) or 0.0) - cached
                available.append(limit - max(0.0, used))
    return int(max(0.0, min(available)))


def memory_is_low(root: Path = Path("/")) -> str | None:
    """Say how much memory is left where that is less than :data:`FLOOR` of what a case may fill."""
    limit = memory_limit_bytes(root=root)
    left, place = usable_memory_bytes(root), "the machine" if limit is None else "the job"
    if left >= FLOOR * (limit or psutil.virtual_memory().total):
        return None
    return f"{left / MEBIBYTE:.0f} MiB of memory left in {place}"


def memory_kills(root: Path = Path("/")) -> int:
    """Return how many processes the kernel has ended so far for lack of memory: in this process's
    control group, or where no group counts them, on the machine; 0 where nothing does."""
    counted = [
        number_after("oom_kill", folder / name)
        for folder, _ in own_groups(root, "memory")
        for name in ("memory.events", "memory.oom_control")
    ]
    known = [number for number in counted if number is not None]
    return int(sum(known) if known else number_after("oom_kill", root / "proc/vmstat") or 0)


class KillsSinceBoot(NamedTuple):
    """How many processes the kernel has ended for lack of memory, in whatever job.

    Attributes
    ----------
    boot : str
        A mark of this start of the machine, which no other machine has.
    memory_kills : int
    """

    boot: str
    memory_kills: int


def kills_since_boot(root: Path = Path("/")) -> KillsSinceBoot | None:
    """Return what the machine has counted since it was started; ``None`` where it does not.

    Unlike :func:`memory_kills`, it outlives the control group of a job.
    """
    boot, kills = _boot(root), number_after("oom_kill", root / "proc/vmstat")
    return None if boot is None or kills is None else KillsSinceBoot(boot, int(kills))


@cache
def _boot(root: Path) -> str | None:
    try:
        return (root / "proc/sys/kernel/random/boot_id").read_text().partition("-")[0]
    except OSError:
        return None


def killed_words(whom: str) -> str:
    """Say why the kernel ended *whom*, where :func:`memory_kills` has become more."""
    limit = memory_limit_bytes()
    there = limit or psutil.virtual_memory().total
    return (
        f"the system ended {whom} for lack of memory: {'the job' if limit else 'the machine'} has "
        f"{units.size(there)}"
    )


def offer_to_be_ended() -> None:
    """Have Linux end this process, and what it starts, before others of the job where memory is
    short: a case is lost then, and not the sweep."""
    path = Path("/proc/self/oom_score_adj")
    with suppress(OSError, ValueError):
        if int(path.read_text()) < FIRST_TO_END:
            path.write_text(str(FIRST_TO_END))


def _of_groups(root: Path) -> list[float]:
    found = (
        number_in(folder / name)
        for folder in control_groups(root, "memory")
        for name in ("memory.max", "memory.limit_in_bytes")
    )
    return [limit for limit in found if limit is not None]


def _of_process() -> list[float]:
    soft = (resource.getrlimit(kind)[0] for kind in ADDRESS_SPACE)
    return [float(limit) for limit in soft if limit != resource.RLIM_INFINITY]


def _of_slurm(environ: Mapping[str, str]) -> list[float]:
    """What ``--mem`` or ``--mem-per-cpu`` granted on this node, where SLURM says it; in MiB."""

    def whole(name: str) -> int:
        text = environ.get(name, "")
        return int(text) if text.isdecimal() else 0

    granted = whole("SLURM_MEM_PER_NODE"), whole("SLURM_MEM_PER_CPU") * whole("SLURM_CPUS_ON_NODE")
    return [float(limit * MEBIBYTE) for limit in granted]
