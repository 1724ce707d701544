"""Describe this machine: usable cores and their source, memory, a name, versions of packages.

A probe that the system lacks gives ``None``.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import time
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import psutil

from harness.core.errors import UsageError
from harness.core.machine_names import MOST_BYTES, wrong_name
from harness.core.run_options import MACHINE, counts_threads
from harness.running.host.batch_job import batch_job, place
from harness.running.host.control_groups import control_groups, number_in
from harness.running.host.job_memory import memory_limit_bytes
from harness.running.host.topology import cores_of, topology

if TYPE_CHECKING:
    from harness.core.records import Machine

GRANTS = ("SLURM_CPUS_PER_TASK", "SLURM_CPUS_ON_NODE", "NSLOTS", "NCPUS", "LSB_DJOB_NUMPROC")
"""Variables by which a batch system says how many cores a job was granted."""
OUR_PACKAGES = ("asv", "psutil", "pandas", "scipy")
"""Packages beside NumPy that chunkbench itself measures and computes with."""


class Cores(NamedTuple):
    """How many cores are usable, and where the figure comes from.

    The number is a float, since a quota may grant a fraction of a core.
    """

    number: float
    source: str


def usable_cores(environ: Mapping[str, str] | None = None, root: Path = Path("/")) -> Cores:
    """Return the smallest of affinity, the control group's quota and the batch system's grant.

    These are the cores that a process may use (rule 7). Hardware threads that share a core are one
    core, unless :data:`harness.core.run_options.SMT` asks for all of them.

    Parameters
    ----------
    environ : mapping, optional
        Environment to read grants from; the process's own by default.
    root : Path
        Where ``proc`` and ``sys`` are; another folder in tests.
    """
    environ = os.environ if environ is None else environ
    limits = [_affinity(environ, root)]
    quota = cpu_quota(root)
    if quota is not None:
        limits.append(Cores(quota, "cgroup quota"))
    granted = ((name, environ.get(name, "")) for name in GRANTS)
    limits += [Cores(float(n), name) for name, n in granted if n.isdigit() and int(n) > 0]
    return min(limits, key=lambda cores: cores.number)


def _affinity(environ: Mapping[str, str], root: Path) -> Cores:
    if not hasattr(os, "sched_getaffinity"):
        counted = psutil.cpu_count(logical=counts_threads(environ)) or psutil.cpu_count() or 1
        return Cores(float(counted), "cpu count")
    threads = os.sched_getaffinity(0)
    cores = cores_of(threads, root)
    if len(cores) == len(threads):
        return Cores(float(len(threads)), "affinity")
    if counts_threads(environ):
        words = f"affinity: hardware threads of {len(cores)} cores, as asked for"
        return Cores(float(len(threads)), words)
    return Cores(
        float(len(cores)), f"affinity: {len(threads)} hardware threads on {len(cores)} cores"
    )


def cpu_quota(root: Path = Path("/")) -> float | None:
    """Return the cores that the tightest quota of the control group and its ancestors grants."""
    quotas = []
    for folder in control_groups(root, "cpu"):
        quota, period = (
            number_in(folder / "cpu.cfs_quota_us"),
            number_in(folder / "cpu.cfs_period_us"),
        )
        if quota is None:
            quota = number_in(folder / "cpu.max")
            try:
                period = float((folder / "cpu.max").read_text().split()[1])
            except (OSError, ValueError, IndexError):
                period = None
        if quota is not None and quota > 0 and period:
            quotas.append(quota / period)
    return min(quotas, default=None)


def cpu_model() -> str | None:
    """Return the name that the processor gives itself."""
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor() or None
    match = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return match[1].strip() if match else platform.machine()


def default_name(environ: Mapping[str, str] | None = None) -> str:
    """Return the machine's name.

    It is the first that there is of: ``CHUNKBENCH_MACHINE``; inside a batch job cluster, partition,
    CPU model and cores; what the owner told ASV; CPU model and cores. The host's name is used only
    where ``asv machine --yes`` took it, and never inside a batch job: ASV's file is that of the
    login node, and nodes that are alike are one machine.
    """
    environ = os.environ if environ is None else environ
    if environ.get(MACHINE):
        return environ[MACHINE]
    if batch_job(environ) is None:
        known = _asv_machines()
        if platform.node() in known:
            return platform.node()
        if len(known) == 1:
            return known[0]
    words = [*place(environ), cpu_model() or platform.machine()]
    return slug(f"{' '.join(words)} {psutil.cpu_count() or 1}-core")


def node_name(environ: Mapping[str, str] | None = None) -> str:
    """Return this node's name within its cluster, without a domain.

    The batch system's name for it comes first, then the host's own.
    """
    environ = os.environ if environ is None else environ
    return environ.get("SLURMD_NODENAME") or platform.node().partition(".")[0]


def node_digest(environ: Mapping[str, str] | None = None) -> str:
    """Return a mark that tells this node from others of its cluster, and does not name it."""
    return hashlib.sha256(node_name(environ).encode()).hexdigest()[:8]


def process_usage() -> tuple[str, int, float]:
    """Return node, process id and CPU seconds of the calling process, which may be a worker."""
    return node_name(), os.getpid(), time.process_time()


def _asv_machines() -> list[str]:
    try:
        known = json.loads((Path.home() / ".asv-machine.json").read_text())
    except (OSError, ValueError, RuntimeError):
        return []
    return [name for name in known if name != "version"] if isinstance(known, dict) else []


def slug(text: str) -> str:
    """Turn *text* into a folder name: lower case, a dash for all but letters, digits and dots."""
    return re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-.") or "machine"


def checked_name(name: str) -> str:
    """Return *name* if it can be a folder in the results folder.

    Raises
    ------
    UsageError
        Where it has other characters than letters, digits, dots, dashes and spaces, or is longer
        than a folder's name can be.
    """
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._ -]*", name) or wrong_name(name):
        shown = repr(name) if len(name) <= MOST_BYTES else f"{name[:40]!r}..."
        raise UsageError(
            f"{shown} is no machine name: use letters, digits, dot, dash, at most {MOST_BYTES}"
        )
    return name


def describe(name: str | None = None) -> Machine:
    """Describe this machine as the journal records it, under *name* or its default name.

    Raises
    ------
    UsageError
        Where the name cannot be a folder.
    """
    from harness.core.records import Machine  # noqa: PLC0415 - needs pydantic, a child has none

    cores, built = usable_cores(), topology()
    return Machine(
        name=checked_name(name or default_name()),
        cpu=cpu_model(),
        cores_usable=cores.number,
        cores_source=cores.source,
        ram_bytes=psutil.virtual_memory().total,
        system=f"{platform.system()} {platform.machine()}",
        node=node_digest(),
        sockets=built.sockets,
        numa_nodes=built.numa_nodes,
        threads_per_core=built.threads_per_core,
        memory_limit_bytes=memory_limit_bytes(),
    )


def versions(engine_packages: Iterable[str] = ()) -> dict[str, str | None]:
    """Return versions of Python and of the packages that can move a result.

    Those of the engines are *engine_packages*; the version of a package that is not installed is
    ``None``.
    """
    names = ("numpy", *engine_packages, *OUR_PACKAGES)
    return {"python": platform.python_version()} | {name: package_version(name) for name in names}


def package_version(name: str) -> str | None:
    """Return the installed version of the distribution *name*, or ``None``."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
