"""Tasks that do not work; in a module of their own, so that workers can import them (rule 10)."""

from __future__ import annotations

import os
import signal
import time
from importlib import import_module

from harness.running.workloads.counter_actor import Counter

MESSAGE = "no such luck, task"


def fail(*arguments):
    """Raise an error with a message of several lines, the first of which says it all."""
    raise ValueError(f"{MESSAGE}\nand more of it")


def fail_for_memory(*arguments):
    """Raise what Python raises where an allocation fails."""
    raise MemoryError(MESSAGE)


def kill_worker(*arguments):
    """End the process that runs it without a word, as the system does where memory runs out."""
    os.kill(os.getpid(), signal.SIGKILL)


def interpreter(hold_seconds):
    """Return the number of the interpreter that runs it, of Python 3.14, after so long a time."""
    time.sleep(hold_seconds)
    return import_module("_interpreters").get_current()[0]


def use_numpy():
    """Import NumPy where it runs."""
    import numpy  # noqa: F401, PLC0415


class Failing(Counter):
    """An actor whose calls fail."""

    def increment(self):
        fail()


class Exhausting(Counter):
    """An actor that runs out of memory in a call."""

    def increment(self):
        fail_for_memory()
