"""Read a table of somebody else's timings: comma-separated values under any headings."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from harness.core.errors import InputError, UsageError
from harness.core.journal_format import cannot_be_read
from harness.core.machine_names import check_name
from harness.core.records.timings import Timing, Timings
from harness.reading.ingest.foreign import table_cells as cells
from harness.reading.ingest.foreign.table_columns import Columns, told, understood
from harness.reading.ingest.foreign.told_apart import ToldApart, told_apart

_DELIMITERS = ",;\t|"
_FIELD_OF = {"tasks": "n_tasks"}


def read_table(
    path: Path, columns: str = "", *, unit: str = "s", machine: str | None = None
) -> Timings:
    """Read the timings in the table at *path*.

    Columns that nobody named and that tell rows apart go into the name of the workload, so that
    nothing is pooled that is not the same; the notes say what became of each column.

    Parameters
    ----------
    path : Path
        A file of comma-separated values (semicolons, tabs and ``|`` are taken too) with a header.
    columns : str
        ``FIELD=COLUMN,...``; may be empty for the tables of tools that are known.
    unit : str
        Of times without one, of :data:`.table_cells.UNITS`.
    machine : str, optional
        What to call the machine; by default what its column ``machine`` says, else the file's name.

    Raises
    ------
    InputError
        Where the file cannot be read, has no rows, or a cell is no such number: with its line.
    UsageError
        Where a column is not there, or none is said to have the times.
    """
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        raise cannot_be_read(path, error) from None
    if unit not in cells.UNITS:
        raise UsageError(f"--unit {unit!r}: choose one of {', '.join(cells.UNITS)}")
    header, numbered = _rows(content, str(path))
    known = understood(header, told(columns), str(path))
    rows = [row for _, row in numbered]
    apart = _apart(rows, header, known)
    timings, without = [], 0
    for line, row in numbered:
        if any(cells.is_absent(row[name]) for name in known.of["seconds"]):
            without += 1
            continue
        timings.append(_timing(row, f"{path}, line {line}", known, apart.apart, unit))
    if not timings:
        raise InputError(f"{path}: no row has a time: name the column that has them by --columns")
    name = machine or _machine(rows, path)
    check_name(name, str(path))
    return Timings(
        machine=name,
        name=path.stem,
        source=path.name,
        sha256=hashlib.sha256(content).hexdigest(),
        notes=[*_notes(known, apart, rows, without)],
        timings=timings,
    )


def _rows(content: bytes, file: str) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """The header, and each row by its columns with the number of its line."""
    lines = content.decode("utf-8-sig", errors="replace").splitlines()
    filled = [(number, line) for number, line in enumerate(lines, 1) if _is_filled(line)]
    if len(filled) < 2:
        raise InputError(
            f"{file}: not a table of timings: give a header, and a row for each timing"
        )
    first = filled[0][1]
    delimiter = max(_DELIMITERS, key=first.count)
    table = csv.reader((line for _, line in filled), delimiter=delimiter)
    try:
        header = [name.strip() for name in next(table)]
        if len(set(header)) < len(header) or len(header) < 2:
            raise InputError(
                f"{file}, line {filled[0][0]}: not a header of columns with different names: "
                "give a table of comma-separated values"
            )
        rows = []
        for (number, _), row in zip(filled[1:], table, strict=False):
            if len(row) != len(header):
                raise InputError(
                    f"{file}, line {number}: {len(row)} cells where the header has {len(header)}: "
                    "correct the row or delete it"
                )
            rows.append((number, {name: cell.strip() for name, cell in zip(header, row)}))
    except csv.Error as error:
        raise InputError(f"{file}: no table of comma-separated values ({error})") from None
    return header, rows


def _is_filled(line: str) -> bool:
    return bool(line.strip()) and not line.startswith("#")


def _apart(rows: Sequence[Mapping[str, str]], header: Sequence[str], known: Columns) -> ToldApart:
    if known.known_as:
        return ToldApart([], [], [], [], [])
    measured = ("seconds", "serial_seconds", "efficiency")
    keys = [name for field, names in known.of.items() if field not in measured for name in names]
    return told_apart(rows, [name for name in header if name not in known.used], keys)


def _timing(
    row: Mapping[str, str], place: str, known: Columns, apart: Sequence[str], unit: str
) -> Timing:
    parse: dict[str, Callable[[str], Any]] = {
        "seconds": partial(cells.seconds, unit=unit),
        "serial_seconds": partial(cells.seconds, unit=unit),
        "efficiency": cells.number,
        "size": cells.amount,
        "chunk": cells.amount,
        "workers": cells.whole,
        "tasks": cells.whole,
    }
    fields: dict[str, Any] = {}
    for field, names in known.of.items():
        texts = [row[name] for name in names]
        if any(map(cells.is_absent, texts)):
            continue
        if field in parse:
            value = cells.parsed(texts[0], parse[field], place, names[0])
            for name, text in zip(names[1:], texts[1:]):
                value *= cells.parsed(text, parse[field], place, name)
        else:
            value = texts[0]
        fields[_FIELD_OF.get(field, field)] = value
    chunk = known.of.get("chunk")
    if chunk and "chunk" in fields and row[chunk[0]] != str(fields["chunk"]):
        fields["chunk_shape"] = row[chunk[0]]
    base = fields.get("workload", known.known_as or "timings")
    others = ", ".join(f"{name}={row[name]}" for name in apart)
    fields["workload"] = f"{base}({others})" if others else base
    try:
        return Timing.model_validate(fields)
    except ValueError:
        raise InputError(
            f"{place}: a number is out of bounds: correct the row or delete it"
        ) from None


def _machine(rows: Sequence[Mapping[str, str]], path: Path) -> str:
    for name in ("machine", "host", "hostname", "cluster"):
        known = {row.get(name, "") for row in rows}
        if len(known) == 1 and (only := known.pop()):
            return only
    return path.stem


def _notes(
    known: Columns, apart: ToldApart, rows: Sequence[Mapping[str, str]], without: int
) -> Iterator[str]:
    if known.known_as:
        yield f"read as a table of {known.known_as}: " + ", ".join(
            f"{field} is {names[0]}" for field, names in known.of.items()
        )
    if apart.apart:
        yield f"told apart by {', '.join(apart.apart)}, which stand in the workload's name"
    unused = [
        *(f"{name} (follows from others)" for name in apart.following),
        *(f"{name} (was measured)" for name in apart.measured),
        *(f"{name} (counts repeats)" for name in apart.counting),
        *(f"{name} (the same in every row)" for name in apart.same),
    ]
    if unused:
        yield f"not used: {', '.join(unused)}"
    for field in ("chunk", "size"):
        names = known.of.get(field, ())
        if any(cells.has_bytes(row[name]) for name in names for row in rows):
            yield f"{field} is in bytes, with prefixes as powers of 1024"
    for field, names in known.of.items():
        if len(names) > 1:
            product = "*".join(names)
            yield f"{field} is {product}: rows with the same product are timings of one case"
    if without:
        yield f"{without} of {len(rows)} rows have no time and are left out"
