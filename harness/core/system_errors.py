"""What to do where the system refuses something or lacks it: no space, no memory, no right to
write, no package."""

from __future__ import annotations

import errno
import tempfile

from harness.core.errors import ChunkbenchError
from harness.core.extras import missing_words

_ADVICE = {
    errno.ENOSPC: "free some space there, then run it again (with --resume where it measures)",
    errno.EDQUOT: "free some of your quota, then run it again (with --resume where it measures)",
    errno.EFBIG: "raise the limit on the size of files (ulimit -f), then run it again",
    errno.EMFILE: "raise the limit on open files: ulimit -n 1024",
    errno.ENFILE: "the whole machine has too many open files: end some programs",
    errno.ENOMEM: "free some memory, or measure with fewer --workers",
    errno.EAGAIN: "the limit on processes is reached (ulimit -u): raise it, or end some",
    errno.EROFS: "choose a folder that can be written to",
    errno.EACCES: "choose a folder that you may write to and read",
    errno.EPERM: "choose a folder that you may write to and read",
    errno.EIO: "the disk, or the node that it is on, has a defect: choose another folder",
}

_OF_A_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def failure_words(error: Exception) -> str | None:
    """The one line of an *error* that a user may see; ``None`` for a bug."""
    if isinstance(error, ChunkbenchError):
        return str(error)
    if isinstance(error, ModuleNotFoundError):
        return missing_words(error)
    return system_words(error) if isinstance(error, OSError | MemoryError) else None


def system_words(error: OSError | MemoryError) -> str | None:
    """What the system refused, where, and what to do; ``None`` for an error that says neither.

    An error of a file that is open already does not name it: it is the output, or a file in the
    results or in the temporary folder.
    """
    if isinstance(error, MemoryError):
        return "not enough memory: free some, or take a smaller --profile or fewer --workers"
    number = error.errno or 0
    what = error.strerror or str(error)
    if error.filename:
        return f"{_text(error.filename)}: {what}: {_ADVICE.get(number, 'check the path')}"
    if number not in _ADVICE:
        return None
    if number not in _OF_A_DISK:
        return f"{what}: {_ADVICE[number]}"
    return f"the output, the results or {tempfile.gettempdir()}: {what}: {_ADVICE[number]}"


def _text(name: str | bytes | int) -> str:
    return name.decode(errors="replace") if isinstance(name, bytes) else str(name)
