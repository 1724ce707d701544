"""``sacct`` as it prints for people: columns padded to a width, and cut there with a ``+``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from harness.reading.ingest.accounting.fields import Fields, wrong
from harness.reading.ingest.accounting.job import Job, ListingKind
from harness.reading.ingest.accounting.sacct_columns import canonical
from harness.reading.ingest.accounting.sacct_rows import jobs

_RULE = re.compile(r"-+(?: +-+)*")


def recognises(lines: Sequence[str]) -> bool:
    """Whether a header with a job's id stands above dashes that give the columns' widths."""
    return _header(lines) is not None


def parse(lines: Sequence[str], file: str) -> list[Job]:
    """Read the jobs of a listing, as far as its columns allow; each job names what was cut.

    Raises
    ------
    InputError
        Where a row does not fit the columns, or a value cannot be read.
    """
    return jobs(_rows(lines, file), ListingKind.SACCT_PADDED)


def _header(lines: Sequence[str]) -> int | None:
    for index in range(len(lines) - 1):
        if _RULE.fullmatch(lines[index + 1].strip()):
            columns = _columns(lines[index + 1])
            if {"JobID", "JobIDRaw"} & set(canonical(_cells(lines[index], columns))):
                return index
    return None


def _columns(rule: str) -> list[slice]:
    return [slice(*match.span()) for match in re.finditer("-+", rule)]


def _cells(line: str, columns: Sequence[slice]) -> list[str]:
    return [line[column].strip() for column in columns]


def _rows(lines: Sequence[str], file: str) -> Iterator[Fields]:
    start = _header(lines)
    if start is None:
        raise wrong(file, 1, "no header with JobID above dashes here: run sacct without --noheader")
    columns = _columns(lines[start + 1])
    names = canonical(_cells(lines[start], columns))
    for number, line in enumerate(lines[start + 2 :], start=start + 3):
        if not line.strip() or line in lines[start : start + 2]:
            continue
        between = [slice(left.stop, right.start) for left, right in pairwise(columns)]
        if any(line[gap].strip() for gap in between) or line[columns[-1].stop :].strip():
            raise wrong(
                file,
                number,
                "the row does not stand in the columns of the header: copy the listing with its "
                "spaces, or run sacct --parsable2",
            )
        yield _row(file, number, line, columns, names)


def _row(
    file: str, number: int, line: str, columns: Sequence[slice], names: Sequence[str]
) -> Fields:
    texts, cut = {}, set()
    for name, column in zip(names, columns):
        cell = line[column].strip()
        texts[name] = (number, cell)
        if cell.endswith("+") and len(cell) == column.stop - column.start:
            cut.add(name)
    identity = texts.get("JobID", texts.get("JobIDRaw", (number, "")))[1]
    if not identity:
        raise wrong(file, number, "this row has no job id: copy the listing from its left edge")
    if "." in identity:
        cut -= {"JobID", "JobIDRaw"}  # the name of a step alone was cut
    return Fields(file, number, texts, frozenset(cut))
