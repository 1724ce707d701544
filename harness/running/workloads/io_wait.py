"""Requests that wait: work on which threads and asyncio show what they are for.

The server is ours, a thread of the process that makes the tasks; it listens on the loopback alone,
on a port that the system chooses, and does nothing but wait and send back what came.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from typing import Any, ClassVar

from harness.running.workloads.base import Sizes, Task
from harness.running.workloads.items import ItemWorkload

LOOPBACK = "127.0.0.1"
WAIT_SECONDS = 0.005


async def reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send each line back after the wait, as a service does that reads from a disk or asks another
    one."""
    while line := await reader.readline():
        await asyncio.sleep(WAIT_SECONDS)
        writer.write(line)
    writer.close()


_servers: list[Any] = []


def port_of_server() -> int:
    """Return the port of this process's server, which is started at the first call, in a thread of
    its own."""
    if not _servers:
        loop = asyncio.new_event_loop()
        threading.Thread(target=loop.run_forever, daemon=True).start()
        starting = asyncio.start_server(reply, LOOPBACK, 0)
        _servers.append(asyncio.run_coroutine_threadsafe(starting, loop).result())
    return int(_servers[0].sockets[0].getsockname()[1])


def ask(port: int, start: int, stop: int) -> tuple[int, int]:
    """Make a request of each number from *start* to *stop*, one after the other, over one
    connection; return how many there were, and the sum of what came back."""
    with socket.create_connection((LOOPBACK, port)) as sock, sock.makefile("rw") as stream:
        total = 0
        for number in range(start, stop):
            print(number, file=stream, flush=True)
            total += int(stream.readline())
        return stop - start, total


async def ask_in_turn(port: int, start: int, stop: int) -> tuple[int, int]:
    """Do the same as a coroutine, which lets other tasks of its loop run while it waits for an
    answer."""
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    total = 0
    for number in range(start, stop):
        writer.write(b"%d\n" % number)
        total += int(await reader.readline())
    writer.close()
    return stop - start, total


class IoWait(ItemWorkload):
    """*size* requests to a server on the loopback that takes 5 ms for each, *chunk* of them in one
    task, one after the other; the baseline makes all of them so.

    No processor is needed to wait: more workers than cores are worth trying.
    """

    name = "io-wait"
    sizes: ClassVar[Sizes] = {"smoke": 20, "laptop": 100, "nightly": 1_000}
    kernel: Callable[..., Any] = staticmethod(ask)
    coroutine = staticmethod(ask_in_turn)
    controlled = False  # the ceiling of work that waits is the number of workers

    def ready(self) -> None:
        port_of_server()

    def baseline(self, seed: int) -> tuple[int, int]:
        return ask(port_of_server(), 0, self.size)

    def task(self, index: int, start: int, elements: int, seed: int) -> Task:
        return (port_of_server(), start, start + elements)

    def combine(self, partials: list[tuple[int, int]]) -> tuple[int, ...]:
        return tuple(map(sum, zip(*partials, strict=True)))

    def expected(self) -> tuple[int, int]:
        return self.size, sum(range(self.size))

    def summary(self, answer: Any) -> tuple[int, ...]:
        return tuple(answer)
