"""Digests of all that an output is made from: the files that were read, and the code.

Where none of it changed the output is the same again, and nothing has to be worked out. Neither
pandas nor anything else that is slow to load is needed to find that out.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from functools import cache
from hashlib import blake2b, file_digest
from importlib import metadata
from pathlib import Path

_NAME = re.compile(r"[\w.-]+")
_ROOT = Path(__file__).parents[1]


def digest(*parts: str) -> str:
    """Make one digest of several texts; no two lists of texts are taken for each other."""
    whole = blake2b(digest_size=20)
    for part in parts:
        data = part.encode("utf-8", "surrogateescape")
        whole.update(b"%d:" % len(data))
        whole.update(data)
    return whole.hexdigest()


def of_file(path: Path) -> str:
    """Make a digest of the content of a file, read in blocks.

    Raises
    ------
    OSError
        Where it cannot be read.
    """
    with path.open("rb") as file:
        return file_digest(file, lambda: blake2b(digest_size=20)).hexdigest()


def of_files(place: Path) -> str:
    """Make a digest of everything under *place*: names, sizes and contents of all files.

    *place* may be one file; one that is missing has a digest as well. Links are followed. What
    cannot be read counts by its name: to say so is up to whoever reads it.
    """
    parts = []
    for path in [place] if place.is_file() else _files_under(place):
        try:
            known = (str(path.stat().st_size), of_file(path))
        except OSError:
            known = ("", "cannot be read")
        parts += [os.path.relpath(path, place), *known]
    return digest(*parts)


@cache
def of_code() -> str:
    """Make a digest of this package and of the versions of Python and all that it needs."""
    parts = [sys.version]
    for path in _files_under(_ROOT):
        if path.suffix != ".pyc":
            parts += [os.path.relpath(path, _ROOT), of_file(path)]
    return digest(*parts, *_versions())


def _versions() -> Iterator[str]:
    try:
        needed = metadata.requires("chunkbench") or []
    except metadata.PackageNotFoundError:  # runs from its folder without being installed
        return
    for line in needed:
        match = _NAME.match(line)
        if match is None or "extra ==" in line:
            continue
        try:
            yield f"{match[0]} {metadata.version(match[0])}"
        except metadata.PackageNotFoundError:
            yield f"{match[0]} is missing"


def _files_under(folder: Path) -> Iterator[Path]:
    """Find all files in a fixed order; a link back to a folder above is not followed again."""
    seen: set[str] = set()
    for place, folders, names in os.walk(folder, followlinks=True):
        real = os.path.realpath(place)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        yield from (Path(place, name) for name in sorted(names))
