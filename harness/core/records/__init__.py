"""The frozen records that the measuring half writes and the reading half reads.

Each line of a journal is one of :class:`RunInfo`, :class:`Block`, :class:`Pair` or :class:`End`,
told apart by ``kind``. Unknown fields are ignored, so that a later version may add some; a higher
``v`` is refused by the reader. Absent is ``None``, never 0.
"""

from __future__ import annotations

from harness.core.records.base import (
    NO_TIME,
    Estimate,
    IntervalRule,
    Purpose,
    Record,
    Scheduler,
    Status,
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
    WorkerProbe,
    line_adapter,
)
from harness.core.records.sweep_points import Case, Group, SetUp

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
    "Verdict",
    "WorkerProbe",
    "line_adapter",
]
