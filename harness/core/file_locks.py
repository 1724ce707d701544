"""The kernel's locks on files, which end with the process that holds them, however that ended."""

from __future__ import annotations

import errno
import fcntl
from typing import IO, Any

_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)


def lock(file: int | IO[Any], *, shared: bool = False, wait: bool = False) -> bool:
    """Lock an open *file* or folder.

    Parameters
    ----------
    file : int or file object
    shared : bool
        Whether others may share it.
    wait : bool
        For its holder to end, instead of raising.

    Returns
    -------
    bool
        False where the file system has no locks, as NFS may be: nobody is known to hold it then.

    Raises
    ------
    BlockingIOError
        Where another process holds it, without *wait*.
    """
    kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    try:
        fcntl.flock(file, kind if wait else kind | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
        return False
    return True
