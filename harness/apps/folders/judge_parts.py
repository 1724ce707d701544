"""Store the tables of compacted runs beside them, so that they are not judged again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from harness.core.input_digest import of_code
from harness.reading.ingest import MachineContent, read_machine, results_of
from harness.reading.ingest.compacted_part import JUDGED
from harness.reading.report.analysed import judged
from harness.reading.report.archive import sets_of_runs
from harness.reading.report.stored_tables import PER_RUN, Judged, read_judged, write_stored

Sets = dict[str, tuple[str, ...]]


def judge_parts(folder: Path, tell: Callable[[str], None]) -> int:
    """Judge the compacted runs in the folder of a machine, as far as that was not done before.

    Runs that are judged together with one that is no part's are left: they are judged by those who
    read. The tables of a set of runs are stored in the part that has the last of them.

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
    count = 0
    for part, sets in _sets_by_part(machine):
        known = read_judged(part / JUDGED, code)
        if known is not None and known.sets == sets:
            continue
        runs = {run for together in sets.values() for run in together}
        tell(f"judging {len(runs)} runs of {part}")
        tables = judged(results_of([machine], runs.__contains__))
        stored = {name: tables.table(name) for name in PER_RUN}
        write_stored(part / JUDGED, Judged(code=code, sets=sets), stored)
        count += len(runs)
    return count


def _sets_by_part(machine: MachineContent) -> Iterator[tuple[Path, Sets]]:
    part_of = {journal.run: folder for folder, part in machine.parts for journal in part.journals}
    sets: dict[Path, Sets] = {folder: {} for folder, _ in machine.parts}
    for digest, runs in sets_of_runs(machine).items():
        sets[part_of[max(runs)]][digest] = runs
    yield from ((folder, mine) for folder, mine in sets.items() if mine)
