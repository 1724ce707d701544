"""The lines with which a program of one's own hands tasks to an executor's engine."""

from __future__ import annotations

import sys

from harness.running.executors.base import Executor
from harness.running.script.definitions import Definitions


def idiom_of(executor: type[Executor]) -> str:
    """Write the lines of a program that uses *executor*, with the helpers that it needs; empty
    where it has none."""
    program = executor.own_program(actors=False)
    if program is None:
        return ""
    needed = Definitions()
    module = sys.modules[executor.__module__]
    for name in program.helpers:
        needed.add(name, vars(module)[name], module.__name__)
    return program.idiom(needed.texts.values())
