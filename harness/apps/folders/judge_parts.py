"""Store the tables of compacted runs beside them, so that they are not judged again.

Some runs are judged at a time, in several processes where there are many, so that memory does not
grow with the number of runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from harness.core.input_digest import of_code
from harness.reading.ingest import MachineContent, read_machine, results_of
from harness.reading.ingest.compacted_part import FOLDER, JUDGED, OVER_RUNS
from harness.reading.report.analysed import judged
from harness.reading.report.archive import (
    HISTORY,
    Sets,
    archived,
    sets_of_runs,
    valid_history,
)
from harness.reading.report.formats.parquet_tables import to_arrow
from harness.reading.report.in_processes import each_done
from harness.reading.report.stored_tables import (
    PER_RUN,
    Judged,
    digest_of_machine,
    read_judged,
    write_stored,
)

PAIRS_TOGETHER = 40_000
"""About so many pairs are judged at a time."""

Tables = dict[str, pa.Table]


class _Batch(NamedTuple):
    """Runs of a machine that are judged at a time, and the part that their tables are stored in."""

    number: int
    part: Path
    machine: MachineContent
    runs: frozenset[str]


def judge_parts(folder: Path, tell: Callable[[str], None], processes: int = 1) -> int:
    """Judge the compacted runs in the folder of a machine, as far as that was not done before.

    Runs that are judged together with one that is no part's are left: they are judged by those who
    read. The tables of a set of runs are stored in the part that has the last of them, and the
    table that follows figures over all runs beside the parts, where all runs are in parts.

    Parameters
    ----------
    folder : Path
    tell : callable
        Is told what is being done.
    processes : int
        At most so many judge at once.

    Returns
    -------
    int
        Runs that were judged.

    Raises
    ------
    InputError
        Where a part is damaged, or as :func:`harness.reading.report.analysed.judged`.
    """
    machine, code = read_machine(folder), of_code()
    sets = sets_of_runs(machine)
    stale: dict[Path, Sets] = {}
    for part, mine in _by_part(machine, sets).items():
        known = read_judged(part / JUDGED, code)
        if known is None or known.sets != mine:
            stale[part] = mine
    shares = [(part, runs) for part, mine in stale.items() for runs in _shares(machine, mine)]
    batches = [_batch(machine, number, *share) for number, share in enumerate(shares)]
    waiting = {part: sum(batch.part == part for batch in batches) for part in stale}
    done: dict[Path, dict[int, Tables]] = {part: {} for part in stale}
    for batch, tables in each_done(_judged, batches, processes):
        part, runs = batch.part, len(batch.runs)
        done[part][batch.number] = tables
        tell(f"judged {runs} runs of {part}")
        if len(done[part]) == waiting[part]:
            of_part = done.pop(part)
            in_turn = [of_part[number] for number in sorted(of_part)]
            stored = {name: [each[name] for each in in_turn] for name in PER_RUN}
            write_stored(part / JUDGED, Judged(code=code, sets=stale[part]), stored)
    _follow(machine, sets, code, tell)
    return sum(len(batch.runs) for batch in batches)


def _follow(machine: MachineContent, sets: Sets, code: str, tell: Callable[[str], None]) -> None:
    """Store the table that follows figures over the runs of *machine*, where all are in parts."""
    every = {run for runs in sets.values() for run in runs}
    if len(every) < len(machine.run_lines) or valid_history(machine, sets, code) is not None:
        return
    tell(f"following {len(every)} runs of {machine.folder}")
    known = Judged(code=code, sets={digest_of_machine(sets): tuple(sorted(every))})
    pieces = archived([_light(machine)]).pieces(HISTORY)
    write_stored(machine.folder / FOLDER / OVER_RUNS, known, {HISTORY: pieces})


def _light(machine: MachineContent) -> MachineContent:
    """Leave out what is of no run, or is read by all who read: no part has it."""
    return replace(machine, rows=(), traces=(), notes=())


def _judged(batch: _Batch) -> Tables:
    tables = judged(results_of([batch.machine], batch.runs.__contains__))
    return {name: to_arrow(name, tables.table(name)) for name in PER_RUN}


def _by_part(machine: MachineContent, sets: Sets) -> dict[Path, Sets]:
    """Each part to the sets of runs of which the last is in it."""
    part_of = {journal.run: folder for folder, part in machine.parts for journal in part.journals}
    by_part: dict[Path, Sets] = {}
    for digest, runs in sets.items():
        by_part.setdefault(part_of[max(runs)], {})[digest] = runs
    return by_part


def _shares(machine: MachineContent, sets: Sets) -> Iterator[list[str]]:
    """Part the runs of *sets* so that each share has about :data:`PAIRS_TOGETHER` pairs."""
    pairs = {journal.run: journal.pairs for _, part in machine.parts for journal in part.journals}
    runs: list[str] = []
    for together in sets.values():
        runs += together
        if sum(pairs[run] for run in runs) >= PAIRS_TOGETHER:
            yield runs
            runs = []
    if runs:
        yield runs


def _batch(machine: MachineContent, number: int, place: Path, runs: Sequence[str]) -> _Batch:
    """A batch that takes with it those parts alone that have its journals."""
    wanted = frozenset(runs)
    having = tuple(
        (folder, part)
        for folder, part in machine.parts
        if any(journal.run in wanted for journal in part.journals)
    )
    return _Batch(number, place, replace(_light(machine), journals=(), parts=having), wanted)
