"""Read what batch systems booked for jobs: any text gives records, or one error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from harness.core.errors import InputError, UnknownNameError, UsageError
from harness.reading.ingest.accounting import (
    lsf,
    pbs,
    qacct,
    sacct_json,
    sacct_padded,
    sacct_parsable,
    seff,
)
from harness.reading.ingest.accounting.asked import listing
from harness.reading.ingest.accounting.fields import wrong
from harness.reading.ingest.accounting.job import Job, ListingKind
from harness.reading.ingest.accounting.pasted import not_read, unindented


class _Parser(NamedTuple):
    recognises: Callable[[Sequence[str]], bool]
    parse: Callable[[Sequence[str], str], list[Job]]


# In this order: the first that recognises a text reads it.
_PARSERS = {
    ListingKind.SACCT_JSON: _Parser(sacct_json.recognises, sacct_json.parse),
    ListingKind.QACCT: _Parser(qacct.recognises, qacct.parse),
    ListingKind.SACCT_PARSABLE: _Parser(sacct_parsable.recognises, sacct_parsable.parse),
    ListingKind.SACCT_PADDED: _Parser(sacct_padded.recognises, sacct_padded.parse),
    ListingKind.SEFF: _Parser(seff.recognises, seff.parse),
    ListingKind.LSF: _Parser(lsf.recognises, lsf.parse),
    ListingKind.PBS: _Parser(pbs.recognises, pbs.parse),
}


def gathered(files: Sequence[str], job: str | None, source: str) -> list[Job]:
    """Read the jobs of *files* in their order, or ask the batch system for *job*.

    Parameters
    ----------
    files : sequence of str
        ``-`` is standard input.
    job : str or None
        A job's id, to ask ``qacct`` or ``sacct`` for.
    source : str
        ``auto`` or one of :class:`ListingKind`; with *job*, also ``sacct``.

    Raises
    ------
    UsageError
        Where neither or both are given, or there is no such source.
    InputError
        As :func:`read`, and where the batch system does not answer.
    """
    if bool(files) == (job is not None):
        raise UsageError("give either listings (FILE..., or -) or --job ID: see --help")
    if job is not None:
        content, asked, listed_by = listing(job, source)
        return read(content, listed_by, asked)
    chosen = _chosen(source)
    return [listed for file in files for listed in _read_named(file, chosen)]


def _chosen(source: str) -> ListingKind | None:
    known = [kind.value for kind in ListingKind]
    if source not in ("auto", *known):
        raise UnknownNameError("source", source, ["auto", *known])
    return None if source == "auto" else ListingKind(source)


def _read_named(file: str, source: ListingKind | None) -> list[Job]:
    if file == "-":
        return read(sys.stdin.buffer.read(), "standard input", source)
    try:
        return read_file(Path(file), source)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{file!r} cannot be read: {reason}: check the path") from None


def read_file(path: Path, source: ListingKind | None = None) -> list[Job]:
    """Read the jobs that the file *path* lists.

    Parameters
    ----------
    path : Path
    source : ListingKind, optional
        Which listing it is; by default it is recognised.

    Raises
    ------
    InputError
        As :func:`read`.
    OSError
        Where there is no such file.
    """
    return read(path.read_bytes(), str(path), source)


def read(content: bytes, file: str, source: ListingKind | None = None) -> list[Job]:
    """Read the jobs that *content* lists; at least one.

    Parameters
    ----------
    content : bytes
        UTF-8; what is no UTF-8 (a job's name, say) is replaced, not refused.
    file : str
        What to call it in errors.
    source : ListingKind, optional
        Which listing it is; by default it is recognised.

    Raises
    ------
    InputError
        One line with file and line, where it is no such listing, or no job is in it.
    """
    # Not str.splitlines, which also ends lines at characters where no editor would.
    text = content.decode("utf-8-sig", errors="replace")
    lines = unindented([line.rstrip("\r") for line in text.split("\n")])
    chosen = source or _recognised(lines, file)
    jobs = _PARSERS[chosen].parse(lines, file)
    if not jobs:
        raise wrong(
            file, 1, f"no job in this listing of {chosen}: list one that has run, or leave --source"
        )
    return jobs


def _recognised(lines: Sequence[str], file: str) -> ListingKind:
    for source, parser in _PARSERS.items():
        if parser.recognises(lines):
            return source
    raise _unknown(lines, file)


def _unknown(lines: Sequence[str], file: str) -> InputError:
    filled = [(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if not filled:
        return wrong(file, 1, "empty: list the job again, e.g. qacct -j ID > FILE")
    for number, line in filled:
        if other := not_read(line):
            return wrong(file, number, other)
    number, line = filled[0]
    start = line.strip()[:60]
    return wrong(
        file,
        number,
        f"no listing that is known ({start!r}): give what qacct -j, sacct --parsable2, sacct "
        "--json, seff, qstat -fx, bjobs -l, bhist -l or bacct -l prints, or name it by --source",
    )
