"""``sacct --parsable2`` and ``--parsable``, with any choice of columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.reading.ingest.accounting.fields import Fields, wrong
from harness.reading.ingest.accounting.job import Job, ListingKind
from harness.reading.ingest.accounting.sacct_columns import canonical
from harness.reading.ingest.accounting.sacct_rows import jobs

_FREE_TEXT = frozenset({"JobName", "Comment", "AdminComment", "SystemComment", "WorkDir"}) | {
    "SubmitLine",
    "WCKey",
    "Constraints",
    "Reason",
    "Extra",
}


def recognises(lines: Sequence[str]) -> bool:
    """Whether there is a header with ``|`` that names the job's id."""
    return _header(lines) is not None


def parse(lines: Sequence[str], file: str) -> list[Job]:
    """Read the jobs of a listing: one for each row of a job, with the rows of its steps.

    Raises
    ------
    InputError
        Where a row has not the columns of its header, or a value cannot be read.
    """
    return jobs(_rows(lines, file), ListingKind.SACCT_PARSABLE)


def _header(lines: Sequence[str]) -> int | None:
    for index, line in enumerate(lines):
        if "|" in line and {"JobID", "JobIDRaw"} & set(canonical(line.split("|"))):
            return index
    return None


def _rows(lines: Sequence[str], file: str) -> Iterator[Fields]:
    start = _header(lines)
    if start is None:
        raise wrong(
            file,
            1,
            "no header with JobID between | here: run sacct --parsable2 without --noheader",
        )
    names = canonical(lines[start].split("|"))
    for number, line in enumerate(lines[start + 1 :], start=start + 2):
        if not line.strip() or canonical(line.split("|")) == names:
            continue
        cells = _joined(line.split("|"), names)
        if len(cells) != len(names):
            raise wrong(
                file,
                number,
                f"{len(cells)} fields where the header has {len(names)}: the row was cut, or a "
                "name holds a |; list the job again without JobName",
            )
        texts = {name: (number, cell) for name, cell in zip(names, cells) if name}
        row = Fields(file, number, texts)
        if row.text("JobID", "JobIDRaw") is None:
            raise wrong(file, number, "this row has no job id: run sacct again")
        yield row


def _joined(cells: list[str], names: list[str]) -> list[str]:
    """Put a text that holds a ``|`` together again, such as a job's name; this can be done where
    only one column is free text."""
    free = [index for index, name in enumerate(names) if name in _FREE_TEXT]
    surplus = len(cells) - len(names)
    if surplus <= 0 or len(free) != 1:
        return cells
    first, end = free[0], free[0] + surplus + 1
    return [*cells[:first], "|".join(cells[first:end]), *cells[end:]]
