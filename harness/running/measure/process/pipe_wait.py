"""Wait for a pipe, however many descriptors this process has open."""

from __future__ import annotations

import select


def readable(descriptor: int, seconds: float) -> bool:
    """Whether *descriptor* has something to read, or has ended, within *seconds*.

    ``select`` takes descriptors below 1024 only; a block of 128 workers may have more.
    """
    waiting = select.poll()
    waiting.register(descriptor, select.POLLIN)
    return bool(waiting.poll(seconds * 1000))
