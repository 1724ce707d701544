"""mrjob: jobs of the shape that Hadoop Streaming has, by its local runner, without Hadoop."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

from harness.running.executors.built_call import Layout
from harness.running.executors.fresh_processes import FreshProcesses
from harness.running.executors.program import Program
from harness.running.workloads.base import Task


class MrJob(FreshProcesses):
    """Runs a job whose mapper calls the function on each record, ``runner.run()`` with the runner
    ``local``; each task is an input file with one record, and so a mapper of its own.

    Records and results are pickles in lines of text, by mrjob's own protocols. The same job runs
    on Hadoop by mrjob's runner ``hadoop``, which needs a cluster. mrjob's last release is of 2020.
    """

    name = "mrjob"
    needs = ("mrjob",)
    packages = ("mrjob",)
    install = "chunkbench systems --install mrjob"
    lives_in = "mrjob"
    ways: ClassVar[Mapping[str, str]] = {"tasks": "map", "map": "map"}
    program = Program(
        dict.fromkeys(("tasks", "map"), "run(tasks)"),
        imports=("from job import Job, write  # an MRJob in a file of its own",),
        start=(
            "def run(tasks):\n"
            "    paths = [write(number, KERNEL, task) for number, task in enumerate(tasks)]\n"
            '    job = Job(["-r", "local", "--num-cores", str(WORKERS), *paths])\n'
            "    with job.make_runner() as runner:\n"
            "        runner.run()\n"
            "        found = dict(job.parse_output(runner.cat_output()))\n"
            "    return [found[number] for number in range(len(tasks))]"
        ),
        launched="needs a file job.py with a class of mrjob, which its mappers run as a program",
    )

    def start(self) -> Layout:
        from harness.running.executors.mrjob_job import MapperCalls, line  # noqa: PLC0415

        self.job, self.line = MapperCalls, line
        self.calls = itertools.count()
        return Layout(self.workers, 1, {"mrjob.runner": "local"})

    def stop(self) -> None:
        """Nothing runs between two jobs."""

    def map(self, function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        from mrjob.step import StepFailedException  # noqa: PLC0415

        folder = self.scratch / f"job-{next(self.calls)}"
        folder.mkdir()
        paths = []
        for number, task in enumerate(tasks):
            path = folder / str(number)
            path.write_bytes(self.line(number, function, task))
            paths.append(str(path))
        cores = ("--num-cores", str(self.workers))
        job = self.job(["-r", "local", "--no-conf", *cores, *paths])
        with job.make_runner() as runner:
            try:
                runner.run()
            except StepFailedException as error:
                raise RuntimeError(_said(error, Path(runner._get_local_tmp_dir()))) from error
            found = dict(job.parse_output(runner.cat_output()))
        return [found[number] for number in range(len(tasks))]


def _said(error: Exception, folder: Path) -> str:
    """What mrjob says, and what a mapper that failed left in its file below *folder*."""
    texts = [path.read_text("utf-8", "replace") for path in sorted(folder.rglob("stderr"))]
    text = next((text for text in texts if "Traceback" in text), "")
    return text or f"a mapper was terminated: {error}"
