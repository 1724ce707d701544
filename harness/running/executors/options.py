"""Environment variables by which a user describes the site: addresses, network, how to launch.

An engine's process gets an environment of its own (rule 6). Executors that need these variables, or
those of the batch system and of Dask's configuration, have them handed on.
"""

from __future__ import annotations

import os
import re
import shlex
import socket
from collections.abc import Iterable

import psutil

from harness.core import run_options
from harness.core.errors import UsageError
from harness.core.units import parse_seconds
from harness.running.host.company import company

ADAPT = run_options.ADAPT
"""The least number of workers for ``cluster.adapt``, the case giving the most; unset, the size is
fixed."""
INTERFACE = "CHUNKBENCH_INTERFACE"
"""Network between nodes, such as ``ib0``; unset, everything listens on the loopback alone."""
MPIRUN = "CHUNKBENCH_MPIRUN"
"""The launcher and its options; unset, ``mpirun``."""
QUEUE = "CHUNKBENCH_QUEUE"
"""How long to wait for batch jobs to start, such as ``2h``; unset, 10 minutes."""
DASK = "CHUNKBENCH_DASK"
"""Address of a running Dask scheduler."""
RAY = "CHUNKBENCH_RAY"
"""Address of a running Ray cluster."""
OPTIONS = (ADAPT, INTERFACE, MPIRUN, QUEUE, DASK, RAY)
BIND = run_options.BIND
"""Whether processes are bound to cores: ``cores``, or ``no``."""
SECURE = run_options.SECURE
"""Whether other users are kept out of the clusters that are started: ``on``, ``off``, or ``auto``.
It is not handed on as it is: an engine's process is told ``on`` or ``off``."""

QUEUE_SECONDS = 600.0
KNOCK_SECONDS = 3.0
LOOPBACK = "127.0.0.1"


def validate() -> None:
    """Check every option that is set, and look anew who else is on this machine.

    Raises
    ------
    UsageError
        Says what is wrong and what to write.
    """
    adapt()
    interface()
    queue_seconds()
    mpirun()
    company.cache_clear()
    secured()
    bound()
    for name in (DASK, RAY):
        if os.environ.get(name):
            endpoint(name)


def handed_on(prefixes: Iterable[str] = ()) -> dict[str, str]:
    """Return the options that are set, and the variables whose names begin with a prefix."""
    wanted = (*OPTIONS, *prefixes)
    return {name: value for name, value in os.environ.items() if name.startswith(wanted)}


def adapt() -> int | None:
    """Return the least number of workers of an adaptive cluster, or ``None`` for a fixed size.

    Raises
    ------
    UsageError
        Where it is not a whole number of at least 1.
    """
    text = os.environ.get(ADAPT, "")
    if not text:
        return None
    if not text.isdecimal() or int(text) < 1:
        raise UsageError(
            f"{ADAPT} is {text!r}: give the least number of workers, at least 1, "
            "since a start-up looks into its workers before it measures"
        )
    return int(text)


def secured(*, among_jobs: bool = False) -> bool:
    """Say whether a cluster that is started now keeps all others out.

    ``auto`` does where the workers are *among jobs* of others, where the cluster listens on a
    network, and where the machine may not be the user's alone. That is looked up once a process,
    so that all start-ups of a sweep are alike.

    Raises
    ------
    UsageError
        Where the choice is none, or the network is not there.
    """
    choice = run_options.secure_choice(os.environ)
    if choice == run_options.AUTO:
        return among_jobs or interface() is not None or company() is not None
    return choice == "on"


def bound() -> bool:
    """Say whether processes are bound to cores.

    Raises
    ------
    UsageError
        Where the choice is none.
    """
    return run_options.bind_choice(os.environ) == "cores"


def told_secured(*, among_jobs: bool) -> dict[str, str]:
    """Return the variable that tells an engine's process what :func:`secured` said."""
    return {SECURE: "on" if secured(among_jobs=among_jobs) else "off"}


def interface() -> str | None:
    """Return the name of the chosen network, or ``None`` for the loopback.

    Raises
    ------
    UsageError
        Where this machine has none of that name.
    """
    name = os.environ.get(INTERFACE, "")
    if name and name not in psutil.net_if_addrs():
        known = ", ".join(sorted(psutil.net_if_addrs()))
        raise UsageError(f"{INTERFACE} is {name!r}: this machine has {known}")
    return name or None


def loopback() -> str:
    """Return the loopback's own name as an interface.

    Raises
    ------
    UsageError
        Where no interface has its address.
    """
    for name, addresses in psutil.net_if_addrs().items():
        if any(a.family == socket.AF_INET and a.address == LOOPBACK for a in addresses):
            return name
    raise UsageError(f"no interface has {LOOPBACK}: name one in {INTERFACE}")


def mpirun() -> list[str]:
    """Return the launcher's command, without the number of ranks.

    Raises
    ------
    UsageError
        Where it is not a command as in a shell.
    """
    try:
        words = shlex.split(os.environ.get(MPIRUN, ""))
    except ValueError as error:
        raise UsageError(f"{MPIRUN}: {error}: write a command as in a shell") from None
    return words or ["mpirun"]


def queue_seconds() -> float:
    """Return how many seconds to wait for batch jobs to start."""
    text = os.environ.get(QUEUE, "")
    return parse_seconds(text) if text else QUEUE_SECONDS


def endpoint(variable: str) -> tuple[str, int]:
    """Return host and port of the address in *variable*.

    Raises
    ------
    UsageError
        Where it is no address.
    """
    text = os.environ.get(variable, "")
    match = re.fullmatch(
        r"(?:tcp://|tls://)?(\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})", text
    )
    if not match or not 0 < int(match[2]) < 1 << 16:
        example = "tcp://127.0.0.1:8786" if variable == DASK else "127.0.0.1:6379"
        raise UsageError(f"{variable} is {text!r}: give an address such as {example}")
    return match[1].strip("[]"), int(match[2])


def unanswered(variable: str, what: str) -> str | None:
    """Say why the *what* at the address in *variable* cannot be used.

    Returns ``None`` where something answers there.
    """
    if not os.environ.get(variable):
        return f"no running {what} named: set {variable} to its address"
    try:
        host, port = endpoint(variable)
        with socket.create_connection((host, port), KNOCK_SECONDS):
            return None
    except UsageError as error:
        return str(error)
    except OSError as error:
        reason = error.strerror or str(error)
        return f"nothing answers at {host}:{port} ({reason}): is the {what} running?"
