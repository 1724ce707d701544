"""A section for each workload and size of a run, and remarks that name the cases they are on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from harness.core import units
from harness.reading.report.shown.cells import ABSENT, Row, absent, number, text
from harness.reading.report.shown.section import SETUP, Section, parted, provenance, setup


def sections(rows: Iterable[Row], make: Callable[[str, list[Row]], Section]) -> Iterator[Section]:
    """Make a section for each workload and size of a run.

    Parameters
    ----------
    rows : iterable of mapping
        Rows of a table of the schema with workload, size and set-up.
    make : callable
        Gives the section for a title and rows, which are ordered by set-up and chunk.
    """
    for part in parted(rows, ("machine", "run", "workload", "size")):
        order = SETUP if "side" in part[0] or "chunk" not in part[0] else (*SETUP, "chunk")
        ordered = sorted(part, key=lambda row: [_absent_last(row[name]) for name in order])
        first = ordered[0]
        title = (
            f"{text(first['workload'])}, {number(first['size'], units.count)} elements: "
            f"{provenance(first)}"
        )
        yield make(title, ordered)


def _absent_last(value: Any) -> tuple[bool, Any]:
    return (True, 0) if absent(value) else (False, value)


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
