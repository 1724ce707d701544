"""What ``chunkbench tables`` prints first: the answers of each machine on one screen."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import pandas as pd

from harness.core import units
from harness.core.records import RunInfo
from harness.core.units import plural
from harness.reading.report.formats.lined_up import laid_out, least_widths, natural_widths, room
from harness.reading.report.formats.text_report import without
from harness.reading.report.glance.at_a_glance import Glance, GlanceCell, GlanceLine, glances
from harness.reading.report.glance.machine_sentence import machine_sentence
from harness.reading.report.glance.screen_rows import screen_rows
from harness.reading.report.glance.task_costs import task_cost
from harness.reading.report.shown.cells import ABSENT, AGAINST_SERIAL, estimate
from harness.reading.report.shown.plain import WIDTH, plain_text
from harness.reading.report.shown.run_names import age, started
from harness.reading.report.shown.section import Section
from harness.reading.report.words.short_answers import short_answers

TABLES = ("cases", "break_even", "break_even_work", "answers")
"""What the screen is made of."""

_COLUMNS = ("workload", "it pays", "best speed-up", "executor")
_SPARE = ("best speed-up",)

_PARTS_OF_A_NUMBER = re.compile(r"(?<=\d) (?=\d{3}\b|[nµm]?s\b)")

EMPTY_FOLDER = "nothing measured yet: chunkbench settle measures the exercise, run all suites"


def first_screen(
    tables: Mapping[str, pd.DataFrame],
    runs: Mapping[str, RunInfo],
    now: datetime,
    width: int = WIDTH,
    folder: str = "",
) -> str:
    """Write the answers, the break-evens, and what to do next.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        :data:`TABLES` at least, as in the schema.
    runs : mapping of str to RunInfo
        Run lines.
    now : datetime
        To say how old the newest run is.
    width : int
        Columns of the terminal.
    folder : str
        The option that names the results folder, for the commands that are shown.
    """
    rows = screen_rows(tables)
    seen = [replace(each, runs=rows.runs[each.machine]) for each in glances(rows.tables)]
    parts: list[str] = []
    for glance in seen:
        parts += ["", *_head(glance, runs, now, width)]
        if len(seen) == 1:
            parts += _body(glance, short_answers(tables["answers"], glance.machine), width)
    if rows.unpaired:
        parts += ["", _filled(_unpaired(rows.unpaired), width)]
    elif not seen:
        parts.append(EMPTY_FOLDER)
    parts += ["", *_next(seen, folder, width)]
    return "\n".join(parts).strip("\n") + "\n"


def _unpaired(count: int) -> str:
    return f"{plural(count, 'timing')} of others, without a verdict: --all shows them."


def _head(glance: Glance, runs: Mapping[str, RunInfo], now: datetime, width: int) -> Iterator[str]:
    newest = max(glance.runs)
    began = started(newest)
    when = f", newest {began:%Y-%m-%d %H:%M} UTC ({age(began, now)})" if began else ""
    cores = runs[newest].machine.cores_usable if newest in runs else None
    usable = "" if cores is None else f"{cores:g} usable cores, "
    yield _filled(f"{glance.machine}: {usable}{plural(len(glance.runs), 'run')}{when}", width)
    yield ""
    yield _filled(machine_sentence(glance), width)


def _body(glance: Glance, answers: Sequence[str], width: int) -> Iterator[str]:
    paying = [line for line in glance.lines if line.pays]
    if paying:
        rows: list[tuple[str, ...]] = [row for line in paying for row in _rows(line)]
        section, widths = _narrow_enough(Section("", _COLUMNS, rows), width)
        shown = laid_out(section.columns, section.rows, widths, headed=True, width=width)
        yield plain_text([shown], width).rstrip("\n")
        yield from _listed(_remarks(paying), width)
    others = [line for line in glance.lines if not line.pays]
    if others:
        yield ""
        yield "Not shown to pay on any executor"
        yield from _listed(_not_paying(others), width)
    if glance.task_costs:
        costs = (f"{name} {task_cost(row)}" for name, row in glance.task_costs.items())
        yield ""
        yield _filled(f"An empty task costs: {', '.join(costs)}.", width)
    if answers:
        yield ""
        yield "Practices, pins, threads or processes"
        yield from _listed(answers, width)


def _narrow_enough(section: Section, width: int) -> tuple[Section, list[int]]:
    """*section* and the widths of its columns but the last, without what is spare where *width* has
    no room for it. From where on it pays is never left out: its cells wrap instead."""
    for kept in (section, without(section, _SPARE)):
        table = [kept.columns, *kept.rows]
        *widths, _ = natural_widths(table)
        least = least_widths(table)[-1]
        lacking = sum(widths) + least - room(len(kept.columns), width)
        if lacking <= 0:
            return kept, widths
    return kept, [*widths[:-1], max(widths[-1] - lacking, least_widths(table)[-2])]


def _rows(line: GlanceLine) -> Iterator[tuple[str, str, str, str]]:
    """A row for each executor that pays; of the others one for all of which the same is said."""
    name = line.family
    paying = [cell for cell in line.cells.values() if cell.pays]
    for cell in sorted(paying, key=lambda each: -_lower(each)):
        yield name, cell.words, _best(cell), cell.executor
        name = ""
    together: dict[str, list[str]] = {}
    for cell in line.cells.values():
        if not cell.pays:
            together.setdefault(cell.words, []).append(cell.executor)
    for words, executors in together.items():
        yield "", words, ABSENT, ", ".join(executors)


def _remarks(lines: Iterable[GlanceLine]) -> Iterator[str]:
    """Why a speed-up is above the number of workers, and where two runs disagree."""
    for line in lines:
        for cell in line.cells.values():
            where = f"{line.family} on {cell.executor}"
            if cell.pays and cell.above_workers:
                yield f"{where}: {cell.above_workers}"
            yield from (f"{where}: {other}" for other in cell.others)


def _lower(cell: GlanceCell) -> float:
    return float(cell.best["speedup_low"]) if cell.best else 0.0


def _best(cell: GlanceCell) -> str:
    if cell.best is None:
        return ABSENT
    only = " (serial)" if cell.kind == AGAINST_SERIAL else ""
    return f"{estimate(cell.best, 'speedup', units.ratio)}{only}"


def _not_paying(lines: Iterable[GlanceLine]) -> Iterator[str]:
    """The workloads that do not pay, those together of which the same is said."""
    together: dict[tuple[str, ...], list[str]] = {}
    for line in lines:
        said = tuple(dict.fromkeys(cell.words for cell in line.cells.values()))
        together.setdefault(said, []).append(line.family)
    for said, families in together.items():
        yield f"{', '.join(families)}: {' or '.join(said)}"


def _listed(items: Iterable[str], width: int) -> Iterator[str]:
    for item in items:
        yield _filled(item, width, "  - ", "    ")


def _next(seen: Sequence[Glance], folder: str, width: int) -> Iterator[str]:
    if not seen:
        return
    yield "What to do next"
    commands = [*_commands(seen, f" {folder}" if folder else "")]
    longest = max(len(command) for command, _ in commands)
    for command, shows in commands:
        line = f"  {command:<{longest}}  {shows}"
        yield line if len(line) <= width else f"  {command}\n      {shows}"


def _commands(seen: Sequence[Glance], option: str) -> Iterator[tuple[str, str]]:
    """Commands, and what each shows."""
    if len(seen) > 1:
        yield f"chunkbench tables{option} --only machine={seen[0].machine}", "one machine"
    if lines := seen[0].lines:
        yield f"chunkbench tables{option} --only workload={lines[0].family}", "one workload"
    yield f"chunkbench tables{option} --table break_even", "one table; --all for every one"
    if suite := _open_suite(seen):
        yield f"chunkbench run{option} --suite {suite} --budget 5m", "more rounds for what is open"
    yield f"chunkbench publish{option}", "the same as a site"


def _open_suite(seen: Sequence[Glance]) -> str | None:
    """The suite with most cells that are open."""
    open_cells = [
        str(cell.edge["suite"])
        for glance in seen
        for line in glance.lines
        for cell in line.cells.values()
        if cell.pays is None
    ]
    return max(open_cells, key=open_cells.count, default=None)


def _filled(line: str, width: int, first: str = "", others: str = "") -> str:
    """*line* in lines of *width*; a number and its unit or its thousands are never parted."""
    filled = textwrap.fill(
        _PARTS_OF_A_NUMBER.sub("\u00a0", line),
        width,
        initial_indent=first,
        subsequent_indent=others,
        break_on_hyphens=False,
        break_long_words=False,
    )
    return filled.replace("\u00a0", " ")
