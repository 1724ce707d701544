"""What to do where the system refuses something: no space, no memory, no right to write."""

from __future__ import annotations

import errno
import tempfile

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


def system_words(error: OSError) -> str | None:
    """What the system refused, where, and what to do; ``None`` for an error that says neither.

    An error of a file that is open already does not name it: it is the output, or a file in the
    results or in the temporary folder.
    """
    number = error.errno or 0
    what = error.strerror or str(error)
    if error.filename:
        return f"{_text(error.filename)}: {what}: {_ADVICE.get(number, 'check the path')}"
    if number not in _ADVICE:
        return None
    if number not in _OF_A_DISK:
        return f"{what}: {_ADVICE[number]}"
    return f"the output, the results or {tempfile.gettempdir()}: {what}: {_ADVICE[number]}"


def memory_words() -> str:
    """What to do where Python itself found no memory."""
    return "not enough memory: free some, or measure a smaller --profile or with fewer --workers"


def _text(name: str | bytes | int) -> str:
    return name.decode(errors="replace") if isinstance(name, bytes) else str(name)
