"""Dask clusters that nobody else gets into: certificates for what connects, and no HTTP servers.

Whoever reaches a scheduler or a worker of Dask can have it run any code, as the user who started
it; the loopback is open to every user of the machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import util
from typing import Any

NEEDED = "cryptography"
"""What Dask makes certificates with."""
NO_PAGES = "harness.running.executors.dask_no_pages"
"""The preload that stops the HTTP server of what it is loaded into."""
TLS_PROTOCOL = "tls://"
_TLS = "distributed.comm.tls"
_ROLES = ("client", "scheduler", "worker")


def unmade() -> str | None:
    """Say why no certificates can be made here; ``None`` if they can."""
    if util.find_spec(NEEDED) is not None:
        return None
    return f"{NEEDED} not installed: pip install {NEEDED}, or choose --secure off"


def certificates() -> dict[str, Any]:
    """Return the settings of Dask by which the processes of one cluster know each other.

    They hold a key and a certificate that are made now and stand in no file.
    """
    from distributed.security import Security  # noqa: PLC0415

    made = Security.temporary()
    return {
        "distributed.comm.require-encryption": True,
        f"{_TLS}.ca-file": made.tls_ca_file,
        **{
            f"{_TLS}.{role}.{part}": getattr(made, f"tls_{role}_{part}")
            for role in _ROLES
            for part in ("cert", "key")
        },
    }


def without_pages(*servers: str) -> dict[str, Any]:
    """Return the settings of Dask by which *servers*, ``scheduler`` or ``worker``, have no pages.

    Preloads that the user's own configuration names stay.
    """
    import dask  # noqa: PLC0415

    names = [f"distributed.{server}.preload" for server in servers]
    return {name: [*_listed(dask.config.get(name, None)), NO_PAGES] for name in names}


def _listed(preloads: Any) -> list[str]:
    return [preloads] if isinstance(preloads, str) else list(preloads or ())


def as_variables(settings: Mapping[str, Any]) -> dict[str, str]:
    """Return *settings* as the environment variables that Dask reads them from."""
    return {
        f"DASK_{name.upper().replace('.', '__').replace('-', '_')}": str(value)
        for name, value in settings.items()
    }
