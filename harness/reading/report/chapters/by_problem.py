"""A section for each workload and size of a run, and remarks that name the cases they are on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import pandas as pd

from harness.core import units
from harness.reading.report.shown.cells import ABSENT, Row, absent, number, text
from harness.reading.report.shown.section import SETUP, Section, provenance, records, setup


def sections(frame: pd.DataFrame, make: Callable[[str, list[Row]], Section]) -> Iterator[Section]:
    """Make a section for each workload and size of a run.

    Parameters
    ----------
    frame : DataFrame
        A table of the schema with workload, size and set-up.
    make : callable
        Gives the section for a title and rows, which are ordered by set-up and chunk.
    """
    keys = ["machine", "run", "workload", "size"]
    for _, group in frame.groupby(keys, sort=False, dropna=False):
        order = list(SETUP) if "side" in group or "chunk" not in group else [*SETUP, "chunk"]
        rows = records(group.sort_values(order, kind="stable"))
        first = rows[0]
        title = (
            f"{text(first['workload'])}, {number(first['size'], units.count)} elements: "
            f"{provenance(first)}"
        )
        yield make(title, rows)


def remarks_on(rows: list[Row], remarks: Callable[[Row], Iterable[str]]) -> list[str]:
    """List each remark once, with the cases that it is about.

    Parameters
    ----------
    rows : list of mapping
    remarks : callable
        The remarks on one row.
    """
    about: dict[str, dict[str, list[str]]] = {}
    for row in rows:
        for remark in remarks(row):
            about.setdefault(remark, {}).setdefault(label(row), []).append(
                number(row.get("chunk"), units.count)
            )
    return [f"{remark}: {'; '.join(_places(labels))}" for remark, labels in about.items()]


def label(row: Row) -> str:
    """Name a set-up in short, ``ray 2/1``; an unpaired timing by its benchmark."""
    if absent(row["profile"]):
        return benchmark(row)
    executor, workers, pin = setup(row)
    return f"{executor} {workers}/{pin}"


def benchmark(row: Row) -> str:
    """Name the benchmark of an unpaired timing as ASV does."""
    return f"{text(row['suite']).rpartition('.')[0]}.{text(row['workload'])}".lstrip(".")


def _places(labels: dict[str, list[str]]) -> Iterator[str]:
    for name, chunks in labels.items():
        known = [chunk for chunk in chunks if chunk != ABSENT]
        yield f"{name} chunk {', '.join(known)}" if known else name
