"""Disks of a test alone, small enough to be full: only for root, as containers and CI have it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

FILLER = "filler"


def _mount(*words: str) -> bool:
    return subprocess.run(["mount", *words], capture_output=True).returncode == 0


@contextmanager
def disk(folder: Path, options: str) -> Iterator[Path]:
    """A file system in memory at *folder*, with the *options* of ``mount -t tmpfs``."""
    folder.mkdir(exist_ok=True)
    if os.geteuid() != 0 or not _mount("-t", "tmpfs", "-o", options, "none", str(folder)):
        pytest.skip("no right to mount a file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def again(folder: Path, options: str) -> None:
    """Change the *options* of a disk that is mounted."""
    assert _mount("-o", f"remount,{options}", str(folder))


def fill(folder: Path) -> None:
    """Leave no byte on the disk that *folder* is."""
    with (folder / FILLER).open("wb", buffering=0) as file:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while file.write(b"\0" * size):
                    continue
            except OSError:
                continue
