"""What an engine puts into shared memory, named so that it can be removed where the engine is
killed: Linux has it as files of one folder, which the end of no process empties."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

NAME = "cb"
"""What all names of ours begin with; the mark of a child follows."""
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - files of ours alone are removed there
JOBLIB_BYTES = 2e9
"""joblib puts arrays there where so much is free, else into the temporary folder: its own rule, in
``joblib._memmapping_reducer``."""
BY_PROCESS = ("sem.loky-{}-*", "joblib_memmapping_folder_{}_*")
"""What libraries name after the process that made it, whoever started that."""


def name_semaphores(mark: str) -> None:
    """Have the semaphores of this process, and of all that it starts by ``multiprocessing``, carry
    the sweep's token, with which *mark* begins, in their names."""
    token = mark.partition("-")[0]
    settings = getattr(multiprocessing.current_process(), "_config", None)
    if token and isinstance(settings, dict):  # inherited by children, however they are started
        settings["semprefix"] = f"/{NAME}{token}"


def variables(mark: str) -> dict[str, str]:
    """What a child needs in its environment so that joblib's copies of arrays of over 1 MB carry
    its *mark*, and still lie where joblib would have put them: in shared memory, if there is
    enough, else in the temporary folder, which is ours."""
    try:
        free = shutil.disk_usage(SHARED_MEMORY).free
    except OSError:
        return {}
    roomy = free > JOBLIB_BYTES and os.access(SHARED_MEMORY, os.W_OK)
    return {"JOBLIB_TEMP_FOLDER": str(SHARED_MEMORY / f"{NAME}{mark}")} if roomy else {}


def remove(mark: str, processes: Iterable[int] = ()) -> None:
    """Remove what carries *mark*, or a mark that begins with it, and what was named after
    *processes*, which have ended."""
    patterns = [f"sem.{NAME}{mark}*", f"{NAME}{mark}*"]
    patterns += [pattern.format(process) for process in processes for pattern in BY_PROCESS]
    for path in (path for pattern in patterns for path in SHARED_MEMORY.glob(pattern)):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                path.unlink()
