"""A terminal for a test: what a command writes to it, and how wide it is."""

from __future__ import annotations

import os
import struct

import pytest

pty = pytest.importorskip("pty")
fcntl = pytest.importorskip("fcntl")
termios = pytest.importorskip("termios")


def terminal(columns: int) -> tuple[int, int]:
    """Both ends of a terminal so wide: the one to read from, and the one to write to."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    return ours, theirs


def all_of(ours: int) -> str:
    """All that was written, until the other end is closed; closes this one.

    The system hands it over in parts, some of them late: a single read may miss the last.
    """
    written = b""
    while part := _part(ours):
        written += part
    os.close(ours)
    return written.decode()


def _part(ours: int) -> bytes:
    try:
        return os.read(ours, 1 << 16)
    except OSError:  # Linux says so when the other end is closed
        return b""
