"""Compact journals: put those of a month together as Parquet, and make them again from it.

Nothing is lost, and nothing is deleted before that is shown: a part is written beside its place,
read back, and compared with the journals byte by byte and pair by pair. Then it is put in its place
by one rename, and the journals are deleted. What is cut off in between leaves the journals, or
both: a journal that a part has as well is read once.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from harness.apps.folders.compact_plan import MachinePlan, compacted_before, machine_plan
from harness.apps.folders.judge_parts import judge_parts
from harness.apps.folders.part_writing import check_part, sync_folder, write_part
from harness.apps.folders.result_files import DIGITS, JOURNAL
from harness.apps.folders.staging import STAGE, locked, put
from harness.core.errors import InputError
from harness.reading.ingest import machine_folders
from harness.reading.ingest.compacted_part import (
    FOLDER,
    JournalFacts,
    is_compacted,
    part_folders,
    path_before,
    read_part,
    restored,
)

Tell = Callable[[str], None]


@dataclass
class Compaction:
    """What was done, or would be.

    Attributes
    ----------
    parts : dict of str to int
        Folder of each part to its number of journals.
    left : dict of str to str
        Path of each journal that stays, and why.
    pairs : int
        Pairs in the parts.
    bytes_before, bytes_after : int
        Sizes of the journals, and of the parts that stand for them; the latter is 0 where nothing
        was written.
    """

    parts: dict[str, int] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)
    pairs: int = 0
    bytes_before: int = 0
    bytes_after: int = 0


def compact(
    results: Path,
    *,
    keep: bool = False,
    judge: bool = True,
    dry_run: bool = False,
    processes: int = 1,
    tell: Tell = lambda _: None,
) -> Compaction:
    """Put the finished journals of each machine and month into one part, and delete them.

    Parameters
    ----------
    results : Path
        A results folder, or that of one machine.
    keep : bool
        Leave the journals where they are as well.
    judge : bool
        Store the tables of compacted runs too, also of those that were compacted before.
    dry_run : bool
        Say what would be done, and do nothing.
    processes : int
        At most so many judge at once.
    tell : callable
        Is told what is being done.

    Raises
    ------
    InputError
        Where a journal is broken, or a part that was written cannot be read back as it was.
    UsageError
        Where another command writes to the folder of a machine.
    """
    done = Compaction()
    for folder in _machines(results):
        if dry_run:
            plan = machine_plan(folder)
            _count(done, plan)
            for month, journals in plan.months.items():
                done.parts[str(folder / FOLDER / f"month={month}")] = len(journals)
            continue
        with locked(folder):
            plan = machine_plan(folder)
            _count(done, plan)
            for month, journals in plan.months.items():
                tell(f"compacting {folder.name}, {month}: {len(journals)} journals")
                part = _put_part(folder, month, journals)
                done.parts[str(part)] = len(journals)
                done.bytes_after += sum(file.stat().st_size for file in part.iterdir())
            if not keep:
                for path in compacted_before(folder):
                    path.unlink()
            if judge:
                judge_parts(folder, tell, processes)
    return done


def restore(results: Path, *, tell: Tell = lambda _: None) -> Compaction:
    """Make all journals again, byte for byte, and delete the parts.

    Raises
    ------
    InputError
        Where a part is damaged, or a journal with other content has the name of one of its own.
    UsageError
        Where another command writes to the folder of a machine.
    """
    done = Compaction()
    for folder in _machines(results):
        with locked(folder):
            for part_folder in part_folders(folder):
                part = read_part(part_folder)
                tell(f"restoring {part_folder}: {len(part.journals)} journals")
                for journal, content in restored(part_folder, part):
                    path = path_before(part_folder, journal.name)
                    if path.exists():
                        is_compacted(path, {journal.name: journal})
                    put(folder, {f"{JOURNAL}/{journal.name}": partial(bytes, content)})
                    done.pairs += journal.pairs
                    done.bytes_before += journal.size
                done.parts[str(part_folder)] = len(part.journals)
                shutil.rmtree(part_folder)
            shutil.rmtree(folder / FOLDER, ignore_errors=True)
    return done


def _machines(results: Path) -> list[Path]:
    if not results.is_dir():
        raise InputError(f"{results}: no such results folder: give one with journals")
    return machine_folders(results)


def _count(done: Compaction, plan: MachinePlan) -> None:
    done.left |= {str(path): why for path, why in plan.left.items()}
    for journals in plan.months.values():
        done.pairs += sum(journal.pairs for journal in journals)
        done.bytes_before += sum(journal.size for journal in journals)


def _put_part(folder: Path, month: str, journals: Sequence[JournalFacts]) -> Path:
    """Write the part of one month, show that nothing is lost, and put it in its place."""
    source, stage = folder / JOURNAL, folder / FOLDER / STAGE
    shutil.rmtree(stage, ignore_errors=True)  # a command that was cut off may have left one
    write_part(stage, journals, source)
    check_part(stage, read_part(stage), source)
    name = hashlib.sha256("".join(journal.digest for journal in journals).encode()).hexdigest()
    place = folder / FOLDER / f"month={month}" / name[:DIGITS]
    shutil.rmtree(place, ignore_errors=True)  # the same journals: cut off before they were deleted
    place.parent.mkdir(parents=True, exist_ok=True)
    sync_folder(stage)
    stage.rename(place)
    return place
