"""Is this machine fit to measure?"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import NamedTuple

import psutil

from harness.core import units
from harness.core.records import WorkerProbe
from harness.running.host import job_memory, machine, pins
from harness.running.measure.process.channel import Channel, child_environment
from harness.running.measure.process.supervision import supervised

NOISE_REPEATS = 100
NOISE_LIMIT = 0.10
BUSY_SHARE = 0.25
"""Of the usable cores that others may keep busy while the calibration kernel runs."""
MEMORY_BYTES = 2 * 2**30
SHARED_MEMORY_BYTES = 256 * 2**20
DISK_BYTES = 2**30
OPEN_FILES = 1024
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - looked at, not written to


_STOP_IT = "something else is running: stop it, or expect wide intervals"


class Check(NamedTuple):
    """Something looked at: whether it is fit to measure on, what is there, and what to do where it
    is not fit."""

    name: str
    fit: bool
    found: str
    advice: str


def examine() -> list[Check]:
    """All checks; the last three start a child process and take about a second."""
    cores = machine.usable_cores()
    memory = job_memory.usable_memory_bytes()
    disk = shutil.disk_usage(tempfile.gettempdir()).free
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    checks = [
        Check(
            "usable cores",
            cores.number >= 2,
            f"{cores.number:g}, from {cores.source}",
            "with one core nothing runs in parallel: ask for more",
        ),
        Check(
            "memory",
            memory >= MEMORY_BYTES,
            f"{units.size(memory)} free",
            f"free {units.size(MEMORY_BYTES)}, or choose --profile smoke",
        ),
        Check(
            "temporary folder",
            disk >= DISK_BYTES,
            f"{units.size(disk)} free",
            f"free {units.size(DISK_BYTES)} or set TMPDIR",
        ),
        Check("open files", files >= OPEN_FILES, f"limit {files}", f"ulimit -n {OPEN_FILES}"),
        *_shared_memory(),
        *_governor(),
    ]
    return checks + _from_a_child(cores.number)


def _shared_memory() -> list[Check]:
    if not SHARED_MEMORY.is_dir():
        return []
    free = shutil.disk_usage(SHARED_MEMORY).free
    return [
        Check(
            "shared memory",
            free >= SHARED_MEMORY_BYTES,
            f"{units.size(free)} free",
            "Ray keeps objects there: give the container more (--shm-size)",
        )
    ]


def _governor() -> list[Check]:
    try:
        governor = Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor").read_text().strip()
    except OSError:
        return []
    return [
        Check(
            "frequency",
            governor != "powersave",
            f"governor {governor}",
            "the clock changes under way: choose the governor performance",
        )
    ]


class Busy(NamedTuple):
    """How long processors have worked, in s: those that may be used here, and of that for us."""

    at: float
    every: float
    ours: float
    processors: int


def busy(kernel: psutil.Process) -> Busy:
    """Read what the processors have done so far, of which *kernel* and this process are ours."""
    times = dict(enumerate(psutil.cpu_times(percpu=True)))
    usable = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else times.keys()
    known = [times[number] for number in usable if number in times]
    every = sum(each.user + getattr(each, "nice", 0.0) + each.system for each in known)
    ours = sum(sum(process.cpu_times()[:2]) for process in (kernel, psutil.Process()))
    return Busy(time.monotonic(), every, ours, len(known))


def busy_with_others(began: Busy, ended: Busy) -> float | None:
    """Share of the usable processors that others kept busy in between; ``None`` where the system
    does not tell."""
    seconds = (ended.at - began.at) * ended.processors
    every = ended.every - began.every
    if seconds <= 0 or every <= 0:
        return None
    return max(0.0, every - (ended.ours - began.ours)) / seconds


def _load(began: Busy, ended: Busy, cores: float) -> Check:
    """What else runs while the calibration kernel does. The load of the last minute would count
    what has ended by now, such as the installation of chunkbench."""
    load = os.getloadavg()[0]
    share = busy_with_others(began, ended)
    if share is None:
        return Check("load", load <= BUSY_SHARE * cores, f"{load:.2f} (1 minute)", _STOP_IT)
    return Check(
        "load",
        share <= BUSY_SHARE,
        f"others use {100 * share:.0f} % of the cores now (load of the last minute {load:.2f})",
        _STOP_IT,
    )


def _from_a_child(cores: float) -> list[Check]:
    """Do pins hold, and how much does the same work vary when nothing else is asked for?"""
    with supervised() as reaper:
        scratch = reaper.scratch
        pinned = pins.environment("1", cores)
        mark = reaper.mark("doctor")
        channel = Channel(child_environment(mark, scratch, pinned), scratch)
        reaper.watch(channel.process.pid)
        channel.ask("start", 60, workloads=[("random-sum", 1000)], executor="numpy", workers=1)
        probes = [WorkerProbe(**p) for p in channel.ask("probe", 60)["probes"]]
        kernel = psutil.Process(channel.process.pid)
        before, began = psutil.cpu_times(), busy(kernel)
        seconds = [channel.ask("calibrate", 60)["seconds"] for _ in range(NOISE_REPEATS)]
        ended = busy(kernel)
        stolen = getattr(psutil.cpu_times(), "steal", 0.0) - getattr(before, "steal", 0.0)
        channel.close(partial(reaper.end, mark))
    wrong = pins.mismatch("1", cores, probes)
    low, middle, high = statistics.quantiles(seconds, n=4)
    spread = (high - low) / middle
    return [
        _load(began, ended, cores),
        Check(
            "pins",
            wrong is None,
            wrong or "1 native thread asked, 1 read back in the worker",
            "something sets thread variables when Python starts: look at sitecustomize",
        ),
        Check(
            "noise",
            spread <= NOISE_LIMIT,
            f"interquartile spread {100 * spread:.1f} % of the median over {NOISE_REPEATS} runs "
            f"of {units.seconds(middle)}; {stolen:.2f} s of CPU time stolen meanwhile",
            "the machine is shared or throttled: pairs cancel much of it, intervals get wider",
        ),
    ]
