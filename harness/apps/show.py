"""Look up one case: what it means, whether it can run here, and what was measured of it."""

from __future__ import annotations

import math
import re
import textwrap
from pathlib import Path
from typing import Any

from harness.core import units
from harness.core.errors import UsageError
from harness.core.records import Case, Record
from harness.reading.analysis.verdict.cases import cases
from harness.reading.ingest import read_results
from harness.reading.report.formats.tables import to_records
from harness.reading.report.shown import cells
from harness.running.executors import lookup
from harness.running.host import pins
from harness.running.host.job_memory import usable_memory_bytes
from harness.running.host.machine import usable_cores
from harness.running.measure.sweep.refusals import refusals
from harness.running.plan.case_name import format_case, parse_case
from harness.running.script import script
from harness.running.workloads import make_workload, workload_class

WIDTH = 100


class CaseCard(Record):
    """What is known of one case.

    Attributes
    ----------
    case : Case
    name : str
        Its full name, which is the same case on every machine.
    workload, executor : str
        A sentence on each.
    n_chunks, chunk_shape, chunk_bytes
        How it is cut; ``None`` where the chunk does not fit the workload.
    native_threads : int or None
        Native threads that its pin allows each process here; ``None`` for the engine's own number.
    reason : str or None
        Why it cannot run here; ``None`` where it can.
    measured : list of dict
        Its row of the table ``cases``, for each run that has one.
    """

    case: Case
    name: str
    workload: str
    executor: str
    n_chunks: int | None
    chunk_shape: str | None
    chunk_bytes: int | None
    native_threads: int | None
    reason: str | None
    measured: list[dict[str, Any]]


def show(text: str, results: Path | None) -> CaseCard:
    """Look up the case called *text*; nothing is executed.

    Parameters
    ----------
    text : str
        As :func:`harness.running.plan.case_name.parse_case` reads it.
    results : Path or None
        A results folder to look it up in.

    Raises
    ------
    UsageError
        Where *text* is no case.
    InputError
        Where *results* cannot be read.
    """
    cores = usable_cores().number
    case = parse_case(text, max(1, math.floor(cores)))
    workload = make_workload(case.workload, case.size)
    fits = workload.wrong_chunk(case.chunk) is None
    return CaseCard(
        case=case,
        name=format_case(case),
        workload=_first_line(workload_class(case.workload)),
        executor=_first_line(lookup(case.executor)),
        n_chunks=workload.n_chunks(case.chunk) if fits else None,
        chunk_shape=workload.chunk_shape(case.chunk) if fits else None,
        chunk_bytes=(workload.chunk_bytes(case.chunk) or None) if fits else None,
        native_threads=pins.native_threads(case.pin, cores),
        reason=refusals([case], usable_memory_bytes()).get(case),
        measured=[] if results is None else _measured(case, results),
    )


def show_script(text: str) -> tuple[Case, str]:
    """Write a program that reproduces the case called *text* without chunkbench.

    Returns the case and the program.

    Raises
    ------
    UsageError
        Where *text* is no case, or one that cannot run here.
    """
    cores = usable_cores().number
    case = parse_case(text, max(1, math.floor(cores)))
    if reason := refusals([case], usable_memory_bytes()).get(case):
        raise UsageError(f"no script for {format_case(case)}: {reason}")
    return case, script(case, cores)


def card_text(card: CaseCard) -> str:
    """Lay the card out for a terminal, :data:`WIDTH` columns wide."""
    case = card.case
    threads = "the engine's own" if card.native_threads is None else f"{card.native_threads}"
    cut = [("chunk", units.count(case.chunk))]
    if card.n_chunks is not None:
        memory = "" if card.chunk_bytes is None else f", {units.size(card.chunk_bytes)} each"
        shape = f" of shape {card.chunk_shape}{memory}"
        cut.append(("chunks", f"{units.count(card.n_chunks)}{shape}"))
    rows = [
        ("case", card.name),
        ("workload", f"{case.workload}: {card.workload}"),
        ("executor", f"{case.executor}: {card.executor}"),
        ("size", units.count(case.size)),
        *cut,
        ("workers", str(case.workers)),
        ("pin", f"{case.pin} (native threads a process: {threads})"),
        ("runs here", "yes" if card.reason is None else f"no: {card.reason}"),
    ]
    rows += [("measured", _measured_text(row)) for row in card.measured]
    if not card.measured:
        rows.append(("measured", f"no: chunkbench show {card.name} --script prints a program"))
    indent = " " * 11
    lines = (
        textwrap.fill(f"{name:<11}{value}", WIDTH, subsequent_indent=indent, break_on_hyphens=False)
        for name, value in rows
    )
    return "\n".join(lines) + "\n"


def _measured_text(row: dict[str, Any]) -> str:
    """One row of the table ``cases`` in a sentence."""
    run = f"{row['machine']}, {row['run']}"
    if not cells.has_numbers(row):
        return f"{row['status']} ({row['reason']}) in {run}"
    seconds = cells.estimate(row, "seconds", units.seconds)
    baseline = cells.estimate(row, "baseline_seconds", units.seconds)
    speedup = cells.estimate(row, "speedup", units.ratio)
    return (
        f"{cells.verdict(row)}: speed-up {speedup}, TP {seconds}, T1 {baseline}, "
        f"{row['rounds']} rounds in {run}"
    )


def _measured(case: Case, results: Path) -> list[dict[str, Any]]:
    """Rows of the table ``cases`` for *case*, one for each run."""
    measured = read_results(results)
    wanted = case.model_dump()
    of_case = measured.pairs[[*wanted]].eq(list(wanted.values())).all(axis=1)
    # NumPy on all cores is needed, too: the second verdict is against it.
    needed = of_case | measured.pairs["executor"].eq("numpy-threads")
    rows = to_records(cases(measured.pairs[needed], measured.blocks, measured.runs))
    return [row for row in rows if all(row[name] == value for name, value in wanted.items())]


def _first_line(described: type) -> str:
    """The first sentence of its docstring, without markup and references to the method's rules."""
    paragraph = (described.__doc__ or "").strip().split("\n\n")[0]
    words = re.sub(r"``|\*(?=\w)|(?<=\w)\*| \(rule \d+\)", "", " ".join(paragraph.split()))
    return words.removesuffix(".")
