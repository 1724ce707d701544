"""How work that takes a while says how far it is."""

from __future__ import annotations

from collections.abc import Callable

Step = Callable[[str, int, int], None]
"""Is told what is being done, how many of it are done, and of how many."""


def unsaid(_what: str, _done: int, _of: int) -> None:
    """Say nothing: for those who did not ask."""
