"""Run one call whose tasks note when they ran."""

from __future__ import annotations

import time
from typing import Any

from harness.running.executors.base import Executor
from harness.running.executors.noting import Notes
from harness.running.workloads.base import Workload
from harness.running.workloads.stamps import with_stamps


def run_traced(executor: Executor, workload: Workload, chunk: int, seed: int, notes: Notes) -> Any:
    """Run one call while watching it, and return its answer (rules 17 and 26).

    *notes* takes in what was seen: by the tasks, by the caller, by the engine.
    """
    noting = with_stamps(workload, notes.folder)
    began = time.perf_counter()
    built = executor.build(noting, chunk, seed)
    building = time.perf_counter() - began
    with executor.watched(built, notes):
        begin = time.perf_counter()
        answer = executor.run(built)
        notes.end = time.perf_counter()
    notes.begin = begin - building
    notes.phases.append(("build", notes.begin, begin))
    notes.collect()
    return answer
