"""A check for ReFrame: run a suite, and fail where a task costs more than it may.

In an environment that has chunkbench, from anywhere::

    reframe -c checks/reframe_check.py -r -S most_us=3000

It fails where some case has no answer that it should have, or where the overhead of a task lies
above the limit with its whole interval: noise alone does not fail it.
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
    """Overhead per task of every executor, at the most tasks that its sweep has."""

    descr = "what chunkbench finds a task to cost"
    valid_systems = ["*"]
    valid_prog_environs = ["*"]
    time_limit = "4h"

    profile = variable(str, value="smoke")
    suite = variable(str, value="task_overhead")
    budget = variable(str, value="10m")
    most_us = variable(float, value=20_000.0)
    """The most that a task may cost, in us."""
    results = variable(str, value="")
    """A results folder to judge; nothing is measured then."""

    executable = "chunkbench"

    @run_before("run")
    def commands(self):
        """Measure in the clone, and print what was found as the last thing."""
        folder = self.results or str(Path(self.stagedir).resolve() / "results")
        self.prerun_cmds = [f"cd {shlex.quote(str(ROOT))}"]
        if not self.results:
            self.prerun_cmds.append(
                f"chunkbench run --existing --profile {self.profile} --suite {self.suite} "
                f"--budget {self.budget} --results {shlex.quote(folder)} --format json || exit 1"
            )
        table = str(Path(self.stagedir).resolve() / "tables.json")
        self.executable_opts = ["tables", "--results", shlex.quote(folder), "--format", "json"]
        self.executable_opts += [">", shlex.quote(table)]

    def cases(self):
        """The table of cases."""
        return json.loads((Path(self.stagedir) / "tables.json").read_text())["cases"]

    def dearest(self):
        """Of each executor the case with the most tasks, where its overhead is known."""
        known = [c for c in self.cases() if c["overhead_us_per_task"] is not None and c["chunk"]]
        return {case["executor"]: case for case in sorted(known, key=lambda c: -c["chunk"])}

    @sanity_function
    def within_the_limit(self):
        """No case without its answer, and no overhead that lies above the limit for sure."""
        broken = [
            f"{c['executor']}, chunk {c['chunk']}: {c['status']}"
            for c in self.cases()
            if c["status"] in NO_ANSWER
        ]
        found = self.dearest()
        checks = [
            sn.assert_eq(broken, [], "cases without an answer: {0}"),
            sn.assert_true(found, "nothing was measured"),
        ]
        for name, case in found.items():
            low = case["overhead_us_per_task_low"]
            low = case["overhead_us_per_task"] if low is None else low
            checks.append(
                sn.assert_le(low, self.most_us, f"{name}: {{0:.1f}} us a task, at most {{1:.1f}}")
            )
        return sn.all(checks)

    @run_before("performance")
    def figures(self):
        """The overhead of each executor, for ReFrame's own log."""
        self.perf_variables = {
            name: sn.make_performance_function(sn.defer(case["overhead_us_per_task"]), "us")
            for name, case in self.dearest().items()
        }
