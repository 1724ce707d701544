"""How a machine's processors are put together: sockets, memory nodes, threads of a core."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple


class Topology(NamedTuple):
    """What the system tells; ``None`` for what it does not.

    Attributes
    ----------
    sockets : int or None
    numa_nodes : int or None
        Parts of the memory that are nearer to some cores than to others.
    threads_per_core : int or None
        Hardware threads that share a core: 2 or more with simultaneous multithreading.
    """

    sockets: int | None
    numa_nodes: int | None
    threads_per_core: int | None


@cache
def topology(root: Path = Path("/")) -> Topology:
    """Read it from the files of Linux's kernel, once a process.

    Parameters
    ----------
    root : Path
        Where ``sys`` is; another folder in tests.
    """
    system = root / "sys/devices/system"
    cores = Counter(_places(root).values())
    return Topology(
        sockets=len({socket for socket, _ in cores}) or None,
        numa_nodes=len([*system.glob("node/node[0-9]*")]) or None,
        threads_per_core=max(cores.values(), default=None),
    )


@cache
def _places(root: Path) -> dict[int, tuple[str, str]]:
    """Hardware thread to its socket and core."""
    places = {}
    for folder in (root / "sys/devices/system").glob("cpu/cpu[0-9]*/topology"):
        socket, core = _text(folder / "physical_package_id"), _text(folder / "core_id")
        if socket is not None and core is not None:
            places[int(folder.parent.name.removeprefix("cpu"))] = socket, core
    return places


def cores_of(threads: Iterable[int], root: Path = Path("/")) -> list[frozenset[int]]:
    """Put hardware *threads* together that share a core, in the order of their least numbers; one
    of which nothing is known is a core."""
    places = _places(root)
    cores: dict[object, set[int]] = {}
    for thread in sorted(threads):
        cores.setdefault(places.get(thread, thread), set()).add(thread)
    return [frozenset(core) for core in cores.values()]


def _text(path: Path) -> str | None:
    try:
        return path.read_text().strip()
    except OSError:
        return None
