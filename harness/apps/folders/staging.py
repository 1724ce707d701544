"""Write files as a whole: stage each beside its place, flush it, and rename it into place."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from harness.core.errors import UsageError
from harness.core.file_locks import lock

STAGE = ".staged"


@contextmanager
def locked(folder: Path, *, wait: bool = False) -> Iterator[None]:
    """Hold *folder*, which is made if need be, against others who write there by this function.

    Raises
    ------
    UsageError
        Where another process holds it, unless *wait*.
    """
    folder.mkdir(parents=True, exist_ok=True)
    number = os.open(folder, os.O_RDONLY)
    try:
        try:
            lock(number, wait=wait)
        except BlockingIOError:
            raise UsageError(f"{folder} is being written by another command: wait") from None
        yield
    finally:
        os.close(number)


def put(
    folder: Path, files: Mapping[str, Callable[[], bytes]], removed: Iterable[str] = ()
) -> None:
    """Write *files* into *folder*, and then delete those *removed*.

    Nothing is put in its place before all is staged; a crash in between leaves whole files, old or
    new. The caller holds the folder by :func:`locked`.

    Parameters
    ----------
    folder : Path
    files : mapping of str to callable
        Path relative to *folder*, and what gives its content when it is written.
    removed : iterable of str
        Paths relative to *folder*.
    """
    stage = folder / STAGE
    shutil.rmtree(stage, ignore_errors=True)  # a command that was cut off may have left one
    stage.mkdir()
    drafts = {}
    try:
        for count, (path, content) in enumerate(files.items()):
            drafts[path] = stage / f"{count}.draft"
            with drafts[path].open("wb") as file:
                file.write(content())
                file.flush()
                os.fsync(file.fileno())
        for path, draft in drafts.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            draft.replace(folder / path)
        for path in removed:
            (folder / path).unlink()
    finally:  # also where the disk is full
        shutil.rmtree(stage, ignore_errors=True)


def is_being_written(journal: Path) -> bool:
    """Whether a run holds *journal* to add lines to it."""
    with journal.open("rb") as file:
        try:
            lock(file, shared=True)  # for one's own, NFS wants a file that is open for writing
        except BlockingIOError:
            return True
    return False
