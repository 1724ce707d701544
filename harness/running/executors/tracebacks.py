"""An error read from a traceback, which some engines make a text of."""

from __future__ import annotations

import builtins
import re

BEGIN = "Traceback (most recent call last)"
_RAISED = re.compile(r"^(?:[\w.]+\.)?(\w*(?:Error|Exception|Warning))(?:: ?(.*))?$", re.MULTILINE)
"""A line of a traceback that has the type of an error, and what it says."""


def raised_in(text: str) -> Exception | None:
    """The error of the first traceback in *text*; ``None`` where there is none.

    One that Python does not have itself is made a type of its name.
    """
    _, found, inside = text.partition(BEGIN)
    raised = _RAISED.search(inside) if found else None
    if raised is None:
        return None
    name, said = raised[1], raised[2] or ""
    kind = getattr(builtins, name, None)
    if not (isinstance(kind, type) and issubclass(kind, Exception)):
        kind = type(name, (Exception,), {})
    try:
        made: Exception = kind(said)
    except TypeError:  # an error that takes more than a text
        made = RuntimeError(f"{name}: {said}")
    return made
