"""HyperQueue: jobs of tasks, each a process, by its Python package, which has server and worker."""

from __future__ import annotations

import itertools
import pickle
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

from harness.running.executors.built_call import Layout
from harness.running.executors.fresh_processes import FreshProcesses
from harness.running.executors.program import Program
from harness.running.workloads.base import Task

_LOST = re.compile("^Program terminated with .*", re.MULTILINE)
"""What it says of a task that gave no reason itself."""


class HyperQueueJobs(FreshProcesses):
    """Submits a ``Job`` with a function for each task, waits for it, and reads what
    each task wrote into a file: a task of HyperQueue gives nothing back.

    Its Python client asks once a second whether a job is done, so a call takes whole seconds;
    what a task costs shows in calls of many tasks.
    """

    name = "hyperqueue"
    needs = ("hyperqueue",)
    packages = ("hyperqueue",)
    install = "chunkbench systems --install hyperqueue"
    lives_in = "hyperqueue"
    heard_beyond = "server and worker know each other by a key in a file of this user alone"
    ways: ClassVar[Mapping[str, str]] = {"tasks": "map"}
    program = Program(
        {"tasks": "run(tasks)"},
        imports=(
            "import pickle",
            "from hyperqueue import Job, LocalCluster",
            "from hyperqueue.cluster import WorkerConfig",
        ),
        handle="cluster",
        opening="with LocalCluster(worker_config=WorkerConfig(cores=WORKERS)) as cluster:",
        start=(
            "client = cluster.client()\n"
            "def keep(number, task):\n"
            '    with open(f"{number}.pickle", "wb") as kept:\n'
            "        pickle.dump(KERNEL(*task), kept)\n"
            "def run(tasks):\n"
            "    job = Job()\n"
            "    for number, task in enumerate(tasks):\n"
            "        job.function(keep, args=(number, task))\n"
            "    client.wait_for_jobs([client.submit(job)])\n"
            '    return [pickle.load(open(f"{n}.pickle", "rb")) for n in range(len(tasks))]'
        ),
    )

    @classmethod
    def environment(cls, scratch: Path, pins: dict[str, str]) -> dict[str, str]:
        return {"TQDM_DISABLE": "1"}  # its bar of progress

    def start(self) -> Layout:
        from hyperqueue import LocalCluster  # noqa: PLC0415
        from hyperqueue.cluster import WorkerConfig  # noqa: PLC0415
        from hyperqueue.task.function import PythonEnv  # noqa: PLC0415

        folder = self.scratch / "hyperqueue"
        self.cluster = LocalCluster(str(folder), WorkerConfig(cores=self.workers))
        self.client = self.cluster.client(python_env=PythonEnv(python_bin=sys.executable))
        self.calls = itertools.count()
        return Layout(self.workers, 1, {"hyperqueue.cores": self.workers})

    def stop(self) -> None:
        self.cluster.stop()

    def map(self, function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        from hyperqueue import Job  # noqa: PLC0415

        folder = self.scratch / f"call-{next(self.calls)}"
        folder.mkdir()
        job = Job(default_workdir=folder)
        for number, task in enumerate(tasks):
            job.function(_keep, args=(function, task, str(folder / str(number))))
        submitted = self.client.submit(job)
        self.client.wait_for_jobs([submitted])
        kept = [folder / str(number) for number in range(len(tasks))]
        return [pickle.loads(path.read_bytes()) for path in kept]  # noqa: S301 - by us

    def cause(self, error: BaseException) -> BaseException:
        found, lost = super().cause(error), _LOST.search(str(error))
        return RuntimeError(lost[0]) if found is error and lost else found


def _keep(function: Callable[..., Any], task: Task, path: str) -> None:
    """The task as HyperQueue has it: what *function* gives goes into the file at *path*."""
    Path(path).write_bytes(pickle.dumps(function(*task)))
