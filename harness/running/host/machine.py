"""What this machine offers: usable cores and their source, memory, a name, versions.

Probes that a system lacks give ``None``.
"""

from __future__ import annotations

import json
import os
import platform
import re
import time
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import psutil

from harness.core.errors import UsageError
from harness.core.records import Machine
from harness.core.run_options import MACHINE

GRANTS = ("SLURM_CPUS_PER_TASK", "SLURM_CPUS_ON_NODE", "NSLOTS", "NCPUS", "LSB_DJOB_NUMPROC")
PACKAGES = ("numpy", "dask", "distributed", "ray", "asv", "psutil", "pandas", "scipy")


class Cores(NamedTuple):
    """Usable cores (a float, where a quota grants a fraction) and where the figure comes from."""

    number: float
    source: str


def usable_cores(environ: Mapping[str, str] | None = None, root: Path = Path("/")) -> Cores:
    """The smallest of affinity, the control group's quota and the batch system's grant (rule 7).

    Parameters
    ----------
    environ : mapping, optional
        Environment to read grants from; the process's own by default.
    root : Path
        Where ``proc`` and ``sys`` are; another folder in tests.
    """
    environ = os.environ if environ is None else environ
    found = [_affinity()]
    quota = cpu_quota(root)
    if quota is not None:
        found.append(Cores(quota, "cgroup quota"))
    granted = ((name, environ.get(name, "")) for name in GRANTS)
    found += [Cores(float(n), name) for name, n in granted if n.isdigit() and int(n) > 0]
    return min(found, key=lambda cores: cores.number)


def _affinity() -> Cores:
    if hasattr(os, "sched_getaffinity"):
        return Cores(float(len(os.sched_getaffinity(0))), "affinity")
    return Cores(float(psutil.cpu_count() or 1), "cpu count")


def control_groups(root: Path, controller: str) -> Iterator[Path]:
    """The folders of the own control group and every ancestor, versions 1 and 2."""
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    base = root / "sys/fs/cgroup"
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            mounts = [base, base / "unified"]
        elif controller in controllers.split(","):
            mounts = [base / controllers, base / controller]
        else:
            continue
        for mount in mounts:
            folder = mount / path.lstrip("/")
            while folder != mount.parent:
                if folder.is_dir():
                    yield folder
                folder = folder.parent


def _number(path: Path) -> float | None:
    try:
        return float(path.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None


def cpu_quota(root: Path = Path("/")) -> float | None:
    """Cores granted by the tightest quota over the control group and its ancestors."""
    quotas = []
    for folder in control_groups(root, "cpu"):
        quota, period = _number(folder / "cpu.cfs_quota_us"), _number(folder / "cpu.cfs_period_us")
        if quota is None:
            quota = _number(folder / "cpu.max")
            try:
                period = float((folder / "cpu.max").read_text().split()[1])
            except (OSError, ValueError, IndexError):
                period = None
        if quota is not None and quota > 0 and period:
            quotas.append(quota / period)
    return min(quotas, default=None)


def usable_memory_bytes(root: Path = Path("/")) -> int:
    """Memory that a case may fill now: what is available, within the control group's limit."""
    limits = [float(psutil.virtual_memory().available)]
    for folder in control_groups(root, "memory"):
        for limit_name, used_name in (
            ("memory.max", "memory.current"),
            ("memory.limit_in_bytes", "memory.usage_in_bytes"),
        ):
            limit = _number(folder / limit_name)
            if limit is not None:
                limits.append(limit - (_number(folder / used_name) or 0.0))
    return int(max(0.0, min(limits)))


def cpu_model() -> str | None:
    """The processor's own name."""
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor() or None
    match = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return match[1].strip() if match else platform.machine()


def default_name(environ: Mapping[str, str] | None = None) -> str:
    """The machine's name: ``CHUNKBENCH_MACHINE``, else what its owner told ASV, else cluster,
    partition and CPU model inside a batch job, else CPU model and cores.

    ``asv machine --yes`` takes the host's name; nothing else here does.
    """
    environ = os.environ if environ is None else environ
    if environ.get(MACHINE):
        return environ[MACHINE]
    known = _asv_machines()
    if platform.node() in known:
        return platform.node()
    if len(known) == 1:
        return known[0]
    batch = [environ.get("SLURM_CLUSTER_NAME"), environ.get("SLURM_JOB_PARTITION")]
    words = [word for word in batch if word] + [cpu_model() or platform.machine()]
    return slug(f"{' '.join(words)} {psutil.cpu_count() or 1}-core")


def node_name(environ: Mapping[str, str] | None = None) -> str:
    """This node's name within its cluster, without its domain: the batch system's, else the
    host's."""
    environ = os.environ if environ is None else environ
    return environ.get("SLURMD_NODENAME") or platform.node().partition(".")[0]


def process_usage() -> tuple[str, int, float]:
    """Node, process id and CPU seconds of the calling process; a worker is asked this."""
    return node_name(), os.getpid(), time.process_time()


def _asv_machines() -> list[str]:
    try:
        known = json.loads((Path.home() / ".asv-machine.json").read_text())
    except (OSError, ValueError, RuntimeError):
        return []
    return [name for name in known if name != "version"] if isinstance(known, dict) else []


def slug(text: str) -> str:
    """*text* as a folder name: lower case, dashes for all but letters, digits, dot and dash."""
    return re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-.") or "machine"


def checked_name(name: str) -> str:
    """*name*, which is to be a folder in the results folder.

    Raises
    ------
    UsageError
        Where it is no plain name.
    """
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._ -]*", name):
        raise UsageError(f"{name!r} is no machine name: use letters, digits, dot, dash")
    return name


def describe(name: str | None = None) -> Machine:
    """This machine as the journal records it."""
    cores = usable_cores()
    return Machine(
        name=checked_name(name or default_name()),
        cpu=cpu_model(),
        cores_usable=cores.number,
        cores_source=cores.source,
        ram_bytes=psutil.virtual_memory().total,
        system=f"{platform.system()} {platform.machine()}",
    )


def versions() -> dict[str, str | None]:
    """Versions of Python and of the packages that move a result; ``None`` if not installed."""
    return {"python": platform.python_version()} | {
        name: package_version(name) for name in PACKAGES
    }


def package_version(name: str) -> str | None:
    """The installed version of a distribution, or ``None``."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
