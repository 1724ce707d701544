"""Which cases cannot run here or are left out, and why; known before anything starts."""

from __future__ import annotations

from collections.abc import Sequence

from harness.core.records import Case
from harness.running.executors import lookup, options
from harness.running.measure.environment.homes import Where, homes_of
from harness.running.workloads import make_workload


def refusals(
    cases: Sequence[Case], memory_bytes: int, elsewhere: Where | None = None
) -> dict[Case, str]:
    """The cases that cannot run where *elsewhere* says, and why: by default each executor in the
    environment that it lives in, or here.

    Raises
    ------
    UnknownNameError
        For an executor or workload that does not exist.
    """
    where = elsewhere or homes_of(case.executor for case in cases)
    reasons = {}
    for case in cases:
        reason = _refusal(case, memory_bytes, where)
        if reason is not None:
            reasons[case] = reason
    return reasons


def _refusal(case: Case, memory_bytes: int, elsewhere: Where | None) -> str | None:
    executor = lookup(case.executor)
    workload = make_workload(case.workload, case.size)
    if case.workers < 1 or case.chunk < 1:
        return "workers and chunk must be at least 1"
    if case.chunk > case.size:
        return f"a chunk of {case.chunk} is larger than the whole, {case.size}"
    if missing := elsewhere.missing_of(executor) if elsewhere else executor.missing():
        return missing
    if executor.heard_beyond and options.interface() is None:
        return (
            f"{executor.name} listens on every network of this machine, and cannot be told not to: "
            f"{options.INTERFACE}=lo, or another network, says that you mean it"
        )
    if refused := executor.refuses(workload):
        return refused
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


def nearest_runnable(case: Case, memory_bytes: int, elsewhere: Where | None = None) -> Case | None:
    """*case* with the chunk nearest to its own that can run here; ``None`` where none can."""
    chunk = make_workload(case.workload, case.size).nearest_chunk(case.chunk)
    nearest = case.model_copy(update={"chunk": chunk})
    return None if _refusal(nearest, memory_bytes, elsewhere) else nearest


def may_add_automatically(case: Case, memory_bytes: int, elsewhere: Where | None = None) -> bool:
    """Whether a sweep may add *case* by itself.

    It must be able to run here, and its executor must not be one that runs only where a user names
    it, such as one that submits batch jobs or joins a cluster as it is.
    """
    if lookup(case.executor).named_only:
        return False
    return _refusal(case, memory_bytes, elsewhere) is None
