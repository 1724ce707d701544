"""Simulate whole sweeps on a fake clock, with the real protocol, a real journal, a known truth.

Tests and ``chunkbench validate`` learn from them whether the code that measures is right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.core.records import Case, Machine, RunInfo
from harness.reading.analysis.crossover.refine import refine
from harness.reading.analysis.models.separate import separate
from harness.reading.analysis.verdict.verdicts import decided
from harness.running.measure.sweep.journal import JournalWriter, begin
from harness.running.measure.sweep.loop import SweepLoop
from harness.running.measure.sweep.scripted import FakeClock, Planted, ScriptedBench
from harness.running.plan.profiles import Profile
from harness.running.plan.sweep import SweepPlan

SIZE = 1 << 20
WORKLOAD = "spin-task-nogil"
EMPTY = "empty-task"
FIXED = Profile(
    name="simulated",
    blocks=(4,) * 5,
    looks=None,
    slow_seconds=1e9,
    slow_rounds=1,
    most_seconds=1e9,
    limit_seconds=60.0,
    budget_seconds=None,
)
"""Twenty rounds in five start-ups, whatever a call takes."""


def cases(
    chunks: Sequence[int], workload: str = WORKLOAD, workers: int = 2, executor: str = "scripted"
) -> list[Case]:
    """Make a case of :data:`SIZE` elements for each chunk; the executor need not exist."""
    return [
        Case(workload=workload, size=SIZE, executor=executor, workers=workers, pin="1", chunk=chunk)
        for chunk in chunks
    ]


def simulated(
    folder: Path,
    planned: Sequence[Case],
    truth: Planted,
    seed: int,
    *,
    profile: Profile = FIXED,
    others: Mapping[str, Planted] | None = None,
    cores: float | None = None,
) -> Path:
    """Measure *planned* on a scripted bench, and return the path of the journal.

    Parameters
    ----------
    folder : Path
        A machine's folder; the journal goes to ``journal/`` in it.
    planned : sequence of Case
    truth : Planted
        Costs and noise.
    seed : int
        Decides every order and all noise, and names the run.
    profile : Profile
        Blocks, rounds and looks.
    others : mapping of str to Planted, optional
        Workloads with costs of their own; see
        :class:`harness.running.measure.sweep.scripted.ScriptedBench`.
    cores : float, optional
        Usable cores; the sweep adds numbers of workers only where they are known.
    """
    info = RunInfo(
        run=f"20260101T000000Z-simulated-{seed:06x}",
        suite="simulated",
        profile=profile.name,
        looks=None if profile.looks is None else list(profile.looks),
        machine=Machine(name="simulated", cores_usable=cores),
        seed=seed,
    )
    clock = FakeClock()
    bench = ScriptedBench(info.run, truth, clock, seed=seed, others=others)
    journal = JournalWriter(begin(folder / "journal", info))
    try:
        plan = SweepPlan(info.suite, profile, tuple(planned))
        SweepLoop(
            plan,
            info,
            bench,
            journal,
            decide=decided,
            clock=clock,
            refine=refine,
            separate=separate,
        ).run()
    finally:
        journal.close()
    return journal.path
