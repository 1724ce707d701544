"""Text for people that is the same on every terminal."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from rich.cells import cell_len

if TYPE_CHECKING:
    from rich.console import RenderableType

WIDTH = 100


def plain_text(parts: Iterable[RenderableType], width: int = WIDTH) -> str:
    """Write *parts* as plain text of at most *width* columns, without spaces at the ends of lines.

    No property of the terminal and no environment variable changes it.
    """
    return "".join(f"{line.rstrip()}\n" for line in _lines(parts, width))


def is_even(text: str) -> bool:
    """Tell whether every sign of *text* is seen and takes one column, unlike those of East Asia."""
    return text.isprintable() and (text.isascii() or cell_len(text) == len(text))


def _lines(parts: Iterable[RenderableType], width: int) -> Iterator[str]:
    """Write text that fits as it is, and let Rich lay out what does not, or is no text yet."""
    for fitting, together in groupby(parts, key=lambda part: _fits(part, width)):
        if fitting:
            for part in together:
                yield from str(part).split("\n")
        else:
            yield from _laid_out(together, width)


def _fits(part: RenderableType, width: int) -> bool:
    return isinstance(part, str) and all(
        len(line) <= width and is_even(line) for line in part.split("\n")
    )


def _laid_out(parts: Iterable[RenderableType], width: int) -> list[str]:
    from rich.console import Console  # noqa: PLC0415 - takes longer to load than a report to write

    file = io.StringIO()
    console = Console(
        file=file,
        width=width,
        color_system=None,
        force_terminal=False,
        markup=False,
        emoji=False,
        highlight=False,
        _environ={},
    )
    for part in parts:
        console.print(part)
    return file.getvalue().splitlines()
