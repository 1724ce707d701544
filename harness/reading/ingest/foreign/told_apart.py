"""Which columns that nobody named tell the rows of a table apart, so that none are pooled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from harness.reading.ingest.foreign.table_cells import number

_FEW = 50
_COUNTING = frozenset(
    {"run", "rep", "repeat", "repetition", "replicate", "round", "sample", "seed", "trial"}
)
Rows = Sequence[Mapping[str, str]]


class ToldApart(NamedTuple):
    """Columns by what they do: tell rows apart, follow from others, are the same in every row, are
    something else that was measured, or count repeats by their name."""

    apart: list[str]
    following: list[str]
    same: list[str]
    measured: list[str]
    counting: list[str]


def told_apart(rows: Rows, names: Sequence[str], keys: Sequence[str]) -> ToldApart:
    """Sort the columns *names*, beside the columns *keys* that are known to tell rows apart.

    A column of numbers with decimals, or with more than a few values, was measured. Of the others,
    those with the fewest values come first; what has one value for each combination of those
    before it follows from them.
    """
    found = ToldApart([], [], [], [], [])
    values = {name: {row[name] for row in rows} for name in names}
    for name in sorted(names, key=lambda each: len(values[each])):
        if len(values[name]) == 1:
            found.same.append(name)
        elif name.lower() in _COUNTING:
            found.counting.append(name)
        elif len(values[name]) > min(_FEW, max(2, len(rows) / 2)) or _has_decimals(values[name]):
            found.measured.append(name)
        elif _follows(rows, name, [*keys, *found.apart]):
            found.following.append(name)
        else:
            found.apart.append(name)
    return found


def _has_decimals(texts: Iterable[str]) -> bool:
    """Whether all are numbers, and some are not whole."""
    try:
        numbers = [number(text) for text in texts if text.strip()]
    except ValueError:
        return False
    return any(value != int(value) for value in numbers)


def _follows(rows: Rows, name: str, keys: Sequence[str]) -> bool:
    known: dict[tuple[str, ...], str] = {}
    return all(
        known.setdefault(tuple(row[key] for key in keys), row[name]) == row[name] for row in rows
    )
