"""What a machine may be called: its name is that of a folder, and stands in tables and on pages."""

from __future__ import annotations

from harness.core.errors import InputError

MOST_BYTES = 200
"""A file's name has 255 at most, and some are made of the machine's and more."""


def wrong_name(name: str) -> str | None:
    """Say why *name* is none that a machine can have; ``None`` if it is one."""
    if not name.strip() or name in (".", "..") or "/" in name or "\\" in name:
        return "it cannot be the name of a folder"
    if not name.isprintable():
        return "it has characters that cannot be shown"
    if len(name.encode()) > MOST_BYTES:
        return f"it is longer than {MOST_BYTES} bytes"
    return None


def check_name(name: str, where: str) -> None:
    """Refuse the *name* of a machine that was read and that none can have.

    Parameters
    ----------
    name : str
    where : str
        The file, and the line in it, for the message.

    Raises
    ------
    InputError
        Says *where* and what is wrong with it, in one line whatever the name holds.
    """
    if reason := wrong_name(name):
        shown = ascii(name) if len(name) <= 40 else f"{name[:40]!a}..."
        raise InputError(
            f"{where}: {shown} is no machine's name ({reason}): restore the file or delete it"
        )
