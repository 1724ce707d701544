"""The record of a traced case: one JSON file beside the journals, written by the measuring half and
read by the other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from harness.core.errors import InputError
from harness.core.journal_bounds import check_bounds
from harness.core.records import Block, Case, Record, RunInfo

TRACE_VERSION = 1


class Tasks(Record):
    """The tasks of one traced call, in the order in which they began.

    All lists have one item a task. Times are in s since the call began.

    Attributes
    ----------
    index : list of int
        Number of the task.
    worker : list of int
        Place in :attr:`TracedCall.workers`.
    start, end, cpu : list of float
        When the task computed, and the CPU time of its thread meanwhile, in s.
    ready : list of (float or None)
        From when on the scheduler could have handed the task out.
    sent : list of (float or None)
        When the task was handed to a worker, or to an engine without a scheduler.
    received : list of (float or None)
        When the result was back. These three are ``None`` where the engine does not say.
    """

    index: list[int]
    worker: list[int]
    start: list[float]
    end: list[float]
    cpu: list[float]
    ready: list[float | None]
    sent: list[float | None]
    received: list[float | None]


class Span(Record):
    """Work other than a task, from ``start`` to ``end``, in s since the call began.

    A worker did it, or the caller where ``worker`` is ``None``.
    """

    part: str
    worker: int | None = None
    start: float
    end: float


class Worker(Record):
    """A thread that computed tasks."""

    pid: int
    thread: int


class TracedCall(Record):
    """One traced call, ``seconds`` long, beside an untraced one right before or after it.

    ``first`` is which of the two came first.
    """

    seconds: float
    untraced_seconds: float
    first: Literal["traced", "untraced"]
    workers: list[Worker]
    tasks: Tasks
    spans: list[Span]


class MadeFile(Record):
    """A page that the engine made, or the reason why it did not."""

    kind: str
    path: str | None = None
    reason: str | None = None


class Trace(Record):
    """One traced case.

    Attributes
    ----------
    lanes : int
        How many tasks could run at once: ``P`` of the time budget.
    untold : dict of str to str
        Parts of the budget that the engine does not tell apart, and where their time is.
    """

    v: int = TRACE_VERSION
    kind: Literal["trace"] = "trace"
    run: RunInfo
    case: Case
    block: Block
    n_tasks: int
    lanes: int
    clock: str
    untold: dict[str, str]
    calls: list[TracedCall]
    files: list[MadeFile]


def read_trace(path: Path) -> Trace:
    """Read the trace at *path*.

    Parameters
    ----------
    path : Path
        A ``.json`` file.

    Raises
    ------
    InputError
        Where it cannot be read, is no trace, or was written by a later version.
    """
    try:
        content = json.loads(path.read_text("utf-8"))
        version = content.get("v") if isinstance(content, dict) else None
        if isinstance(version, int) and version > TRACE_VERSION:
            raise InputError(
                f"{path}: a trace of version {version}, and {TRACE_VERSION} is the newest known "
                "here: read it with a newer chunkbench"
            )
        trace = Trace.model_validate(content)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}: check the path") from None
    except (ValueError, ValidationError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"{path}: no trace ({reason}): delete it, and trace the case again") from (
            None
        )
    for part in (trace, trace.run, trace.case, trace.block, *trace.calls):
        check_bounds(part, str(path))
    return trace
