"""Compare two machines or runs that are chosen by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from harness.core.errors import InputError, UsageError
from harness.core.records import RunInfo
from harness.core.units import plural
from harness.reading.analysis.verdict.cases import cases
from harness.reading.analysis.verdict.comparison import comparison, over_cases
from harness.reading.analysis.verdict.replicates import METRICS, Side
from harness.reading.ingest import Results
from harness.reading.ingest.chosen import chosen
from harness.reading.report.chapters import chapters
from harness.reading.report.chapters.comparison_in_short import in_short
from harness.reading.report.formats import html, markdown, text_report
from harness.reading.report.formats.tables import to_records
from harness.reading.report.shown.section import Chapter, Section

STYLES: dict[str, Callable[[list[Chapter], str], str]] = {
    "text": lambda parts, _: text_report.report(parts),
    "markdown": lambda parts, _: markdown.document(parts),
    "html": html.page,
}
"""The formats for people; the title is that of a page."""

FEW = 3
"""At most as many runs of a side are all named."""


@dataclass(frozen=True)
class Compared:
    """What ``chunkbench compare`` gives; *changed* lists what differs between the run lines."""

    names: tuple[str, str]
    runs: tuple[list[str], list[str]]
    changed: list[dict[str, str]]
    table: pd.DataFrame


def compare(results: Path, a: str, b: str) -> Compared:
    """Compare what *a* and *b* mean under *results*.

    Raises
    ------
    UsageError
        Where a name is unknown, or both mean the same run.
    InputError
        Where they share no case with a result, or a file is broken.
    """
    return of_results((a, b), chosen(results, a), chosen(results, b))


def of_results(names: tuple[str, str], first: Results, second: Results) -> Compared:
    """Compare what was read already, under the names that the two have.

    Raises
    ------
    UsageError, InputError
        As :func:`compare`.
    """
    a, b = names
    same = sorted(first.runs.keys() & second.runs.keys())
    if same:
        raise UsageError(
            f"{a} and {b} both mean run {same[0]}: name two different runs or machines"
        )
    table = comparison(_side(first), _side(second))
    if table.empty:
        raise InputError(
            f"{a} and {b} have no case in common: they need a workload of the same size, executor, "
            "workers, pin and chunk (see chunkbench tables)"
        )
    return Compared(
        names,
        (list(first.runs), list(second.runs)),
        list(_changed(first.runs, second.runs)),
        table,
    )


def in_format(compared: Compared, style: str, *, every_row: bool = False) -> str:
    """Write for people what was compared: the ratio over all cases first, then what differs.

    Parameters
    ----------
    compared : Compared
    style : str
        One of :data:`STYLES`.
    every_row : bool
        Show all rows of the table as well, also those without a difference.
    """
    a, b = compared.names
    return STYLES[style](shown(compared, every_row=every_row), f"{a} and {b} compared")


def shown(compared: Compared, *, every_row: bool = False) -> list[Chapter]:
    """Make the chapters that show what was compared, as :func:`in_format` writes them."""
    first, second = compared.runs
    short = in_short(compared.table, (len(first), len(second)))
    parts = [*short.sections, _changes(compared)]
    every = chapters("comparison", compared.table) if every_row else []
    return [Chapter(short.heading, parts), *every]


def _changes(compared: Compared) -> Section:
    sides = zip("AB", compared.names, compared.runs)
    are = [f"{letter} is {_are(name, runs)}" for letter, name, runs in sides]
    rows = [(change["what"], change["a"], change["b"]) for change in compared.changed]
    title = "what changed" if rows else "nothing that the run lines tell changed"
    return Section(title, ("what", "on A", "on B"), rows, 0, are)


def _are(name: str, runs: list[str]) -> str:
    if runs == [name]:
        return f"the run {name}"
    listed = ", ".join(runs) if len(runs) <= FEW else f"{runs[0]} to {runs[-1]}"
    return f"{name}: {plural(len(runs), 'run')} ({listed})"


def as_json(compared: Compared) -> dict[str, Any]:
    """Return both sides, the ratios over all cases, what changed, cases, and groups over the chunks
    they share, for JSON."""
    group = compared.table["chunk"].isna()
    over = {metric: over_cases(compared.table, metric) for metric in METRICS}
    return {
        **{
            letter: {"name": name, "runs": runs}
            for letter, name, runs in zip("ab", compared.names, compared.runs)
        },
        "over_cases": {metric: each and each._asdict() for metric, each in over.items()},
        "changed": compared.changed,
        "cases": to_records(compared.table[~group]),
        "groups": to_records(compared.table[group]),
    }


def _side(results: Results) -> Side:
    judged = cases(results.pairs, results.blocks, results.runs)
    return Side(judged, results.pairs, results.blocks, results.runs)


def _changed(a: Mapping[str, RunInfo], b: Mapping[str, RunInfo]) -> Iterator[dict[str, str]]:
    first, second = _facts(a), _facts(b)
    for what in dict.fromkeys([*first, *second]):
        a_value, b_value = (_values(facts.get(what, [])) for facts in (first, second))
        if a_value != b_value:
            yield {"what": what, "a": a_value, "b": b_value}


def _values(values: list[str]) -> str:
    return ", ".join(dict.fromkeys(values)) or "not known"


def _facts(runs: Mapping[str, RunInfo]) -> dict[str, list[str]]:
    """Collect what run lines say of machine, code and versions, each value that occurs."""
    facts: dict[str, list[str]] = {}
    for info in runs.values():
        here = info.machine
        recorded = {
            "machine": here.name,
            "CPU": here.cpu,
            "usable cores": here.cores_usable,
            "system": here.system,
            "memory (bytes)": here.ram_bytes,
            "suite": info.suite,
            "profile": info.profile,
            "commit": info.commit,
            "uncommitted changes": {True: "yes", False: "no"}.get(bool(info.dirty))
            if info.dirty is not None
            else None,
            **info.versions,
        }
        for what, value in recorded.items():
            if value is not None:
                shown = f"{value:g}" if isinstance(value, float) else str(value)
                facts.setdefault(what, []).append(shown)
    return facts
