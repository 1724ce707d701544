"""Trace one case from its name to a file: check it, bring its engine up, watch it, write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from harness.core.errors import CaseFailedError, Interrupted, UsageError
from harness.core.records import Case
from harness.core.trace_format import Trace
from harness.core.whole_files import write_whole
from harness.running.executors import lookup
from harness.running.host import job_memory, machine
from harness.running.measure.environment.homes import homes_of
from harness.running.measure.process.case_error import CaseError
from harness.running.measure.run_line import describe_run
from harness.running.measure.sweep.ports import Progress
from harness.running.measure.sweep.refusals import refusals
from harness.running.measure.trace.one_engine import engine_up
from harness.running.measure.trace.traced_rounds import pages, too_many, traced
from harness.running.plan.case_name import format_case
from harness.running.plan.profiles import make_profile
from harness.running.plan.sweep import SweepPlan
from harness.running.workloads import make_workload
from harness.running.workloads.startup import STARTUP


def trace(
    case: Case,
    results: Path,
    *,
    rounds: int,
    out: Path | None = None,
    machine_name: str | None = None,
    report: Callable[[Progress], None] = lambda progress: None,
) -> tuple[Path, Trace]:
    """Trace *case* in a fresh process, its pins verified; the file and what is in it.

    Parameters
    ----------
    case : Case
    results : Path
        The results folder; the trace goes to ``<machine>/traces/`` in it.
    rounds : int
        Traced calls, each next to an untraced one.
    out : Path, optional
        Folder for the engine's pages; by default one of the run's own beside the trace.
    machine_name : str, optional
        What the owner calls this machine.
    report : callable
        Told of progress.

    Raises
    ------
    UsageError
        Where the case cannot run here, or cannot be traced.
    CaseFailedError
        Where it does not work.
    Interrupted
        On Ctrl-C, SIGTERM or SIGHUP; nothing is kept.
    """
    memory = job_memory.usable_memory_bytes()
    where = homes_of([case.executor])
    if reason := refusals([case], memory, where).get(case) or _untraceable(case):
        raise UsageError(f"no trace of {format_case(case)}: {reason}")
    here = machine.describe(machine_name)
    profile = replace(make_profile("laptop"), name="trace", blocks=(rounds,), looks=None)
    info = describe_run(SweepPlan("trace", profile, (case,)), here, where)
    path = results / here.name / "traces" / f"{info.run}.json"
    folder = (path.with_suffix("") if out is None else out).absolute()
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with engine_up([case], info.run, here.cores_usable or 1.0, memory, where) as (station, _):
            watched = traced(station, case, info, rounds, report)
            files = pages(station, case, folder, path.parent)
    except CaseError as error:
        words = f"no trace of {format_case(case)}: {error.status}: {error}"
        raise CaseFailedError(words) from None
    except KeyboardInterrupt:
        raise Interrupted("stopped: nothing is kept of a trace that is not whole") from None
    whole = watched.model_copy(update={"files": files})
    return write_whole(path, whole.model_dump_json().encode() + b"\n"), whole


def _untraceable(case: Case) -> str | None:
    """Why *case* cannot be traced; ``None`` where it can."""
    if case.workload == STARTUP:
        return "a start-up has no tasks: trace another workload"
    if make_workload(case.workload, case.size).way == "frame":
        return "a query of a frame has tasks of the engine's own: trace another workload"
    if lookup(case.executor).spans_machines:
        return "its workers may be on other machines, with other clocks: trace an executor of one"
    return too_many(make_workload(case.workload, case.size).n_chunks(case.chunk))
