"""The first page, and the page of the exercise: each machine's answers in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from harness.core import units
from harness.core.errors import InputError
from harness.reading.report import settled
from harness.reading.report.answer import MANY, WORKLOAD, answer
from harness.reading.report.cells import text
from harness.reading.report.layout import chapters
from harness.reading.report.section import Section, records
from harness.reading.report.site.source import Source
from harness.reading.report.site.words import (
    best_in_words,
    counted,
    elements,
    measured_when,
    noise,
)

EXERCISE_SUITE = "settle"


@dataclass(frozen=True)
class WorkloadWords:
    """What a machine has to say of one workload."""

    name: str
    size: str
    suite: str
    tally: list[tuple[str, str, int]]
    best: str


@dataclass(frozen=True)
class MachineWords:
    """What the first page says of one machine."""

    name: str
    facts: list[tuple[str, str]]
    tally: list[tuple[str, str, int]]
    exercise: list[str]
    workloads: list[WorkloadWords]
    answers: list[str]


@dataclass(frozen=True)
class Exercise:
    """The exercise on one machine: settled, or the cases that bear on it."""

    machine: str
    title: str
    sections: list[Section]
    sentences: list[str] = field(default_factory=list)
    facts: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def machine_words(source: Source, name: str, exercise: Exercise | None) -> MachineWords:
    """The answers of machine *name*."""
    cases = source.cases[source.cases["machine"].eq(name)]
    said = source.tables["answers"]
    keys = ["workload", "size", "suite"]
    return MachineWords(
        name,
        _facts(source, name),
        counted(cases),
        exercise.sentences if exercise else [],
        [
            WorkloadWords(
                str(workload), elements(size), str(suite), counted(rows), best_in_words(rows)
            )
            for (workload, size, suite), rows in cases.groupby(keys, sort=True)
        ],
        [text(row["sentence"]) for row in records(said[said["machine"].eq(name)])],
    )


def _facts(source: Source, name: str) -> list[tuple[str, str]]:
    cases = source.cases[source.cases["machine"].eq(name)]
    infos = [info for info in source.runs.values() if info.machine.name == name]
    facts: list[tuple[str, str]] = []
    if infos:
        here = infos[-1].machine
        cores = None if here.cores_usable is None else f"{here.cores_usable:g} usable"
        said = {
            "CPU": here.cpu,
            "cores": cores,
            "memory": units.size(here.ram_bytes),
            "system": here.system,
            "versions": ", ".join(f"{k} {v}" for k, v in infos[-1].versions.items()),
        }
        facts += [(label, value) for label, value in said.items() if value]
    runs = [str(run) for run in cases["run"].unique()]
    facts.append(("measured", f"{measured_when(runs)}, {len(runs)} newest runs shown"))
    facts.append(("noise", noise(cases)))
    return facts


def exercises(source: Source) -> Iterator[Exercise]:
    """The exercise on every machine that has run it, the newest run of each."""
    for machine in source.machines:
        found = _settled(source, machine) if source.found else _from_tables(source, machine)
        if found:
            yield found


def _settled(source: Source, machine: str) -> Exercise | None:
    judged = source.found
    cases = source.cases
    mine = cases[cases["machine"].eq(machine) & cases["suite"].eq(EXERCISE_SUITE)]
    if mine.empty or judged is None:
        return _from_tables(source, machine)
    run = str(mine["run"].max())
    journal = next(one for one in judged.found.journals if one.info.run == run)
    frames = (judged.cases, judged.break_even, judged.found.pairs)
    of_run = [frame[frame["run"].eq(run)] for frame in frames]
    try:
        found = answer(
            of_run[0],
            of_run[1],
            of_run[2],
            journal.info,
            seconds_spent=journal.end.seconds if journal.end else None,
            journal=journal.path.name,
        )
    except InputError:
        return _from_tables(source, machine)
    cells = [settled.cells(row, whole=True) for row in found.rows]
    table = Section(settled.title(found), settled.COLUMNS, cells, notes=[settled.rests_on(found)])
    facts = [
        ("break-even chunk", settled.break_even(found)),
        ("chunks not worse than the best by 5 %", settled.best_chunks(found)),
        ("measured", measured_when([run])),
        ("journal", found.journal),
    ]
    return Exercise(machine, settled.title(found), [table], found.sentences, facts, found.warnings)


def _from_tables(source: Source, machine: str) -> Exercise | None:
    """Without a run of the exercise: the cases of its workload, where many small chunks were
    tried."""
    cases = source.cases
    mine = cases[cases["machine"].eq(machine) & cases["workload"].eq(WORKLOAD)]
    if mine.empty or not mine["chunk"].le(MANY).any():
        return None
    edges = source.tables["break_even"]
    edges = edges[edges["machine"].eq(machine) & edges["workload"].eq(WORKLOAD)]
    sections = [*chapters("cases", mine)[0].sections, *chapters("break_even", edges)[0].sections]
    return Exercise(
        machine, f"{WORKLOAD} on {machine}", sections, [f"{WORKLOAD}: {best_in_words(mine)}."]
    )
