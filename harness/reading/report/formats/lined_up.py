"""Line up the cells of a table as plain text, a row in as many lines as its longest cell needs."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Literal

from harness.reading.report.shown.plain import WIDTH, is_even
from harness.reading.report.shown.section import WORDS

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

_BETWEEN = "  "

Cells = tuple[str, ...]


def laid_out(
    columns: Cells,
    rows: Sequence[Cells],
    widths: Sequence[int],
    *,
    headed: bool,
    width: int = WIDTH,
) -> RenderableType:
    """Lay out a table, of which the first columns, those that have *widths*, do not wrap.

    Parameters
    ----------
    columns, rows, headed
        As those of :func:`lined_up`.
    widths : sequence of int
        At least as wide is each of the first columns; the others wrap where they must.
    width : int
        Of a line.
    """
    own = natural_widths([columns, *rows] if headed else rows)[len(widths) :]
    most = room(len(columns), width) - sum(widths)
    lines = lined_up(columns, rows, [*widths, *narrowed(own, most)], headed=headed)
    return by_rich(columns, rows, widths, headed=headed) if lines is None else lines


def natural_widths(rows: Iterable[Cells]) -> list[int]:
    """Return how wide each column is that wraps nowhere."""
    return [max(map(len, column)) for column in zip(*rows)]


def least_widths(rows: Iterable[Cells]) -> list[int]:
    """Return how wide each column must be so that no word breaks."""
    return [max(max(map(len, cell.split()), default=0) for cell in column) for column in zip(*rows)]


def room(columns: int, width: int = WIDTH) -> int:
    """Return how many signs the cells of a line have between them, of so many *columns*."""
    return width - len(_BETWEEN) * columns - 1


def narrowed(widths: Sequence[int], most: int) -> list[int]:
    """Narrow columns until they are *most* wide together: always the widest, to the next."""
    given = list(widths)
    while (excess := sum(given) - most) > 0 and any(given):
        widest = [index for index, width in enumerate(given) if width == max(given)]
        others = [width for width in given if width != max(given)]
        step = max(given) - max(others, default=0)
        for position, index in enumerate(widest):
            cut = min(step, round(excess / (len(widest) - position)))
            given[index] -= cut
            excess -= cut
    return given


def lined_up(
    columns: Cells, rows: Sequence[Cells], widths: Sequence[int], *, headed: bool
) -> str | None:
    """Write *rows* below each other, in columns of these *widths*; cells wrap between words.

    Parameters
    ----------
    columns : tuple of str
        Their names; those of :data:`~harness.reading.report.shown.section.WORDS` start at the left.
    rows : sequence of tuple of str
    widths : sequence of int
        As many signs has a column.
    headed : bool
        Whether the names stand above.

    Returns
    -------
    str or None
        None where it takes more than that: for words that are longer than their column, and for
        signs that take two columns or none.
    """
    if not all(_is_plain(row, widths) for row in ([columns, *rows] if headed else rows)):
        return None
    lines = [line for row in rows for line in _lines(row, widths)]
    head = list(_lines(columns, widths, from_below=True)) if headed else []
    above = [_line(columns, line, widths) for line in head]
    if headed:
        above.append(" " + "─" * (sum(widths) + len(_BETWEEN) * len(widths) - 1))
    return "\n".join(["", *above, *(_line(columns, line, widths) for line in lines), ""])


def by_rich(columns: Cells, rows: Sequence[Cells], widths: Sequence[int], *, headed: bool) -> Table:
    """Let Rich wrap what does not line up; all else it lays out the same, and far more slowly.

    Parameters
    ----------
    columns, rows, headed
        As those of :func:`lined_up`.
    widths : sequence of int
        The least width of each column that does not wrap; the columns after them do.
    """
    from rich import box  # noqa: PLC0415 - takes longer to load than a report to write
    from rich.table import Table  # noqa: PLC0415

    table = Table(box=box.SIMPLE_HEAD, show_header=headed, padding=(0, 1, 0, 0))
    for index, name in enumerate(columns):
        width = widths[index] if index < len(widths) else 0
        justify: Literal["left", "right"] = "left" if name in WORDS else "right"
        # Of columns that may wrap, Rich narrows the widest: so only the last ones may.
        table.add_column(name, justify=justify, min_width=width, no_wrap=width > 0, overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table


def _is_plain(row: Cells, widths: Sequence[int]) -> bool:
    return is_even("".join(row)) and all(
        cell == cell.strip() and (len(cell) <= width or max(map(len, cell.split())) <= width)
        for cell, width in zip(row, widths)
    )


def _lines(row: Cells, widths: Sequence[int], *, from_below: bool = False) -> Iterator[Cells]:
    """Part a row whose cells wrap into lines."""
    if all(len(cell) <= width for cell, width in zip(row, widths)):
        yield row
        return
    wrapped = [
        [cell] if len(cell) <= width else textwrap.wrap(cell, width, break_on_hyphens=False)
        for cell, width in zip(row, widths)
    ]
    if from_below:
        yield from reversed([*zip_longest(*(cell[::-1] for cell in wrapped), fillvalue="")])
    else:
        yield from zip_longest(*wrapped, fillvalue="")


def _line(columns: Cells, cells: Cells, widths: Sequence[int]) -> str:
    aligned = (
        cell.ljust(width) if name in WORDS else cell.rjust(width)
        for name, cell, width in zip(columns, cells, widths)
    )
    return f" {_BETWEEN.join(aligned)}".rstrip()
