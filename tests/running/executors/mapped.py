"""A program that runs an executor's mapped tasks, good ones and bad ones, in a process of its own.

``python -m tests.running.executors.mapped SCRATCH EXECUTOR WORKERS CASES`` writes ``mapped.json``
into the scratch folder: the partial results of each of ``CASES`` (a JSON list of workload, size,
chunk), and the replies that a sweep would get to calls whose tasks raise.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path

from harness.running.executors import lookup
from harness.running.measure.process.child import Child, serve
from harness.running.workloads import make_workload
from tests.running.executors import tasks

SEED = 11
SIZE = 50
TELL_OF_KILLED = ("ipyparallel", "parsl")
"""Clusters whose servers say that a worker was lost, and its task with it."""


def main():
    scratch, name, workers = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    if lookup(name).takes_part(scratch):
        return
    child = Child(scratch)
    hosts = "tasks" not in lookup(name).ways
    named = ("counter-actor" if hosts else "empty-task", SIZE)
    child.start([named], name, workers, iterations_per_us=float(sys.argv[5]))
    executor = child.executor
    assert executor is not None
    partials = {}
    for workload_name, size, chunk in json.loads(sys.argv[4]):
        workload = make_workload(workload_name, size)
        way = getattr(executor, executor.ways[workload.way])
        found = way(workload.kernel, workload.tasks(chunk, SEED))
        partials[workload_name] = [repr(partial) for partial in found]

    commands, to_child = os.pipe()
    from_child, replies = os.pipe()

    told = lookup(name).kind == "local processes" or name in TELL_OF_KILLED
    killed = [("killed", tasks.kill_worker)] if told else []

    def drive():
        with os.fdopen(from_child) as answers:
            found = {}
            for key, task in (
                ("failed", tasks.Failing if hosts else tasks.fail),
                ("out of memory", tasks.Exhausting if hosts else tasks.fail_for_memory),
                ("good again", None),
                *killed,
            ):
                _plant(child.workloads[named], ("actor",) if hosts else ("kernel", "whole"), task)
                message = {
                    "command": "case",
                    "workload": named,
                    "chunk": SIZE,
                    "seed": 1,
                    "calls": 1,
                }
                os.write(to_child, json.dumps(message).encode() + b"\n")
                found[key] = json.loads(answers.readline())
            child.stop()
            (scratch / "mapped.json").write_text(json.dumps({"partials": partials} | found))
            os._exit(0)

    threading.Thread(target=drive, daemon=True).start()
    serve(child, os.fdopen(commands), os.fdopen(replies, "w"))


def _plant(workload, names, task):
    """Have every way to compute *workload* end in *task*; as it was for ``None``."""
    for name in names:
        if task is None:
            delattr(workload, name)
        else:
            setattr(workload, name, task)


if __name__ == "__main__":
    main()
