"""What a terminal is: how wide, and where colours are wanted."""

from __future__ import annotations

import os
import re
import shutil
import sys

MOST = 160
"""Columns of a text at most: longer lines are hard to follow."""

_BOLD, _GREEN, _RED, _YELLOW, _OFF = "\x1b[1m", "\x1b[32m", "\x1b[31m", "\x1b[33m", "\x1b[0m"
_HEADING = re.compile(r"^(\S[^\n]*)\n(?==+$)", re.MULTILINE)
_COSTS = r"overhead exceeds gain|overhead(?= *$)|exceeds gain|never up to [^\n]*?"
_PAYS = r"pays(?: against serial)?|(?:from|at) \d[^\n]*?|with any work"
_UNCLEAR = r"undetermined|cannot tell yet"
_CELLS = tuple(
    (re.compile(rf"(?<=  )({words})(?=  |$)", re.MULTILINE), colour)
    for words, colour in ((_COSTS, _RED), (_PAYS, _GREEN), (_UNCLEAR, _YELLOW))
)
_FIRST = re.compile(r"\A\n*([^\n:]+:)")


def width() -> int | None:
    """Columns of the terminal that stdout is; ``None`` where it is none."""
    if not sys.stdout.isatty():
        return None
    return min(MOST, shutil.get_terminal_size().columns)


def wants_colour() -> bool:
    """Whether stdout is a terminal whose user has nothing against colours (no-color.org)."""
    return (
        sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    )


def painted(text: str) -> str:
    """*text* with bold headings and coloured verdicts where that is wanted, else as it is.

    Only whole cells are coloured: two spaces or the end of the line stand around them.
    """
    if not wants_colour():
        return text
    text = _HEADING.sub(rf"{_BOLD}\1{_OFF}\n", text)
    text = _FIRST.sub(rf"{_BOLD}\1{_OFF}", text)
    for pattern, colour in _CELLS:
        text = pattern.sub(rf"{colour}\1{_OFF}", text)
    return text
