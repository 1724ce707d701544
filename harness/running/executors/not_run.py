"""Systems that people ask for and that chunkbench does not run, each with the reason."""

from __future__ import annotations

import shutil
from typing import NamedTuple

from harness.running.executors import REGISTRY

KIND = "not run"
NO_EXECUTOR = "chunkbench has no executor for it"
FREE_THREADED = ("python3.14t", "python3.13t")
"""What interpreters without a global lock are called."""


class NotRun(NamedTuple):
    """A system by its name, and why it is not run."""

    name: str
    reason: str


SYSTEMS = (
    NotRun("blosc2", f"{NO_EXECUTOR}: it computes compressed arrays, on threads of its own"),
    NotRun(
        "bodo",
        "2026.10 groups a frame here with pandas 2.3, but the MPICH that it starts listens on "
        "all interfaces and asks for no key: run once where nobody is, docs/systems.md",
    ),
    NotRun(
        "eliot",
        "it is a log, and runs nothing: chunkbench run --eliot FILE logs Dask's tasks with it",
    ),
    NotRun(
        "hadoop-streaming",
        "Hadoop is in no package index of Python or Debian, and is not started here; jobs of its "
        "shape run without it: chunkbench systems --install mrjob",
    ),
    NotRun("jax", f"{NO_EXECUTOR}: it compiles arrays as a whole, and takes no tasks"),
    NotRun(
        "mars",
        "its last release, pymars 0.10.0 of 2023, needs NumPy below 1.24, and its web service "
        "listens on all interfaces: run once where nobody is, docs/systems.md",
    ),
    NotRun(
        "raydp",
        "1.6.5 runs here with its own PySpark 3.5.7, but its executor crashes where Spark asks for "
        "a secret, and without one any user of the machine gets in: measure pyspark",
    ),
    NotRun(
        "streamparse",
        "it needs a cluster of Apache Storm, which is in no package index of Python or Debian, and "
        "runs topologies that do not end, where chunkbench times calls that do",
    ),
)


def rows() -> list[dict[str, object]]:
    """What :func:`harness.running.executors.systems` says of an executor, of each of these that is
    none by now, and of a Python without a global lock."""
    known = REGISTRY.names()
    found = [_row(each.name, each.reason) for each in SYSTEMS if each.name not in known]
    return [*found, _free_threaded()]


def _free_threaded() -> dict[str, object]:
    python = next(filter(None, map(shutil.which, FREE_THREADED)), None)
    if python is None:
        names = " or ".join(FREE_THREADED)
        reason = (
            f"no {names} on the PATH: build CPython with ./configure --disable-gil, as Debian's "
            "source package of 3.13 does, then measure on it: chunkbench run --executor "
            "thread-pool --python PATH"
        )
    else:
        reason = (
            f"{python} is another Python, and no executor: chunkbench run --executor thread-pool "
            f"--python {python}"
        )
    return _row("free-threaded-cpython", reason)


def _row(name: str, reason: str) -> dict[str, object]:
    state = {"available": False, "version": None, "reason": reason, "spans_machines": False}
    return {"name": name, "kind": KIND, **state, "environment": None}
