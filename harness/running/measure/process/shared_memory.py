"""What an engine puts into shared memory, named so that it can be removed where the engine is
killed: Linux has it as files of one folder, which the end of no process empties."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, NamedTuple

from harness.core.file_locks import lock

NAME = "cb"
"""What all names of ours begin with; the mark of a child follows."""
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - files of ours alone are removed there
JOBLIB_BYTES = 2e9
"""joblib puts arrays there where so much is free, else into the temporary folder: its own rule, in
``joblib._memmapping_reducer``."""
BY_PROCESS = ("sem.loky-{}-*", "joblib_memmapping_folder_{}_*")
"""What libraries name after the process that made it, whoever started that."""


class Abandoned(NamedTuple):
    """What a sweep left that was killed together with its reaper: its token, its scratch folder and
    its children's numbers."""

    token: str
    scratch: Path
    children: list[int]


def hold(token: str, scratch: Path) -> IO[str] | None:
    """Make a file that says to whom *token* and *scratch* belong, for as long as it is open here or
    in a process that inherits it: its lock ends with the last of them. ``None`` where there is no
    shared memory, or no room."""
    draft = SHARED_MEMORY / f"{NAME}{token}.draft"
    try:
        file = draft.open("x", encoding="utf-8")
        lock(file)
        print(scratch, file=file, flush=True)
        draft.rename(draft.with_suffix(".lock"))
    except OSError:
        draft.unlink(missing_ok=True)
        return None
    return file


def abandoned() -> Iterator[Abandoned]:
    """Yield what sweeps of this user have left whose files nobody holds any more."""
    for path in SHARED_MEMORY.glob(f"{NAME}*.lock"):
        with contextlib.suppress(OSError, ValueError):  # others may remove it; what it says is ours
            if path.stat().st_uid != os.geteuid():
                continue
            with path.open("a+", encoding="utf-8") as file:
                if not lock(file):
                    continue
                scratch, *children = path.read_text(encoding="utf-8").splitlines()
                yield Abandoned(_token(path), Path(scratch), list(map(int, children)))


def living() -> Iterator[tuple[str, Path]]:
    """Yield the token and the scratch folder of each sweep whose file is there."""
    for path in SHARED_MEMORY.glob(f"{NAME}*.lock"):
        with contextlib.suppress(OSError, IndexError):  # it may end meanwhile
            yield _token(path), Path(path.read_text(encoding="utf-8").splitlines()[0])


def _token(path: Path) -> str:
    return path.stem.removeprefix(NAME)


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
