"""``sacct`` as it prints for people: columns padded to a width, and cut there with a ``+``.

The line of dashes under the header gives the widths; where it was left out, as copies on pages do,
the columns end where their headings end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from harness.reading.ingest.accounting.fields import Fields, wrong
from harness.reading.ingest.accounting.job import Job, ListingKind
from harness.reading.ingest.accounting.sacct_columns import KNOWN, canonical
from harness.reading.ingest.accounting.sacct_rows import jobs

_RULE = re.compile(r"-+(?: +-+)*")
_ID = re.compile(r"[0-9]+(?:[_+.\[][^ |]*)?(?: |$)")
_ENOUGH = 3  # columns that only sacct names so


class _Layout(NamedTuple):
    """Where the columns stand: *start* is the line of the header, *body* that of the first row."""

    start: int
    body: int
    columns: list[slice]
    names: list[str]
    ruled: bool


def recognises(lines: Sequence[str]) -> bool:
    """Whether a header with a job's id stands above dashes, or above rows that begin with an id."""
    return _layout(lines) is not None


def parse(lines: Sequence[str], file: str) -> list[Job]:
    """Read the jobs of a listing, as far as its columns allow; each job names what was cut.

    Raises
    ------
    InputError
        Where a row does not fit the columns, or a value cannot be read.
    """
    return jobs(_rows(lines, file), ListingKind.SACCT_PADDED)


def _layout(lines: Sequence[str]) -> _Layout | None:
    for index in range(len(lines) - 1):
        if _RULE.fullmatch(lines[index + 1].strip()):
            columns = _ruled(lines[index + 1])
            names = canonical(_cells(lines[index], columns))
            if {"JobID", "JobIDRaw"} & set(names):
                return _Layout(index, index + 2, columns, names, True)
        names = canonical(lines[index].split())
        if names[:1] in (["JobID"], ["JobIDRaw"]) and len(KNOWN & set(names)) >= _ENOUGH:
            rows = [line for line in lines[index + 1 :] if _ID.match(line)]
            if rows:
                return _Layout(index, index + 1, _unruled(lines[index], rows), names, False)
    return None


def _ruled(rule: str) -> list[slice]:
    return [slice(*match.span()) for match in re.finditer("-+", rule)]


def _unruled(header: str, rows: Sequence[str]) -> list[slice]:
    """Columns without dashes: the id stands at the left of its own, all others at the right."""
    ends = [match.end() for match in re.finditer(r"\S+", header)]
    ends[0] = max(len(row.split()[0]) for row in rows)
    return [slice(left, right) for left, right in zip([0, *(end + 1 for end in ends)], ends)]


def _cells(line: str, columns: Sequence[slice]) -> list[str]:
    return [line[column].strip() for column in columns]


def _rows(lines: Sequence[str], file: str) -> Iterator[Fields]:
    layout = _layout(lines)
    if layout is None:
        raise wrong(file, 1, "no header with JobID above dashes here: run sacct without --noheader")
    columns, before = layout.columns, lines[layout.start : layout.body]
    between = [slice(left.stop, right.start) for left, right in pairwise(columns)]
    for number, line in enumerate(lines[layout.body :], start=layout.body + 1):
        if not line.strip() or line in before:
            continue
        if any(line[gap].strip() for gap in between) or line[columns[-1].stop :].strip():
            cells = line.split()
            if not layout.ruled and not _ID.match(line):
                return  # what follows the listing on the page
            if layout.ruled or len(cells) != len(layout.names):
                raise wrong(
                    file,
                    number,
                    "the row does not stand in the columns of the header: copy the listing with "
                    "its spaces, or run sacct --parsable2",
                )
        else:
            cells = _cells(line, columns)
        yield _row(file, number, cells, layout)


def _row(file: str, number: int, cells: Sequence[str], layout: _Layout) -> Fields:
    texts, cut = {}, set()
    for name, cell, column in zip(layout.names, cells, layout.columns):
        texts[name] = (number, cell)
        if cell.endswith("+") and (not layout.ruled or len(cell) == column.stop - column.start):
            cut.add(name)
    identity = texts.get("JobID", texts.get("JobIDRaw", (number, "")))[1]
    if not identity:
        raise wrong(file, number, "this row has no job id: copy the listing from its left edge")
    if "." in identity:
        cut -= {"JobID", "JobIDRaw"}  # the name of a step alone was cut
    return Fields(file, number, texts, frozenset(cut))
