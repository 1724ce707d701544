"""The program of a block's child process: it holds one engine, or none, and answers commands.

Commands and replies are JSON lines on two pipes of its own; what an engine prints goes elsewhere.
It dies with its parent: at the end of file of its command pipe and, on Linux, by a signal.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from time import perf_counter
from typing import Any, ClassVar, TextIO

from harness.core.errors import ChunkbenchError
from harness.core.records import Status
from harness.running.executors import require
from harness.running.executors.base import Executor
from harness.running.executors.built_call import Layout
from harness.running.executors.noting import Notes
from harness.running.executors.traced import run_traced
from harness.running.host.interpreter import interpreter_name
from harness.running.host.job_memory import offer_to_be_ended
from harness.running.host.machine import package_version
from harness.running.host.with_parent import die_with_parent
from harness.running.measure.process.garbage import Garbage
from harness.running.measure.process.reaper import TOKEN
from harness.running.measure.process.shared_memory import name_semaphores
from harness.running.measure.process.timing import timed
from harness.running.measure.process.traced_call import as_message
from harness.running.workloads import calibrated, kept_works, make_workload
from harness.running.workloads.base import Workload

Message = dict[str, Any]
Named = tuple[str, int]
"""A workload by name and size; a list of the two once it has come through a pipe."""

COMMANDS = frozenset(
    (
        "start",
        "probe",
        "usage",
        "versions",
        "collect",
        "describe",
        "case",
        "trace",
        "log",
        "pages",
        "baseline",
        "replay",
        "line_up",
        "share",
        "calibrate",
        "stop",
    )
)
"""What the sweep may ask a child."""


class Child:
    """One executor and the workloads it serves, driven by messages; a method answers a command."""

    commands: ClassVar[frozenset[str]] = COMMANDS

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self.garbage = Garbage()
        self.workloads: dict[Named, Workload] = {}
        self.executor: Executor | None = None
        self.layout = Layout(0, 0, {})
        self._part: tuple[Any, Any, int] | None = None

    def start(
        self,
        workloads: list[Named],
        executor: str,
        workers: int,
        dashboard: bool = False,
        iterations_per_us: float | None = None,
        users: list[Message] | None = None,
    ) -> Message:
        """Import and start the engine; the seconds that each took. *users* are works of the user's
        own among the *workloads*."""
        calibrated.keep(iterations_per_us)
        if users:
            specs = [kept_works.WorkSpec(**user) for user in users]
            kept_works.keep(specs, home=self.scratch.parent)
        self.workloads = {(name, size): make_workload(name, size) for name, size in workloads}
        for workload in self.workloads.values():
            workload.ready()
        begin = perf_counter()
        made = require(executor)(workers, self.scratch, dashboard=dashboard)
        self.layout = made.start()
        self.executor = made
        return {"startup_seconds": perf_counter() - begin, **self.layout._asdict()}

    def probe(self) -> Message:
        """What every worker says of itself."""
        probes = self._ready().probe(self.layout, list(self.workloads.values()))
        return {"probes": [asdict(probe) for probe in probes]}

    def versions(self) -> Message:
        """The interpreter, and the versions of what can move a result, as they are in here."""
        names = ("numpy", *self._ready().packages)
        return {
            "interpreter": interpreter_name(),
            "versions": {name: package_version(name) for name in names},
        }

    def usage(self) -> Message:
        """What the workers say of the CPU time that they have used, if they are asked."""
        return {"workers": self._ready().usage()}

    def collect(self) -> Message:
        """Collect garbage before a timed call, so that none of it is paid for inside (rule 15)."""
        self.garbage.collect()
        return {}

    def describe(self, workload: Named, chunk: int, seed: int) -> Message:
        """The number of tasks and chunks of a case; outside any timed region."""
        executor, of = self._ready(), self._workload(workload)
        built = executor.build(of, chunk, seed)
        return {
            "n_tasks": executor.n_tasks(built),
            "n_chunks": executor.n_chunks(built),
            "native": executor.native(of),
        }

    def case(self, workload: Named, chunk: int, seed: int, calls: int) -> Message:
        """Time *calls* whole calls of a case as one batch, plan building included."""
        executor, of = self._ready(), self._workload(workload)
        return self._timed(
            of, lambda call: executor.build(of, chunk, seed + call), executor.run, calls
        )

    def trace(self, workload: Named, chunk: int, seed: int) -> Message:
        """One call of a case that is watched, with all that was seen (rule 17)."""
        executor, of = self._ready(), self._workload(workload)
        folder = self.scratch / "stamps"
        folder.mkdir(exist_ok=True)
        notes = Notes(folder)
        answer = run_traced(executor, of, chunk, seed, notes)
        return as_message(notes) | {
            "wrong": of.check(answer),
            "untold": executor.unmeasured_parts(of),
        }

    def log(self, workload: Named, chunk: int, seed: int, folder: str, fields: Message) -> Message:
        """Time one whole call of a case whose tasks are logged in *folder*; how many there are."""
        executor, of = self._ready(), self._workload(workload)
        with executor.logged(Path(folder), fields) as log:
            reply = self._timed(of, lambda _: executor.build(of, chunk, seed), executor.run, 1)
        return reply | {"tasks": log.tasks}

    def pages(self, workload: Named, chunk: int, seed: int, folder: str) -> Message:
        """Have the engine make its pages of calls of a case."""
        executor, of = self._ready(), self._workload(workload)
        made = executor.pages(of, chunk, seed, Path(folder))
        return {"pages": {name: page._asdict() for name, page in made.items()}}

    def baseline(self, workload: Named, seed: int, calls: int) -> Message:
        """Time *calls* calls of the baseline."""
        of = self._workload(workload)
        return self._timed(of, lambda call: seed + call, of.baseline, calls, of.remember)

    def replay(self, workload: Named, chunk: int, seed: int, calls: int) -> Message:
        """Time the serial replay of the chunks; with the case's seed its answers are the case's."""
        of = self._workload(workload)

        def run(tasks: list[Any]) -> Any:
            return of.combine(of.replay(tasks))

        return self._timed(of, lambda call: of.tasks(chunk, seed + call), run, calls)

    def line_up(self, workload: Named, index: int, of: int, seed: int, gate: str) -> Message:
        """Make one of *of* independent kernels ready to run (the ceiling control); *gate* is the
        named pipe whose closing releases all of them."""
        mine = self._workload(workload)
        self._part = mine.kernel, mine.part(index, of, seed), os.open(gate, os.O_RDONLY)
        return {}

    def share(self, calls: int) -> Message:
        """Wait until the gate opens and run the part that was lined up *calls* times; when the wait
        and the run began, and when it ended."""
        if self._part is None:
            raise ChunkbenchError("no part was lined up")
        (kernel, task, gate), self._part = self._part, None
        waited_from = perf_counter()
        try:
            os.read(gate, 1)  # nothing is ever written: it returns when the writing end is closed
            begin = perf_counter()
            for _ in range(calls):
                kernel(*task)
            return {"waited_from": waited_from, "begin": begin, "end": perf_counter()}
        finally:
            os.close(gate)

    def calibrate(self) -> Message:
        """Time a fixed piece of work of about two milliseconds (rule 16)."""
        begin = perf_counter()
        total = 0
        for value in range(40_000):
            total += value * value
        return {"seconds": perf_counter() - begin, "total": total}

    def stop(self) -> Message:
        """Take the engine down."""
        if self.executor is not None:
            self.executor.stop()
            self.executor = None
        return {}

    @staticmethod
    def _timed(
        workload: Workload,
        build: Any,
        run: Any,
        calls: int,
        told: Callable[[Any], None] = lambda answer: None,
    ) -> Message:
        reading = timed(build, run, calls)
        told(reading.answers[0])
        wrong = next(filter(None, map(workload.check, reading.answers)), None)
        digests = [workload.digest(answer) for answer in reading.answers]
        return reading._asdict() | {"answers": digests, "wrong": wrong}

    def _ready(self) -> Executor:
        if self.executor is None:
            raise ChunkbenchError("the engine is not started")
        return self.executor

    def _workload(self, named: Named) -> Workload:
        name, size = named
        if (name, size) not in self.workloads:
            raise ChunkbenchError(f"this block was not started for {name} of size {size}")
        return self.workloads[name, size]

    def status_of(self, error: BaseException) -> Status:
        """The status that *error* gives the case it hit."""
        if self.executor is not None:
            return self.executor.status_of(error)
        return Status.OUT_OF_MEMORY if isinstance(error, MemoryError) else Status.FAILED


def serve(child: Child, commands: TextIO, replies: TextIO) -> None:
    """Answer commands until their pipe ends; an error is an answer too."""
    inbox: list[str] = []
    arrived = threading.Semaphore(0)

    def listen() -> None:
        for line in commands:
            inbox.append(line)
            arrived.release()
        os.kill(
            os.getpid(), signal.SIGKILL
        )  # the parent is gone, and an engine may hang in its exit

    threading.Thread(target=listen, daemon=True).start()
    while True:
        arrived.acquire()
        message = json.loads(inbox.pop(0))
        command = message.pop("command")
        try:
            if command not in child.commands:
                raise ChunkbenchError(f"unknown command {command!r}")
            reply = getattr(child, command)(**message)
        except Exception as error:  # noqa: BLE001 - whatever a task raises is an answer
            cause = child.executor.cause(error) if child.executor else error
            reply = {
                "error": f"{type(cause).__name__}: {_reason(cause)}",
                "status": child.status_of(error).value,
                "traceback": traceback.format_exc(),
            }
        replies.write(json.dumps(reply) + "\n")
        replies.flush()


def _reason(error: BaseException) -> str:
    """The first line of what *error* says, or where it was raised if it says nothing."""
    lines = str(error).strip().splitlines()
    frames = traceback.extract_tb(error.__traceback__)
    if lines or not frames:
        return lines[0] if lines else "no reason given"
    last = frames[-1]
    return f"raised without a reason in {last.name}, {Path(last.filename).name}:{last.lineno}"


def main(program: type[Child] = Child) -> None:
    """Serve on the two file descriptors given as arguments."""
    die_with_parent()
    offer_to_be_ended()
    name_semaphores(os.environ.get(TOKEN, ""))
    commands, replies = (int(argument) for argument in sys.argv[1:3])
    serve(
        program(Path(sys.argv[3])),
        os.fdopen(commands, "r", encoding="utf-8"),
        os.fdopen(replies, "w", encoding="utf-8"),
    )


if __name__ == "__main__":
    main()
