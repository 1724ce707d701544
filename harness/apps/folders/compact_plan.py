"""Decide which journals of a machine come into which part, and which stay as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.apps.folders.staging import is_being_written
from harness.reading.ingest.compacted_part import (
    JournalFacts,
    facts_of,
    is_compacted,
    known_journals,
    part_folders,
    read_part,
)
from harness.reading.ingest.journals import JournalContent, read_journals


@dataclass(frozen=True)
class MachinePlan:
    """What is done with the journals of one machine.

    Attributes
    ----------
    folder : Path
        The machine's.
    months : dict of str to tuple of JournalFacts
        Each month of which there is to be a part, and its journals by name.
    left : dict of Path to str
        Journals that stay, and why.
    """

    folder: Path
    months: Mapping[str, tuple[JournalFacts, ...]]
    left: Mapping[Path, str]


def machine_plan(folder: Path) -> MachinePlan:
    """Plan what becomes of the journals in the folder of a machine.

    A run that may still go on stays; the others go into the part of the month in which they began.
    No journal is kept in memory.

    Raises
    ------
    InputError
        Where a journal is broken.
    """
    months: dict[str, list[JournalFacts]] = {}
    left: dict[Path, str] = {}
    known = _compacted(folder)
    closed = []
    for path in sorted(folder.glob("journal/*.jsonl")):
        if is_compacted(path, known):
            continue
        if is_being_written(path):
            left[path] = "is being written by a run"
        else:
            closed.append(path)
    for journal in read_journals(closed):
        if journal.may_go_on:
            left[journal.path] = "was interrupted: go on with it by --resume, or leave it"
        else:
            months.setdefault(_month(journal), []).append(facts_of(journal))
    return MachinePlan(folder, {month: tuple(months[month]) for month in sorted(months)}, left)


def compacted_before(folder: Path) -> list[Path]:
    """The journals in the folder of a machine that a part has as well.

    Raises
    ------
    InputError
        Where one has other content than that in the part.
    """
    known = _compacted(folder)
    return [path for path in sorted(folder.glob("journal/*.jsonl")) if is_compacted(path, known)]


def _compacted(folder: Path) -> dict[str, JournalFacts]:
    return known_journals(map(read_part, part_folders(folder)))


def _month(journal: JournalContent) -> str:
    """The month in which a run began, ``2026-11``; ``unknown`` where nothing tells it."""
    began = journal.stretches[0].began
    if began is not None:
        return f"{began:%Y-%m}"
    stamp = journal.info.run[:6]
    return f"{stamp[:4]}-{stamp[4:]}" if len(stamp) == 6 and stamp.isdigit() else "unknown"
