"""The first page, and the page of the exercise: each machine's answers in plain words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from harness.core import units
from harness.core.errors import InputError
from harness.reading.analysis.by_group import records
from harness.reading.report.chapters import chapters
from harness.reading.report.exercise.answer_of_run import answer
from harness.reading.report.exercise.example import COLUMNS, table_line
from harness.reading.report.exercise.question import MANY, SUITE, WORKLOAD
from harness.reading.report.glance.at_a_glance import Glance, glances
from harness.reading.report.glance.machine_sentence import best_other, machine_sentence
from harness.reading.report.shown.cells import text
from harness.reading.report.shown.run_names import started
from harness.reading.report.shown.section import Section
from harness.reading.report.site.grid_cells import LinkedLine, cost_cells, linked_lines
from harness.reading.report.site.source import SiteTables
from harness.reading.report.site.words import best_in_words, measured_when, noise
from harness.reading.report.words.short_answers import conclusion


@dataclass(frozen=True)
class MachineWords:
    """What the first page says of one machine.

    Attributes
    ----------
    sentence : str
        Its answer.
    newest : datetime or None
        When its newest run began.
    executors, lines, costs
        The grid: its columns, a line for each workload, and what an empty task costs.
    exercise : list of str
        The sentences of the exercise.
    answers : list of (str, str)
        Each in short and in full.
    """

    name: str
    sentence: str
    newest: datetime | None
    executors: tuple[str, ...]
    lines: list[LinkedLine]
    costs: list[tuple[str, str, str] | None]
    facts: list[tuple[str, str]]
    exercise: list[str]
    answers: list[tuple[str, str]]


@dataclass(frozen=True)
class Exercise:
    """The exercise on one machine: settled, or the cases that bear on it."""

    machine: str
    title: str
    sections: list[Section]
    executor: str | None = None
    sentences: list[str] = field(default_factory=list)
    facts: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def machine_words(
    source: SiteTables, pages: Mapping[str, str], settled: Iterable[Exercise]
) -> list[MachineWords]:
    """Say of each machine what the first page shows.

    Parameters
    ----------
    source : SiteTables
    pages : mapping of str to str
        Workload to its page.
    settled : iterable of Exercise
        Those of the machines that have run it.
    """
    by_machine = {exercise.machine: exercise for exercise in settled}
    return [
        _words(source, glance, pages, by_machine.get(glance.machine))
        for glance in glances(source.tables)
    ]


def _words(
    source: SiteTables, glance: Glance, pages: Mapping[str, str], exercise: Exercise | None
) -> MachineWords:
    name = glance.machine
    answers = [
        (conclusion(text(row["kind"]), text(row["sentence"])), text(row["sentence"]))
        for row in source.rows("answers")
        if row["machine"] == name
    ]
    other = best_other(glance, exercise.executor) if exercise else ""
    return MachineWords(
        name,
        machine_sentence(glance),
        started(max(glance.runs)),
        glance.executors,
        [*linked_lines(glance, pages)],
        cost_cells(glance),
        _facts(source, name),
        [*exercise.sentences, *([other] if other else [])] if exercise else [],
        answers,
    )


def _facts(source: SiteTables, name: str) -> list[tuple[str, str]]:
    cases = source.cases[source.cases["machine"].eq(name)]
    infos = [info for info in source.runs.values() if info.machine.name == name]
    facts: list[tuple[str, str]] = []
    if infos:
        here = infos[-1].machine
        cores = None if here.cores_usable is None else f"{here.cores_usable:g} usable"
        of_machine = {
            "CPU": here.cpu,
            "cores": cores,
            "memory": units.size(here.ram_bytes),
            "system": here.system,
            "versions": ", ".join(f"{k} {v}" for k, v in infos[-1].versions.items()),
        }
        facts += [(label, value) for label, value in of_machine.items() if value]
    runs = [str(run) for run in cases["run"].unique()]
    facts.append(("measured", f"{measured_when(runs)}, {len(runs)} newest runs shown"))
    facts.append(("noise", noise(cases)))
    return facts


def exercises(source: SiteTables) -> Iterator[Exercise]:
    """Answer the exercise on every machine that has run it, from the newest run of each."""
    for machine in source.machines:
        exercise = _settled(source, machine) if source.judged else _from_tables(source, machine)
        if exercise:
            yield exercise


def _settled(source: SiteTables, machine: str) -> Exercise | None:
    """Answer the newest run of the exercise; without one, show what the tables have of it."""
    judged, cases = source.judged, source.cases
    of_suite = cases[cases["machine"].eq(machine) & cases["suite"].eq(SUITE)]
    if of_suite.empty or judged is None:
        return _from_tables(source, machine)
    run = str(of_suite["run"].max())
    journal = next(journal for journal in judged.read.journals if journal.info.run == run)
    frames = (judged.cases, judged.break_even, judged.read.pairs)
    of_run = [frame[frame["run"].eq(run)] for frame in frames]
    try:
        answered = answer(of_run[0], of_run[1], of_run[2], journal)
    except InputError:
        return _from_tables(source, machine)
    cells = [table_line(row, time_interval=True) for row in answered.rows]
    table = Section(answered.title, COLUMNS, cells, notes=[answered.basis])
    facts = [
        ("break-even chunk", answered.break_even),
        ("chunks not worse than the best by 5 %", answered.best_chunks),
        ("measured", measured_when([run])),
        ("journal", answered.journal),
    ]
    return Exercise(
        machine,
        answered.title,
        [table],
        answered.executor,
        answered.sentences,
        facts,
        answered.warnings,
    )


def _from_tables(source: SiteTables, machine: str) -> Exercise | None:
    """Show the cases of the exercise's workload, where many small chunks were tried."""
    cases = source.cases
    of_workload = cases[cases["machine"].eq(machine) & cases["workload"].eq(WORKLOAD)]
    if of_workload.empty or not of_workload["chunk"].le(MANY).any():
        return None
    edges = source.tables["break_even"]
    edges = edges[edges["machine"].eq(machine) & edges["workload"].eq(WORKLOAD)]
    sections = [
        *chapters("cases", of_workload)[0].sections,
        *chapters("break_even", edges)[0].sections,
    ]
    return Exercise(
        machine,
        f"{WORKLOAD} on {machine}",
        sections,
        sentences=[f"{WORKLOAD}: {best_in_words(records(of_workload))}."],
    )
