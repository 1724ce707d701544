"""Write a file as a whole: others see the old one or the new one, and no part of it is left."""

from __future__ import annotations

from pathlib import Path


def write_whole(path: Path, content: bytes) -> Path:
    """Write *content* beside *path* and rename it into place; give *path*.

    Raises
    ------
    OSError
        Where it cannot be written; what was there before stays.
    """
    draft = path.with_suffix(".draft")
    try:
        draft.write_bytes(content)
        return draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
