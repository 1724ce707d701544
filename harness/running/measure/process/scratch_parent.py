"""Where a sweep makes its scratch folder: such that the sockets of its engines find room in it."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from harness.running.executors import lookup

SHORT = Path("/tmp")  # noqa: S108 - a folder of its own is made in it
SOCKET_PATH_BYTES = 103 if sys.platform == "darwin" else 107
"""So many bytes of a socket's path fit into ``sun_path``, with the zero after them."""
PREFIX = "chunkbench-"
LONGEST_CHILD = f"{PREFIX}12345678/b12345-engine"
"""The folder of an engine's process, from where the scratch folder is made on."""


class ScratchParent(NamedTuple):
    """The folder that a scratch folder is made in, and what to say where it is not the one that the
    system, or ``TMPDIR``, names."""

    path: str
    note: str | None = None


def scratch_parent(executors: Iterable[str]) -> ScratchParent:
    """Choose it for *executors*: the temporary folder, or ``/tmp`` where that is too long a name
    for their sockets, as the folders that batch systems make for each job may be."""
    folder = tempfile.gettempdir()
    longest = max((lookup(name).longest_socket for name in executors), key=len, default="")
    path = os.fsencode(Path(folder, LONGEST_CHILD, longest))
    shorter = len(os.fsencode(SHORT)) < len(os.fsencode(folder)) and os.access(SHORT, os.W_OK)
    if len(path) <= SOCKET_PATH_BYTES or not shorter:
        return ScratchParent(folder)
    note = (
        f"scratch files go to {SHORT}: paths of sockets in {folder} would have {len(path)} bytes, "
        f"and can have {SOCKET_PATH_BYTES}"
    )
    return ScratchParent(str(SHORT), note)
