"""Cases that cannot run on this machine, told before anything is started."""

from __future__ import annotations

from collections.abc import Sequence

from harness.executors import lookup
from harness.records import Case
from harness.sweep import Plan
from harness.workloads import make_workload


def refusals(cases: Sequence[Case], memory_bytes: int) -> dict[Case, str]:
    """The cases that cannot run here, and why.

    Raises
    ------
    UnknownNameError
        For an executor or workload that does not exist.
    """
    found = {}
    for case in cases:
        reason = _refusal(case, memory_bytes)
        if reason is not None:
            found[case] = reason
    return found


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


def all_cores_reference(workload: str, size: int, cores: int) -> Case:
    """NumPy on all cores, which ``verdict_vs_all_cores`` judges against (rule 1)."""
    return Case(
        workload=workload, size=size, executor="numpy-threads", workers=cores, pin="cores",
        chunk=size,
    )  # fmt: skip


def out_of_profile(plan: Plan, most_workers: int) -> dict[Case, str]:
    """The cases of *plan* that its profile leaves to another suite or a longer profile, and why.

    Engine start-ups are what a short profile has least room for.
    """
    profile = plan.profile
    found = {}
    for case in plan.cases:
        executor = lookup(case.executor)
        scalable = executor.max_workers is None and case.workers < most_workers
        if profile.clusters_in not in (None, plan.suite) and executor.kind == "cluster":
            found[case] = f"profile {profile.name} starts clusters in {profile.clusters_in} only"
        elif scalable and profile.full_workers_only:
            found[case] = f"profile {profile.name} runs {executor.name} with all workers only"
    return found
