"""Text for people that is the same on every terminal."""

from __future__ import annotations

import io
from collections.abc import Iterable

from rich.console import Console, RenderableType

WIDTH = 100


def plain_text(parts: Iterable[RenderableType], width: int = WIDTH) -> str:
    """Write *parts* as plain text of at most *width* columns, without spaces at the ends of lines.

    No property of the terminal and no environment variable changes it.
    """
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
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines()) + "\n"
