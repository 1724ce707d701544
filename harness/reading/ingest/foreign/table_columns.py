"""Which column of a table of timings is what: as it is told, or as a known tool names them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from harness.core.errors import UnknownNameError, UsageError

FIELDS = (
    *("seconds", "serial_seconds", "chunk", "workers", "tasks", "size", "efficiency"),
    *("workload", "executor", "pin"),
)
"""What a column can be told to be; ``seconds`` has to be there."""

COUNTS = frozenset({"workers", "tasks"})
"""Fields that may be the product of several columns: ``nodes*workers_per_node``."""

_TASK_BENCH = frozenset({"elapsed", "iterations", "tasks", "steps", "width", "efficiency", "reps"})


class Columns(NamedTuple):
    """How a table is understood.

    Attributes
    ----------
    of : mapping of str to tuple of str
        Field to the columns whose product it is; one, for most.
    known_as : str or None
        The tool that is known to write such tables.
    """

    of: Mapping[str, tuple[str, ...]]
    known_as: str | None = None

    @property
    def used(self) -> frozenset[str]:
        """All columns that a field is made of."""
        return frozenset(name for names in self.of.values() for name in names)


def told(text: str) -> dict[str, tuple[str, ...]]:
    """Read ``chunk=chunk_size,workers=nodes*per_node,seconds=runtime``.

    Raises
    ------
    UsageError
        Where it is not written like this, or a field is unknown or there twice.
    """
    of: dict[str, tuple[str, ...]] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        field, equals, column = (piece.strip() for piece in part.partition("="))
        if not equals or not column:
            raise UsageError(
                f"--columns {part!r}: write FIELD=COLUMN, for example seconds=runtime,chunk=size"
            )
        if field not in FIELDS:
            raise UnknownNameError("field in --columns", field, [*FIELDS])
        if field in of:
            raise UsageError(f"--columns: {field} is there twice: name it once")
        names = tuple(name.strip() for name in column.split("*"))
        if len(names) > 1 and field not in COUNTS:
            raise UsageError(
                f"--columns {part!r}: only {' and '.join(sorted(COUNTS))} may be a product"
            )
        of[field] = names
    return of


def understood(header: Sequence[str], of: Mapping[str, tuple[str, ...]], file: str) -> Columns:
    """Say which columns of *header* are what: by *of*, or as a known tool writes them.

    Raises
    ------
    UsageError
        Where a column is not there, or nothing says which one has the times.
    """
    for names in of.values():
        for name in names:
            if name not in header:
                near = get_close_matches(name, header, 1)
                hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(header)}"
                raise UsageError(f"{file}: no column {name!r}: {hint}")
    if set(header) >= _TASK_BENCH and not of:
        known = {
            "seconds": ("elapsed",),
            "tasks": ("tasks",),
            "workers": ("width",),
            "chunk": ("iterations",),
            "efficiency": ("efficiency",),
        }
        return Columns(known, "Task Bench")
    if "seconds" not in of:
        raise UsageError(
            f"{file}: say which column has the times: --columns seconds=COLUMN[,chunk=COLUMN,"
            f"workers=COLUMN,serial_seconds=COLUMN,tasks=COLUMN]; it has {', '.join(header)}"
        )
    return Columns(of)
