"""Counters read around a call: CPU, memory and switches of a process tree, noise of the machine.

All of them are read by the sweep's own process, outside the timed region. What a system lacks is
``None``.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from time import monotonic, sleep
from typing import Any, NamedTuple

import psutil

from harness.running.host.control_groups import control_groups
from harness.running.host.machine import node_name

QUIET_SHARE = 0.10
QUIET_WINDOW_SECONDS = 0.005
QUIET_LIMIT_SECONDS = 2.0
LINUX = Path("/proc/self/schedstat").exists()


class Usage(NamedTuple):
    """Totals over a tree of processes since each began."""

    cpu_seconds: float | None
    peak_rss_bytes: int | None
    voluntary: int | None
    involuntary: int | None


class Tree:
    """The processes of one block, as of the last :meth:`renew`: scanning for them takes long."""

    def __init__(self, pid: int) -> None:
        self.root = psutil.Process(pid)
        self.processes: list[psutil.Process] = [self.root]

    def renew(self) -> None:
        """Look for processes that the engine has started since."""
        with contextlib.suppress(psutil.Error):
            self.processes = [self.root, *self.root.children(recursive=True)]

    def cpu_seconds(self) -> float:
        """CPU time of all threads, to the nanosecond on Linux."""
        return sum(map(_cpu_seconds, self.processes))

    def usage(self) -> Usage:
        """All totals. The peak is the sum of the processes' own peaks, so an upper bound."""
        peaks = [_peak(process.pid) for process in self.processes] if LINUX else []
        switches = [_switches(process.pid) for process in self.processes] if LINUX else []
        return Usage(
            self.cpu_seconds(),
            sum(peaks) or None,
            sum(first for first, _ in switches) if switches else None,
            sum(second for _, second in switches) if switches else None,
        )

    def forget_peak(self) -> None:
        """Start each process's peak resident set anew."""
        for process in self.processes:
            with contextlib.suppress(OSError):
                Path(f"/proc/{process.pid}/clear_refs").write_text("5")

    def wait_quiet(self) -> float:
        """Wait until the tree uses less than a tenth of a core, for at most 2 s; seconds waited.

        An engine goes on releasing results after it has answered, on the cores that the partner
        is to be timed on (rule 12).
        """
        begin = monotonic()
        used, since = self.cpu_seconds(), begin
        while monotonic() - begin < QUIET_LIMIT_SECONDS:
            sleep(QUIET_WINDOW_SECONDS)
            now_used, now = self.cpu_seconds(), monotonic()
            if now_used - used <= QUIET_SHARE * (now - since):
                break
            used, since = now_used, now
        return monotonic() - begin


def with_others(tree: Tree, workers: list[tuple[str, int, float]] | None) -> Usage:
    """Add the CPU time of *workers* that are not in *tree* to its totals.

    Parameters
    ----------
    workers : list of (node, process, CPU seconds), or None
        What the workers say of themselves; ``None`` where there is nobody to ask, and then nothing
        is known.

    Returns
    -------
    Usage
        With the CPU time alone, where a worker is not in the tree.
    """
    totals, here = tree.usage(), node_name()
    if workers is None:
        return Usage(None, None, None, None)
    known = {process.pid for process in tree.processes}
    others = [used for host, pid, used in workers if host != here or pid not in known]
    if not others or totals.cpu_seconds is None:
        return totals
    return Usage(totals.cpu_seconds + sum(others), None, None, None)


def _cpu_seconds(process: psutil.Process) -> float:
    if LINUX:
        total = 0
        with contextlib.suppress(OSError):
            for thread in os.listdir(f"/proc/{process.pid}/task"):  # noqa: PTH208 - in a hot loop
                with contextlib.suppress(OSError, ValueError, IndexError):
                    total += int(_read(f"/proc/{process.pid}/task/{thread}/schedstat").split()[0])
        return total / 1e9
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)


def _peak(pid: int) -> int:
    with contextlib.suppress(OSError, ValueError):
        for line in _read(f"/proc/{pid}/status").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


def _switches(pid: int) -> tuple[int, int]:
    voluntary = involuntary = 0
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208 - in a hot loop
            with contextlib.suppress(OSError, ValueError, IndexError):
                text = _read(f"/proc/{pid}/task/{thread}/status")
                voluntary += int(text.split("\nvoluntary_ctxt_switches:")[1].split()[0])
                involuntary += int(text.split("\nnonvoluntary_ctxt_switches:")[1].split()[0])
    return voluntary, involuntary


def _read(path: str) -> str:
    with open(path, encoding="ascii", errors="replace") as file:  # noqa: PTH123 - in a hot loop
        return file.read()


class Noise(NamedTuple):
    """Counters of the whole machine at one moment."""

    at: float
    cpu_seconds: float
    steal_seconds: float | None
    pressure_seconds: float | None
    throttled_seconds: float | None


def noise() -> Noise:
    """Read the machine's counters now."""
    times = psutil.cpu_times()
    return Noise(
        monotonic(),
        float(sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)),
        getattr(times, "steal", None),
        _pressure_seconds(),
        _throttled_seconds(),
    )


def between(before: Noise, after: Noise) -> dict[str, Any]:
    """The fields of a pair about the machine's noise (rule 16), from a reading before it and one
    after it, and the frequency now."""
    return {
        "steal_fraction": steal_fraction(before, after),
        "pressure_fraction": pressure_fraction(before, after),
        "throttled_seconds": throttled_seconds(before, after),
        "frequency_mhz": frequency_mhz(),
    }


def steal_fraction(before: Noise, after: Noise) -> float | None:
    """Share of the machine's CPU time that the hypervisor took between two readings."""
    if before.steal_seconds is None or after.steal_seconds is None:
        return None
    passed = after.cpu_seconds - before.cpu_seconds
    return (after.steal_seconds - before.steal_seconds) / passed if passed > 0 else None


def pressure_fraction(before: Noise, after: Noise) -> float | None:
    """Share of the time in which some task waited for a CPU (pressure stall information)."""
    return _rate(before.pressure_seconds, after.pressure_seconds, after.at - before.at)


def throttled_seconds(before: Noise, after: Noise) -> float | None:
    """Seconds for which the own control group was throttled between two readings."""
    return _rate(before.throttled_seconds, after.throttled_seconds, 1.0)


def _rate(before: float | None, after: float | None, over: float) -> float | None:
    return None if before is None or after is None or over <= 0 else (after - before) / over


def _pressure_seconds() -> float | None:
    try:
        text = _read("/proc/pressure/cpu")
        return int(text.split("some", 1)[1].split("total=", 1)[1].split()[0]) / 1e6
    except (OSError, ValueError, IndexError):
        return None


def _throttled_seconds() -> float | None:
    for folder in control_groups(Path("/"), "cpu"):
        with contextlib.suppress(OSError, ValueError):
            fields = dict(line.split() for line in _read(str(folder / "cpu.stat")).splitlines())
            if "throttled_usec" in fields:
                return int(fields["throttled_usec"]) / 1e6
            if "throttled_time" in fields:
                return int(fields["throttled_time"]) / 1e9
    return None


def frequency_mhz() -> float | None:
    """Mean CPU frequency now."""
    try:
        frequency = psutil.cpu_freq()
    except (OSError, NotImplementedError, RuntimeError):
        return None
    current = getattr(frequency, "current", None)  # psutil gives None where it finds no CPU
    return float(current) if current else None
