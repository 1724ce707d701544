"""Tracing one case: rounds of a traced call beside an untraced one, then the engine's own pages."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import get_clock_info
from typing import Any, Literal

from harness.core.errors import Interrupted, MeasureError, UsageError
from harness.core.records import Case, RunInfo
from harness.core.trace_format import MadeFile, Trace, TracedCall
from harness.running.executors import lookup
from harness.running.host import machine
from harness.running.measure.process.bench import ProcessBench
from harness.running.measure.process.case_error import CaseError
from harness.running.measure.process.station import ProcessStation
from harness.running.measure.process.supervision import supervised
from harness.running.measure.run_line import describe_run
from harness.running.measure.sweep.ports import Progress
from harness.running.measure.sweep.refusals import refusals
from harness.running.plan.case_name import format_case
from harness.running.plan.sweep import Plan, make_profile
from harness.running.workloads import make_workload
from harness.running.workloads.startup import START_UP

MOST_TASKS = 100_000
"""Each task is a row of the file."""
LIMIT_SECONDS = 120.0
COLLECT_SECONDS = 30.0
First = Literal["traced", "untraced"]


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
    MeasureError
        Where it does not work.
    Interrupted
        On Ctrl-C, SIGTERM or SIGHUP; nothing is kept.
    """
    memory = machine.usable_memory_bytes()
    if reason := refusals([case], memory).get(case) or _untraceable(case):
        raise UsageError(f"no trace of {format_case(case)}: {reason}")
    here = machine.describe(machine_name)
    profile = replace(make_profile("laptop"), name="trace", blocks=(rounds,), looks=None)
    info = describe_run(Plan("trace", profile, (case,)), here)
    path = results / here.name / "traces" / f"{info.run}.json"
    folder = (path.with_suffix("") if out is None else out).absolute()
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with supervised() as reaper:
            bench = ProcessBench(
                info.run,
                here.cores_usable or 1.0,
                reaper.scratch,
                reaper,
                LIMIT_SECONDS,
                memory_bytes=memory,
            )
            with bench.starting():
                station = ProcessStation(bench, case.group.set_up, [case.group], 0)
            try:
                found = traced(station, case, info, rounds, report)
                files = pages(station, case, folder, path.parent)
            finally:
                station.close(graceful=True)
    except CaseError as error:
        raise MeasureError(f"no trace of {format_case(case)}: {error.status}: {error}") from None
    except KeyboardInterrupt:
        raise Interrupted("stopped: nothing is kept of a trace that is not whole") from None
    whole = found.model_copy(update={"files": files})
    draft = path.with_suffix(".draft")
    draft.write_text(whole.model_dump_json() + "\n", encoding="utf-8")
    return draft.replace(path), whole


def _untraceable(case: Case) -> str | None:
    if case.workload == START_UP:
        return "a start-up has no tasks: trace another workload"
    if lookup(case.executor).spans_machines:
        return "its workers may be on other machines, with other clocks: trace an executor of one"
    return _too_many(make_workload(case.workload, case.size).n_chunks(case.chunk))


def _too_many(tasks: int) -> str | None:
    if tasks <= MOST_TASKS:
        return None
    return f"{tasks} tasks, and a trace holds {MOST_TASKS} at most: give a larger chunk"


def traced(
    station: ProcessStation,
    case: Case,
    info: RunInfo,
    rounds: int,
    report: Callable[[Progress], None] = lambda progress: None,
) -> Trace:
    """Trace *case* on an open *station*, without the engine's pages.

    Raises
    ------
    UsageError
        Where it has too many tasks.
    CaseError, MeasureError
        Where it does not work.
    """
    station.warm(case, None)
    n_tasks = station.bench.facts[case]["n_tasks"]
    if reason := _too_many(n_tasks):
        raise UsageError(f"no trace of {format_case(case)}: {reason}")
    untold = _traced_call(station, case, 1 << 40)["untold"]  # what it brings up is up from now on
    chance, calls = random.Random(info.seed), []
    for number in range(rounds):
        report(Progress(number, rounds, case.label))
        order: list[First] = ["traced", "untraced"]
        chance.shuffle(order)
        calls.append(_round(station, case, number, order))
    layout = station.layout
    return Trace(
        run=info,
        case=case,
        block=station.blocks[0],
        n_tasks=n_tasks,
        lanes=layout["processes"] * layout["threads_per_process"],
        clock=f"perf_counter: {get_clock_info('perf_counter').implementation}, one clock for all "
        "processes of a machine",
        untold=untold,
        calls=calls,
        files=[],
    )


def _round(station: ProcessStation, case: Case, number: int, order: list[First]) -> TracedCall:
    replies: dict[str, dict[str, Any]] = {}
    for which in order:
        station.engine.ask("collect", COLLECT_SECONDS)
        station.tree.wait_quiet()
        seed = 2 * number + order.index(which)
        ask = _traced_call if which == "traced" else _plain_call
        replies[which] = ask(station, case, seed)
    return TracedCall(
        untraced_seconds=replies["untraced"]["seconds"], first=order[0], **replies["traced"]
    )


def _plain_call(station: ProcessStation, case: Case, seed: int) -> dict[str, Any]:
    return _right(station.engine.ask("case", LIMIT_SECONDS, calls=1, **_named(case), seed=seed))


def _traced_call(station: ProcessStation, case: Case, seed: int) -> dict[str, Any]:
    reply = _right(station.engine.ask("trace", LIMIT_SECONDS, **_named(case), seed=seed))
    if not reply["tasks"]["start"]:
        raise MeasureError(f"no trace of {format_case(case)}: no task said when it ran")
    return reply


def _right(reply: dict[str, Any]) -> dict[str, Any]:
    if reply["wrong"]:
        raise MeasureError(f"the answer is wrong: {reply['wrong']}")
    return reply


def _named(case: Case) -> dict[str, Any]:
    return {"workload": (case.workload, case.size), "chunk": case.chunk}


def pages(station: ProcessStation, case: Case, folder: Path, base: Path) -> list[MadeFile]:
    """Have the engine make its pages of *case* in *folder*; their paths from *base* on."""
    there = folder.is_dir()
    folder.mkdir(parents=True, exist_ok=True)
    reply = station.engine.ask(
        "pages", LIMIT_SECONDS, **_named(case), seed=1 << 41, folder=str(folder)
    )
    found = []
    for kind, page in reply["pages"].items():
        path = None if page["file"] is None else os.path.relpath(folder / page["file"], base)
        found.append(MadeFile(kind=kind, path=path, reason=page["reason"]))
    if not there and all(one.path is None for one in found):
        folder.rmdir()
    return found
