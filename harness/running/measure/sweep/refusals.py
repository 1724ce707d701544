"""Which cases cannot run here or are left out, and why; known before anything starts."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from harness.core.records import Case
from harness.running.executors import lookup
from harness.running.plan.profiles import Profile
from harness.running.workloads import make_workload


def refusals(cases: Sequence[Case], memory_bytes: int) -> dict[Case, str]:
    """The cases that cannot run here, and why.

    Raises
    ------
    UnknownNameError
        For an executor or workload that does not exist.
    """
    reasons = {}
    for case in cases:
        reason = _refusal(case, memory_bytes)
        if reason is not None:
            reasons[case] = reason
    return reasons


def _refusal(case: Case, memory_bytes: int) -> str | None:
    executor = lookup(case.executor)
    workload = make_workload(case.workload, case.size)
    if case.workers < 1 or case.chunk < 1:
        return "workers and chunk must be at least 1"
    if case.chunk > case.size:
        return f"a chunk of {case.chunk} is larger than the whole, {case.size}"
    if missing := executor.missing():
        return missing
    if workload.way not in executor.ways:
        return f"{executor.name} has no {workload.way}"
    if not executor.chunked and case.chunk != case.size:
        return f"{executor.name} computes the whole at once: its only chunk is {case.size}"
    if executor.max_workers is not None and case.workers > executor.max_workers:
        return f"{executor.name} runs {executor.max_workers} task at a time"
    if case.pin not in executor.pins:
        return f"{executor.name} is defined by pin {', '.join(executor.pins)}"
    if wrong := workload.wrong_chunk(case.chunk):
        return wrong
    chunks = workload.chunk_bytes(case.chunk) * case.workers
    needed = chunks if executor.chunked else workload.whole_bytes()
    if needed > memory_bytes:
        return f"needs {needed} bytes of memory, {memory_bytes} are free"
    return None


def nearest_runnable(case: Case, memory_bytes: int) -> Case | None:
    """*case* with the chunk nearest to its own that can run here; ``None`` where none can."""
    chunk = make_workload(case.workload, case.size).nearest_chunk(case.chunk)
    nearest = case.model_copy(update={"chunk": chunk})
    return None if _refusal(nearest, memory_bytes) else nearest


def may_add_automatically(case: Case, memory_bytes: int) -> bool:
    """Whether a sweep may add *case* by itself.

    It must be able to run here, and its executor must not be one that runs only where a user names
    it, such as one that submits batch jobs or joins a cluster as it is.
    """
    return not lookup(case.executor).named_only and _refusal(case, memory_bytes) is None


def all_cores_reference(workload: str, size: int, cores: int) -> Case:
    """NumPy on all cores, which ``verdict_vs_all_cores`` judges against (rule 1)."""
    return Case(
        workload=workload,
        size=size,
        executor="numpy-threads",
        workers=cores,
        pin="cores",
        chunk=size,
    )


def out_of_profile(
    cases: Sequence[Case],
    profile: Profile,
    most_workers: int,
    *,
    smoke_executors: Collection[str] = (),
    every_worker_count: bool = False,
    long_profiles_only: Collection[str] = (),
) -> dict[Case, str]:
    """Those of *cases* that the profile leaves to another suite or a longer profile, and why.

    Engine start-ups are what a short profile has least room for.

    Parameters
    ----------
    most_workers : int
        The most workers of the suite.
    smoke_executors : collection of str
        Executors whose servers a short profile starts in this suite.
    every_worker_count : bool
        Whether every number of workers is kept, because it is the question; a profile that starts
        each cluster once has no time for that.
    long_profiles_only : collection of str
        Executors that a profile with all workers only leaves out.
    """
    found = {}
    for case in cases:
        executor = lookup(case.executor)
        scalable = executor.max_workers is None and case.workers < most_workers
        server = executor.kind == "cluster" and executor.name not in smoke_executors
        if profile.clusters_once and server:
            found[case] = f"profile {profile.name} starts {executor.name} in another suite"
        elif profile.full_workers_only and executor.name in long_profiles_only:
            found[case] = f"profile {profile.name} leaves {executor.name} to a longer one here"
        elif (
            profile.full_workers_only
            and scalable
            and (profile.clusters_once or not every_worker_count)
        ):
            found[case] = f"profile {profile.name} runs {executor.name} with all workers only"
    return found
