"""How the lines of a journal are read: the one place for both halves.

A journal is JSON Lines, appended and flushed pair by pair and never edited. So only the last line
can be broken, where a process was killed while it wrote: that line has no end.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import from_json

from harness.core.errors import InputError
from harness.core.journal_bounds import check_bounds
from harness.core.records import JOURNAL_VERSION, JournalLine, line_adapter

_KINDS = frozenset({"run", "block", "pair", "try", "end"})
_LARGEST = 2**63 - 1  # the frames hold counts as 64-bit integers


class CutOffError(Exception):
    """The line is no JSON and has no end: it was cut off in mid-write."""


class _NotJsonError(Exception):
    """The line is no JSON: fatal, except for a last line without an end."""


def parse_line(text: str | bytes, where: str) -> JournalLine | None:
    """Parse one line of a journal into its record.

    Parameters
    ----------
    text : str or bytes
        The line, with or without its end of line.
    where : str
        File and line number, for messages: ``"a.jsonl, line 3"``.

    Returns
    -------
    RunInfo, Block, Pair, Try, End or None
        ``None`` for a blank line and for a kind that this version does not know.

    Raises
    ------
    InputError
        Where the line is broken, or was written by a later version.
    """
    try:
        return _parse(text, where)
    except _NotJsonError as error:
        raise _damaged(where, error) from None


def line_of_file(text: bytes, where: str) -> JournalLine | None:
    """Parse one line as it stands in a file, with its end of line; see :func:`parse_line`.

    Raises
    ------
    CutOffError
        Where the line has no end and is no JSON, as a last line may.
    InputError
        Where it is broken otherwise.
    """
    try:
        return _parse(text, where)
    except _NotJsonError as error:
        if text.endswith(b"\n"):
            raise _damaged(where, error) from None
        raise CutOffError(where) from None


def read_lines(path: Path) -> Iterator[JournalLine]:
    """Read the records of the journal at *path*, in order.

    A last line that was cut off in mid-write is left out.

    Raises
    ------
    InputError
        Where the file cannot be read, or a line other than such a last one is broken.
    """
    try:
        with path.open("rb") as file:
            for number, text in enumerate(file, start=1):
                record = line_of_file(text, f"{path}, line {number}")
                if record is not None:
                    yield record
    except CutOffError:
        return
    except (OSError, ValueError) as error:  # ValueError: a path that no file can have
        raise cannot_be_read(path, error) from None


def cannot_be_read(path: Path, error: Exception) -> InputError:
    """What to tell a user of *error*, which opening or reading the file at *path* gave."""
    return InputError(f"{path}: cannot be read ({error_text(error)}): check the path")


def error_text(error: Exception) -> str:
    """The reason of *error* on one line, without the path of the file that cannot be read."""
    return getattr(error, "strerror", None) or _one_line(str(error))


def _damaged(where: str, error: Exception) -> InputError:
    return InputError(
        f"{where}: not a journal line ({error}): the file is damaged, restore it or delete it"
    )


def _parse(text: str | bytes, where: str) -> JournalLine | None:
    if not text.strip():
        return None
    try:
        fields = from_json(text)
    except ValueError as error:
        raise _NotJsonError(str(error)) from None
    if not isinstance(fields, dict) or not isinstance(fields.get("kind"), str):
        raise InputError(f'{where}: not a journal line (no "kind"): restore the file or delete it')
    _check_version(fields.get("v", JOURNAL_VERSION), where)
    if fields["kind"] not in _KINDS:
        return None
    try:
        record = line_adapter.validate_python(fields)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"][1:])
        raise InputError(
            f"{where}: field {field!r} is wrong ({_one_line(first['msg'])}): "
            "restore the file or delete it"
        ) from None
    _check_integers(record, where)
    check_bounds(record, where)
    return record


def _check_version(version: object, where: str) -> None:
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise InputError(f"{where}: {_short(version)} is no journal version: restore the file")
    if version > JOURNAL_VERSION:
        raise InputError(
            f"{where}: journal version {_short(version)}, this chunkbench reads up to "
            f"{JOURNAL_VERSION}: upgrade chunkbench"
        )


def _check_integers(record: JournalLine, where: str) -> None:
    for name, value in record.__dict__.items():
        if isinstance(value, int) and abs(value) > _LARGEST:
            raise InputError(f"{where}: field {name!r} is too large: restore the file or delete it")


def _short(value: object) -> str:
    text = ascii(value)
    return text if len(text) <= 40 else text[:40] + "..."


def _one_line(text: str) -> str:
    return " ".join(text.split())
