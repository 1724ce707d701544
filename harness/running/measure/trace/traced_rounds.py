"""Rounds of a traced call beside an untraced one on an open station, and the engine's own pages."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path
from time import get_clock_info
from typing import Any, Literal, Protocol

from harness.core.errors import CaseFailedError, UsageError
from harness.core.records import Block, Case, RunInfo
from harness.core.trace_format import MadeFile, Trace, TracedCall
from harness.running.measure.process.channel import Channel
from harness.running.measure.sweep.ports import Progress
from harness.running.plan.case_name import format_case

MOST_TASKS = 100_000
"""Each task is a row of the file."""
LIMIT_SECONDS = 120.0
FIRST_SEED, PAGES_SEED = 1 << 40, 1 << 41
"""Seeds that no round has: of the traced call before the rounds, and of the calls for the pages."""
First = Literal["traced", "untraced"]


class CalledStation(Protocol):
    """What calls of a case need of the open block that they are made on."""

    @property
    def engine(self) -> Channel:
        """The engine's child."""

    def warm(self, case: Case, expected_seconds: float | None) -> float:
        """Warm *case* up; seconds of one call."""

    def n_tasks(self, case: Case) -> int:
        """Tasks of one call of *case*."""

    def settle(self) -> None:
        """Collect garbage in the engine's child, and wait for the engine to go quiet."""


class TraceableStation(CalledStation, Protocol):
    """What tracing needs of the block that it traces on."""

    @property
    def layout(self) -> dict[str, Any]:
        """``processes`` and ``threads_per_process`` of the engine."""

    @property
    def blocks(self) -> list[Block]:
        """The block's records, of which the first is the case's."""


def traced(
    station: TraceableStation,
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
    CaseError, CaseFailedError
        Where it does not work.
    """
    station.warm(case, None)
    n_tasks = station.n_tasks(case)
    if reason := too_many(n_tasks):
        raise UsageError(f"no trace of {format_case(case)}: {reason}")
    # The first traced call brings up what watches the others, so it is none of the rounds.
    unmeasured_parts = _traced_call(station, case, FIRST_SEED)["untold"]
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
        untold=unmeasured_parts,
        calls=calls,
        files=[],
    )


def _round(station: TraceableStation, case: Case, number: int, order: list[First]) -> TracedCall:
    replies: dict[str, dict[str, Any]] = {}
    for which in order:
        station.settle()
        seed = 2 * number + order.index(which)
        ask = _traced_call if which == "traced" else plain_call
        replies[which] = ask(station, case, seed)
    return TracedCall(
        untraced_seconds=replies["untraced"]["seconds"], first=order[0], **replies["traced"]
    )


def plain_call(station: CalledStation, case: Case, seed: int) -> dict[str, Any]:
    """The reply to one call of *case* that is timed and not watched.

    Raises
    ------
    CaseError, CaseFailedError
        Where it does not work.
    """
    return checked_reply(
        station.engine.ask("case", LIMIT_SECONDS, calls=1, **named_case(case), seed=seed)
    )


def _traced_call(station: TraceableStation, case: Case, seed: int) -> dict[str, Any]:
    reply = checked_reply(station.engine.ask("trace", LIMIT_SECONDS, **named_case(case), seed=seed))
    if not reply["tasks"]["start"]:
        raise CaseFailedError(f"no trace of {format_case(case)}: no task said when it ran")
    return reply


def checked_reply(reply: dict[str, Any]) -> dict[str, Any]:
    """*reply*, unless its answer was wrong.

    Raises
    ------
    CaseFailedError
    """
    if reply["wrong"]:
        raise CaseFailedError(f"the answer is wrong: {reply['wrong']}")
    return reply


def too_many(tasks: int) -> str | None:
    """Why a trace cannot hold so many *tasks*; ``None`` where it can."""
    if tasks <= MOST_TASKS:
        return None
    return f"{tasks} tasks, and a trace holds {MOST_TASKS} at most: give a larger chunk"


def named_case(case: Case) -> dict[str, Any]:
    """*case* as a child knows it."""
    return {"workload": (case.workload, case.size), "chunk": case.chunk}


def pages(station: TraceableStation, case: Case, folder: Path, base: Path) -> list[MadeFile]:
    """Have the engine make its own pages of *case* in *folder*; their paths relative to *base*.

    A *folder* that was made for them and stays empty is removed again.

    Raises
    ------
    CaseError
        Where the engine fails.
    """
    existed = folder.is_dir()
    folder.mkdir(parents=True, exist_ok=True)
    reply = station.engine.ask(
        "pages", LIMIT_SECONDS, **named_case(case), seed=PAGES_SEED, folder=str(folder)
    )
    made = []
    for kind, page in reply["pages"].items():
        path = None if page["file"] is None else os.path.relpath(folder / page["file"], base)
        made.append(MadeFile(kind=kind, path=path, reason=page["reason"]))
    if not existed and all(file.path is None for file in made):
        folder.rmdir()
    return made
