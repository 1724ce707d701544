"""A clock that a test sets while a command runs: the command's alone, and never the machine's.

In a file system of its own (``unshare``) every process loads a library that shifts the clock on the
wall, engines' servers included, by what a file says at the moment.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SOURCE = Path(__file__).with_name("shifted_clock.c")
WITH_PRELOAD = 'mount --bind "$1" /etc && shift && exec "$@"'


class Clock:
    """The clock of commands that are started *under* it; it begins with the right time."""

    def __init__(self, folder: Path) -> None:
        if os.geteuid() != 0 or not all(map(shutil.which, ("cc", "unshare"))):
            pytest.skip("needs root's rights, unshare and a C compiler")
        self.file, library, settings = folder / "shift", folder / "clock.so", folder / "etc"
        self.set(0)
        macro = f'-DCLOCK_FILE="{self.file}"'
        subprocess.run(
            ["cc", "-O1", "-shared", "-fPIC", macro, "-o", str(library), str(SOURCE), "-ldl"],
            check=True,
        )
        shutil.copytree("/etc", settings, symlinks=True)
        (settings / "ld.so.preload").write_text(f"{library}\n")
        self.under = ["unshare", "--mount", "sh", "-c", WITH_PRELOAD, "sh", str(settings)]
        if subprocess.run([*self.under, "true"], capture_output=True).returncode:
            pytest.skip("no right to mount a file system")

    def set(self, seconds: int) -> None:
        """Have it show *seconds* more than the right time from now on."""
        with open(self.file, "r+b" if self.file.exists() else "wb") as file:  # noqa: PTH123 - in place
            file.write(seconds.to_bytes(8, "little", signed=True))
