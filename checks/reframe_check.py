"""Run a suite as a check of ReFrame, and fail where a task costs more than it may.

In an environment that has chunkbench, from anywhere::

    reframe -c checks/reframe_check.py -r -S most_us=3000

It fails where a case has no answer though it should have one, or where the whole interval of the
overhead of a task lies above the limit: noise alone does not fail it.
"""

import json
import shlex
from pathlib import Path

import reframe as rfm
import reframe.utility.sanity as sn
from reframe.core.builtins import run_before, sanity_function, variable

ROOT = Path(__file__).resolve().parents[1]
NO_ANSWER = ("failed", "timeout", "out of memory", "wrong answer")


@rfm.simple_test
class OverheadPerTask(rfm.RunOnlyRegressionTest):
    """Limit the overhead per task of every executor, at the most tasks that its sweep has."""

    descr = "what chunkbench finds a task to cost"
    valid_systems = ["*"]
    valid_prog_environs = ["*"]
    time_limit = "4h"

    profile = variable(str, value="smoke")
    suite = variable(str, value="task_overhead")
    budget = variable(str, value="10m")
    most_us = variable(float, value=20_000.0)
    """A task may cost this much at most, in us."""
    results = variable(str, value="")
    """A results folder to judge instead of measuring."""

    executable = "chunkbench"

    @run_before("run")
    def commands(self):
        """Measure in the clone, then write the table of cases for the checks below."""
        folder = self.results or str(Path(self.stagedir).resolve() / "results")
        self.prerun_cmds = [f"cd {shlex.quote(str(ROOT))}"]
        if not self.results:
            self.prerun_cmds.append(
                f"chunkbench run --profile {self.profile} --suite {self.suite} "
                f"--budget {self.budget} --results {shlex.quote(folder)} --format json || exit 1"
            )
        table = str(Path(self.stagedir).resolve() / "tables.json")
        self.executable_opts = ["tables", "--results", shlex.quote(folder), "--format", "json"]
        self.executable_opts += [">", shlex.quote(table)]

    def cases(self):
        """Read the table of cases."""
        return json.loads((Path(self.stagedir) / "tables.json").read_text())["cases"]

    def most_tasks(self):
        """Choose of each executor the case with the most tasks whose overhead is known.

        Its chunk is the smallest, and so the last.
        """
        known = [
            case
            for case in self.cases()
            if case["overhead_us_per_task"] is not None and case["chunk"]
        ]
        by_tasks = sorted(known, key=lambda case: case["chunk"], reverse=True)
        return {case["executor"]: case for case in by_tasks}

    @sanity_function
    def within_the_limit(self):
        """Require an answer of every case, and no overhead that surely lies above the limit."""
        broken = [
            f"{case['executor']}, chunk {case['chunk']}: {case['status']}"
            for case in self.cases()
            if case["status"] in NO_ANSWER
        ]
        judged = self.most_tasks()
        checks = [
            sn.assert_eq(broken, [], "cases without an answer: {0}"),
            sn.assert_true(judged, "nothing was measured"),
        ]
        for name, case in judged.items():
            low = case["overhead_us_per_task_low"]
            low = case["overhead_us_per_task"] if low is None else low
            checks.append(
                sn.assert_le(low, self.most_us, f"{name}: {{0:.1f}} us a task, at most {{1:.1f}}")
            )
        return sn.all(checks)

    @run_before("performance")
    def figures(self):
        """Hand the overhead of each executor to ReFrame's own log."""
        self.perf_variables = {
            name: sn.make_performance_function(sn.defer(case["overhead_us_per_task"]), "us")
            for name, case in self.most_tasks().items()
        }
