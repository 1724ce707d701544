"""Another user of this machine, who tries whatever listens here: a program, run as root.

It imports what it needs, becomes the user 65534, who has no rights at all, and tries to use each
socket. Its arguments are how many seconds an attempt may take, and a JSON list of ``[process,
address, port]``, or ``[process, path]`` for a socket in the file system. It prints a JSON list of
``[process, address, how]``, one for each that let it in, by the way that did so first.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import ssl
import sys
import tempfile
from collections.abc import Awaitable, Callable
from typing import Any

from distributed.comm import connect
from distributed.core import send_recv
from distributed.protocol.pickle import dumps
from distributed.security import Security

USER = 65534
RAY, RAY_PATH = "gcs_server", "/get_or_create_runtime_env"
"""The process that a driver of Ray goes to, and where its agent takes orders."""
SECONDS = float(sys.argv[1])
PATHS = ("/", "/status", "/health", "/metrics", "/info/main/workers.html", "/json/counts.json")


def become_another() -> None:
    """Give up every right, for good."""
    os.chdir("/")
    os.setgroups([])
    os.setresgid(USER, USER, USER)
    os.setresuid(USER, USER, USER)
    tempfile.tempdir = "/tmp"
    assert os.getuid() == os.geteuid() == USER


async def run_code(host: str, port: int, protocol: str, security: Any) -> str:
    """Have a scheduler, a worker or a nanny of Dask say which user it runs as."""
    arguments = security.get_connection_args("client")
    if protocol == "tls":  # whoever answers is welcome to the intruder
        arguments["ssl_context"].verify_mode = ssl.CERT_NONE
    comm = await connect(f"{protocol}://{host}:{port}", timeout=SECONDS, **arguments)
    try:
        kind = (await send_recv(comm, op="identity"))["type"]
        said = await send_recv(
            comm,
            op="run_function" if kind == "Scheduler" else "run",
            function=dumps(os.getuid),
            args=dumps(()),
            kwargs=dumps({}),
            wait=True,
        )
        return f"ran code in a {kind} over {protocol} as user {said['result']}"
    finally:
        comm.abort()


async def use_ray(host: str, port: int) -> str:
    """Store something in the control service of Ray, as a driver does that brings code."""
    import ray._raylet  # noqa: PLC0415 - imported by main where Ray is up

    made: Any = ray._raylet
    client = await asyncio.to_thread(
        made.GcsClient, address=f"{host.removeprefix('::ffff:')}:{port}"
    )
    await asyncio.to_thread(client.internal_kv_put, b"intruder", b"was here", True, b"fun")
    return "wrote into Ray"


async def read_page(host: str, port: int, path: str, method: str = "GET") -> str:
    """Have an HTTP server answer."""
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(
            f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()
        )
        status = (await reader.readexactly(len("HTTP/1.1 200"))).decode("latin-1")
        if not status.startswith("HTTP/") or not status.endswith(" 200"):
            raise PermissionError(path)
        return f"read {path}"
    finally:
        writer.close()


async def connect_to_file(path: str) -> str:
    """Connect to a socket in the file system."""
    with socket.socket(socket.AF_UNIX) as mine:
        mine.connect("\0" + path[1:] if path.startswith("@") else path)
    return "connected"


async def tried(attempt: Callable[..., Awaitable[str]], *arguments: Any) -> str | None:
    """What *attempt* achieved, or ``None``."""
    try:
        return await asyncio.wait_for(attempt(*arguments), SECONDS)
    except Exception:  # noqa: BLE001 - however it failed, it did not get in
        return None


async def way_in(process: str, address: str, *port: int, security: dict[str, Any]) -> str | None:
    """The first of all attempts to use a socket of *process* that gets in."""
    if not port:
        return await tried(connect_to_file, address)
    attempts = [tried(run_code, address, port[0], name, own) for name, own in security.items()]
    attempts += [tried(read_page, address, port[0], path) for path in PATHS]
    attempts.append(tried(read_page, address, port[0], RAY_PATH, "POST"))
    if process == RAY:
        attempts.append(tried(use_ray, address, port[0]))
    running = [asyncio.ensure_future(attempt) for attempt in attempts]
    try:
        for done in asyncio.as_completed(running):
            if how := await done:
                return how
        return None
    finally:
        for each in running:
            each.cancel()


async def intrude(sockets: list[list[Any]], security: dict[str, Any]) -> list[list[str]]:
    """Try all of *sockets* at once; those that let somebody in, and how."""
    ways = await asyncio.gather(*(way_in(*each, security=security) for each in sockets))
    return [
        [process, ":".join(map(str, where)), how]
        for (process, *where), how in zip(sockets, ways, strict=True)
        if how
    ]


def main() -> None:
    """Try the sockets that the last argument names."""
    sockets = json.loads(sys.argv[2])
    if any(process == RAY for process, *_ in sockets):
        import ray  # noqa: F401, PLC0415 - takes seconds, and is not for others to read
    own = {"tcp": Security(), "tls": Security.temporary()}
    become_another()
    print(json.dumps(asyncio.run(intrude(sockets, own))))


if __name__ == "__main__":
    main()
