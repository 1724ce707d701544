"""Executors of a third party that misbehave; the tests install this file as a distribution.

Each of them replays the chunks like ``serial-replay``, and misbehaves where a task has ``BAD``
elements, so that the other cases of its group can go on.
"""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

from harness.running.executors.built_call import Layout
from harness.running.executors.serial import SerialReplay

BAD = 500


class Faulty(SerialReplay):
    """Well-behaved but for :meth:`fault`."""

    def map(self, function, tasks):
        if BAD in tasks[0]:
            self.fault()
        return super().map(function, tasks)

    def fault(self):
        raise NotImplementedError


class Hangs(Faulty):
    name = "hangs"

    def fault(self):
        threading.Event().wait()


class Dies(Faulty):
    name = "dies"

    def fault(self):
        os.kill(os.getpid(), signal.SIGKILL)


class Exits(Faulty):
    name = "exits"

    def fault(self):
        print("out of luck", flush=True)
        os._exit(3)


class Exhausts(Faulty):
    name = "exhausts"

    def fault(self):
        raise MemoryError("no room for this\nand more of it")


class Raises(Faulty):
    name = "raises"

    def fault(self):
        raise RuntimeError("what a pity\nand more of it")


class Miscounts(Faulty):
    """A wrong answer that the workload's own check finds."""

    name = "miscounts"

    def run(self, plan):
        wrong = BAD in plan.tasks[0]
        return plan.workload.combine(super(Faulty, self).map(plan.workload.kernel, plan.tasks)) + (
            wrong * plan.workload.size
        )


class Reseeds(Faulty):
    """A wrong answer that looks right: only the replay of the same chunks tells."""

    name = "reseeds"

    def map(self, function, tasks):
        if BAD in tasks[0]:
            tasks = [(task[0] + 1, *task[1:]) for task in tasks]
        return super(Faulty, self).map(function, tasks)


class Unstartable(SerialReplay):
    name = "unstartable"

    def start(self):
        raise OSError("the door is locked")


class Unpinned(SerialReplay):
    """Undoes the pin that its process was started with."""

    name = "unpinned"

    @classmethod
    def environment(cls, scratch, pins):
        return dict.fromkeys(pins, "2")


class Idle(SerialReplay):
    """Says that it has two worker processes, and one of them never takes a task."""

    name = "idle"

    def start(self):
        return Layout(2, 1, {})

    def probe(self, layout, workloads):
        return super().probe(
            layout._replace(processes=1), workloads
        )  # without waiting for the other


class Orphans(Faulty):
    """Dies and leaves a daemon that holds on to its pipes."""

    name = "orphans"

    def fault(self):
        daemonise()
        os.kill(os.getpid(), signal.SIGKILL)


class EndsJob(Faulty):
    """Has its whole job killed, as the kernel does where all of it has too much memory."""

    name = "ends-job"

    def fault(self):
        os.killpg(os.getpgid(os.getppid()), signal.SIGKILL)
        threading.Event().wait()


class Clings(SerialReplay):
    """Ignores every polite signal, has a daemon that does so too, and does not stop when asked."""

    name = "clings"

    def start(self):
        ignore_signals()
        daemonise()
        return super().start()

    def stop(self):
        threading.Event().wait()


def ignore_signals():
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)


def daemonise():
    """Start a process in a session of its own, with all open files; its pid goes into a file."""
    reads, writes = os.pipe()
    if os.fork() == 0:
        ignore_signals()
        os.setsid()
        if os.fork():
            os._exit(0)
        with Path(__file__).with_name("pids").open("a") as file:
            file.write(f"{os.getpid()}\n")
        os.write(writes, b".")
        threading.Event().wait()
    os.read(reads, 1)
