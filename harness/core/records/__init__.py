"""The frozen records that the measuring half writes and the reading half reads.

Each line of a journal is one of :class:`RunInfo`, :class:`Block`, :class:`Pair`, :class:`Try` or
:class:`End`, told apart by ``kind``. Unknown fields are ignored, so that a later version may add
some; a higher ``v`` is refused by the reader. Absent is ``None``, never 0.

What is named here is imported when it is first used: the child of a block needs few of these, and
none that needs pydantic, which its environment need not have.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.core.records.base import Estimate, Record
    from harness.core.records.field_words import (
        NO_TIME,
        IntervalRule,
        Purpose,
        Scheduler,
        Status,
        Tried,
        Verdict,
    )
    from harness.core.records.journal_lines import (
        JOURNAL_VERSION,
        AllocatedCase,
        Allocation,
        Block,
        End,
        JournalLine,
        Machine,
        Pair,
        RunInfo,
        Try,
        line_adapter,
    )
    from harness.core.records.sweep_points import Case, Group, SetUp
    from harness.core.records.worker_probe import WorkerProbe

__all__ = [
    "JOURNAL_VERSION",
    "NO_TIME",
    "AllocatedCase",
    "Allocation",
    "Block",
    "Case",
    "End",
    "Estimate",
    "Group",
    "IntervalRule",
    "JournalLine",
    "Machine",
    "Pair",
    "Purpose",
    "Record",
    "RunInfo",
    "Scheduler",
    "SetUp",
    "Status",
    "Tried",
    "Try",
    "Verdict",
    "WorkerProbe",
    "line_adapter",
]

_HOMES = {
    **dict.fromkeys(("Estimate", "Record"), "base"),
    **dict.fromkeys(
        ("NO_TIME", "IntervalRule", "Purpose", "Scheduler", "Status", "Tried", "Verdict"),
        "field_words",
    ),
    **dict.fromkeys(("Case", "Group", "SetUp"), "sweep_points"),
    "WorkerProbe": "worker_probe",
}
"""Name to the module that defines it, where that is not ``journal_lines``."""


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = import_module(f"{__name__}.{_HOMES.get(name, 'journal_lines')}")
    globals()[name] = value = getattr(home, name)
    return value
