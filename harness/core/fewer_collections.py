"""How often Python looks for garbage in a process that does one thing and ends."""

from __future__ import annotations

import gc


def look_less_often() -> None:
    """Let 100 000 objects be made between two looks for garbage.

    Loading libraries makes many and leaves none, and so does drawing: by Python's own number, 700,
    a tenth of the time of loading is looking.
    """
    gc.set_threshold(100_000, 20, 20)
