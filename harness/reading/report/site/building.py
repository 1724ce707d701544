"""The folder that a site is made in, beside its place: one publish at a time, none left over."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.core.errors import UsageError
from harness.core.file_locks import lock


@contextmanager
def building_folder(out: Path) -> Iterator[Path]:
    """An empty folder beside *out*, which is removed at the end where it was not renamed to it.

    What a publish that was killed left in it is removed.

    Raises
    ------
    UsageError
        Where another process makes a site there.
    """
    building = out.with_name(f".{out.name}-being-made")
    number = _held(building, out)
    try:
        for path in building.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        yield building
    finally:
        shutil.rmtree(building, ignore_errors=True)
        os.close(number)


def _held(building: Path, out: Path) -> int:
    """A descriptor of the folder, which holds its lock."""
    while True:
        building.mkdir(parents=True, exist_ok=True)
        number = os.open(building, os.O_RDONLY)
        try:
            lock(number)
        except BlockingIOError:
            os.close(number)
            raise UsageError(
                f"{out} is being made by another publish: wait for its end, or give another --out"
            ) from None
        if building.exists() and os.path.samestat(building.stat(), os.fstat(number)):
            return number
        os.close(number)  # renamed by the one that held it before: make a new one
