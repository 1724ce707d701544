"""Tasks that note when they ran: begin, end, CPU time and worker, taken inside the task (rule 26).

The clock is ``perf_counter``, which on Linux is ``CLOCK_MONOTONIC``: one clock for all processes of
a machine. A note is one write to a file of the worker process, so that every engine can be watched
in the same way and its results stay as they are; an actor keeps its notes to itself.
"""

from __future__ import annotations

import os
import struct
import threading
from collections.abc import Callable
from copy import copy
from functools import partial, wraps
from pathlib import Path
from time import perf_counter_ns, thread_time_ns
from typing import Any, NamedTuple

from harness.running.workloads.base import Actor, ActorWorkload, Task, Workload

PACKED = struct.Struct("<6q")
SERIALISE = -1
"""Index of a note that is no task: an object turned into bytes, or back."""


class Stamp(NamedTuple):
    """One note: the index of a task, times in ns of ``perf_counter``, and in ``cpu`` the ns of
    CPU time of its thread."""

    task: int
    start: int
    end: int
    cpu: int
    pid: int
    thread: int


def stamped(folder: str, index: int, function: Callable[..., Any], /, *args: Any, **kw: Any) -> Any:
    """``function(*args, **kw)``, noted in *folder* as task *index*."""
    cpu, start = thread_time_ns(), perf_counter_ns()
    result = function(*args, **kw)
    end = perf_counter_ns()
    note(folder, index, start, end, thread_time_ns() - cpu)
    return result


async def stamped_coroutine(
    function: Callable[..., Any], folder: str, index: int, _: Any, /, *args: Any
) -> Any:
    """``await function(*args)``, noted as :func:`stamped` notes a task; tasks of one loop share a
    thread, so that what each used of the processor is not known, and noted as none."""
    start = perf_counter_ns()
    result = await function(*args)
    note(folder, index, start, perf_counter_ns(), 0)
    return result


_guard = threading.Lock()
_opened: tuple[str, int, int] = ("", 0, -1)


def note(folder: str, index: int, start: int, end: int, cpu: int) -> None:
    """Write one note: whole, also where threads of the process write at the same time."""
    pid = os.getpid()
    if _opened[:2] != (folder, pid):
        _open(folder, pid)
    os.write(_opened[2], PACKED.pack(index, start, end, cpu, pid, threading.get_ident()))


def _open(folder: str, pid: int) -> None:
    global _opened  # noqa: PLW0603 - one file a process
    with _guard:
        if _opened[:2] == (folder, pid):
            return
        before = _opened
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        _opened = (folder, pid, os.open(Path(folder, f"{pid}.stamps"), flags, 0o600))
        if before[1] == pid and before[2] >= 0:
            os.close(before[2])


def read_stamps(folder: Path) -> list[Stamp]:
    """All notes in *folder*, in the order in which the tasks began; the files are emptied."""
    stamps = []
    for file in folder.glob("*.stamps"):
        stamps += [Stamp(*fields) for fields in PACKED.iter_unpack(file.read_bytes())]
        os.truncate(file, 0)  # a worker has it open
    return sorted(stamps, key=lambda stamp: stamp.start)


def with_stamps(workload: Workload, folder: Path) -> Workload:
    """*workload* with tasks, or actors, that note when they ran."""
    noting = copy(workload)
    if isinstance(noting, ActorWorkload):
        noting.actor = noting.noting  # type: ignore[misc]
    kernel, tasks, whole = workload.kernel, workload.tasks, workload.whole

    def prefixed(chunk: int, seed: int) -> list[Task]:
        return [
            (str(folder), index, kernel, *task) for index, task in enumerate(tasks(chunk, seed))
        ]

    noting.kernel = stamped
    if workload.coroutine is not None:
        noting.coroutine = partial(stamped_coroutine, workload.coroutine)  # type: ignore[misc]
    noting.tasks = prefixed  # type: ignore[method-assign]
    noting.whole = partial(stamped, str(folder), 0, whole)  # type: ignore[method-assign]
    return noting


class Noting:
    """Mixin, to be named before an actor's class: it notes the calls of the actor's own methods."""

    def __init_subclass__(cls) -> None:
        if any(base is not Noting and issubclass(base, Noting) for base in cls.__mro__[1:]):
            return  # an engine's own subclass of one that notes already
        for base in cls.__mro__[1:]:
            if not issubclass(base, Actor) or base is Actor:
                continue
            for name, method in vars(base).items():
                if callable(method) and not name.startswith("_") and name not in vars(cls):
                    setattr(cls, name, _noting(method))

    def stamps(self) -> list[Stamp]:
        """The notes of the calls since the last call of this method, in their order."""
        notes: list[Stamp] = vars(self).pop("_notes", [])
        return notes


def _noting(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def noted(self: Any, *args: Any) -> Any:
        cpu, start = thread_time_ns(), perf_counter_ns()
        result = method(self, *args)
        end = perf_counter_ns()
        spent, thread = thread_time_ns() - cpu, threading.get_ident()
        notes = vars(self).setdefault("_notes", [])
        notes.append(Stamp(len(notes), start, end, spent, os.getpid(), thread))
        return result

    return noted
