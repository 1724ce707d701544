"""One task as an action of eliot's log: what runs in the worker, whichever process that is."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from eliot import Action, FileDestination, add_destinations, remove_destination

TASK = "dask:task"
ENDING = ".eliot"
"""Of the files in the folder of a log: one for each process that logs."""

_guard = threading.Lock()
_opened: tuple[str, int] = ("", 0)
_last: FileDestination | None = None


def logged(
    folder: str,
    task_id: str,
    key: str,
    needs: list[str],
    function: Callable[..., Any],
    /,
    *args: Any,
    **kw: Any,
) -> Any:
    """``function(*args, **kw)``, logged in *folder* as the action *task_id*: the task *key*, which
    took the results of the tasks *needs*."""
    log_to(folder)
    task = {"key": key, "dependencies": needs, "pid": os.getpid()}
    with Action.continue_task(task_id=task_id, action_type=TASK, **task):
        return function(*args, **kw)


def log_to(folder: str) -> None:
    """Have eliot write what this process logs to a file of its own in *folder*, and nowhere else
    that an earlier call of this function has named."""
    global _opened, _last  # noqa: PLW0603 - eliot has one list of destinations a process
    wanted = (folder, os.getpid())
    if _opened == wanted:
        return
    with _guard:
        if _opened == wanted:
            return
        # Unbuffered and at the end of the file: a message is one write, whole among other threads'.
        path = Path(folder, f"{os.getpid()}{ENDING}")
        file = path.open("ab", buffering=0)
        before, _last = _last, FileDestination(file=file)
        if before is not None:
            remove_destination(before)
            before.file.close()
        add_destinations(_last)
        _opened = wanted
