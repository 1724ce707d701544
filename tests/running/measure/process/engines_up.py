"""A program that measures with both cluster engines, to be killed while they are up.

``python -m tests.running.measure.process.engines_up RESULTS [resume]``
"""

from __future__ import annotations

import sys
from pathlib import Path

from harness.core.records import Case
from harness.reading.analysis.verdict.verdicts import decided
from harness.running.measure.sweep.session import measure
from harness.running.plan.profiles import Profile
from harness.running.plan.sweep import SweepPlan

SIZE, CHUNKS, ROUNDS = 100, (20, 50, 100), 14
EXECUTORS = ("dask-distributed-processes", "ray-tasks")
CASES = tuple(
    Case(workload="empty-task", size=SIZE, executor=executor, workers=2, pin="1", chunk=chunk)
    for executor in EXECUTORS
    for chunk in CHUNKS
)
PROFILE = Profile(
    name="killed",
    blocks=(ROUNDS,),
    looks=None,
    slow_seconds=1e9,
    slow_rounds=1,
    most_seconds=1e9,
    limit_seconds=60.0,
    budget_seconds=None,
)


def main():
    measure(
        SweepPlan("engines_up", PROFILE, CASES),
        Path(sys.argv[1]),
        decide=decided,
        machine_name="m",
        resume="resume" in sys.argv[2:],
    )


if __name__ == "__main__":
    main()
