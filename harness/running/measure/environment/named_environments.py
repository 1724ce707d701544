"""Environments with a name: built for a system from pins that come with chunkbench."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from importlib.resources import files
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from harness.core.errors import UnknownNameError
from harness.running.executors import OURS, lookup
from harness.running.host.checkout import source_folder
from harness.running.measure.environment.built_environment import (
    CACHE,
    Say,
    asked_of,
    build,
    cache_folder,
    inside,
)
from harness.running.measure.environment.requirements import as_here, name_of, with_needs

IN_CLONE = ".venvs"
"""The folder of a clone that has them; without a clone they are in the cache, as others are."""
DISTRIBUTION = "chunkbench"
PINS = files(__name__.rpartition(".")[0]) / "pins"
"""A file for each system. Lines before :data:`REST` are what it is; all are pins."""
REST = "# with what these and the processes of a block need\n"


@dataclass(frozen=True)
class Recipe:
    """What an environment is built of.

    Attributes
    ----------
    name : str
    named : tuple of str
        The system's own packages, with versions.
    wanted : tuple of str
        Those, and what children need.
    constraints : tuple of str
        A version of every other package that comes with them.
    """

    name: str
    named: tuple[str, ...]
    wanted: tuple[str, ...]
    constraints: tuple[str, ...]

    @property
    def asked(self) -> dict[str, object]:
        """What an environment says that was built of it; see :func:`.built_environment.build`."""
        return {
            "requirements": list(self.wanted),
            "constraints": list(self.constraints),
            "of": sys.executable,
        }


class Installed(NamedTuple):
    """What :func:`install` did: the folder, its bytes, and the seconds that it took, ``None`` where
    it was there already."""

    name: str
    folder: Path
    bytes: int
    seconds: float | None


def names() -> list[str]:
    """Every environment that can be built by name, in order."""
    pinned = [path.name.removesuffix(".txt") for path in PINS.iterdir() if ".txt" in path.name]
    extras = {home for home in map(_home, OURS) if home is not None and home in _extras()}
    return sorted({*pinned, *extras})


def environment_of(name: str) -> str:
    """The environment that *name* means, its own name or that of an executor which lives in it.

    Raises
    ------
    UnknownNameError
        With those that there are, and the most similar.
    """
    known = names()
    home = name if name in known else _home(name) if name in OURS else None
    if home not in known:
        raise UnknownNameError("environment", name, known)
    return home


def _home(executor: str) -> str | None:
    return lookup(executor).lives_in


@cache
def recipe(name: str) -> Recipe:
    """What the environment *name* is built of: the pins of its file, or else the extra of that name
    with the versions of here.

    Raises
    ------
    UnknownNameError
        As :func:`environment_of` does.
    """
    path = PINS / f"{name}.txt"
    if not path.is_file():
        named = tuple(_extras().get(name, ()))
        if not named:
            raise UnknownNameError("environment", name, names())
        return Recipe(name, named, tuple(with_needs(named)), tuple(as_here(named)))
    own, _, rest = path.read_text(encoding="utf-8").partition(f"\n{REST}")
    named, others = tuple(_pins(own)), tuple(_pins(rest))
    needed = [pin for pin in others if name_of(pin) in map(name_of, with_needs(named, _of(name)))]
    return Recipe(name, named, (*named, *needed), (*named, *others))


def _pins(text: str) -> Iterable[str]:
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return [line for line in lines if line]


def _of(home: str) -> list[str]:
    """The executors that live in the environment *home*."""
    return [name for name in OURS if _home(name) == home]


def _extras() -> dict[str, list[str]]:
    """The requirements of each extra, as pip was told when chunkbench was installed."""
    found: dict[str, list[str]] = {}
    try:
        requires = metadata.requires(DISTRIBUTION) or ()
    except metadata.PackageNotFoundError:
        return found
    for text in requires:
        requirement, _, marker = text.partition(";")
        extra = marker.partition("extra ==")[2].strip(" '\"")
        if extra:
            found.setdefault(extra, []).append(requirement.strip())
    return found


def folder_of(name: str) -> Path:
    """Where the environment *name* is, or would be: in ``.venvs`` of the clone, or in the cache."""
    clone = source_folder()
    if os.environ.get(CACHE) or not (clone / ".git").exists():
        return cache_folder() / name
    return clone / IN_CLONE / name


def python_of(name: str) -> Path | None:
    """The interpreter of the environment *name*; ``None`` where it is not built as its pins say."""
    if name not in names():
        return None
    folder = folder_of(name)
    return inside(folder) if asked_of(folder) == recipe(name).asked else None


def not_built(name: str) -> str:
    """Why the environment *name* cannot be used, and the command that changes it."""
    if name not in names():
        return f"and chunkbench has no environment {name}: install it anew"
    state = "is built of other pins" if asked_of(folder_of(name)) else "is not built"
    return f"its environment {state}: chunkbench systems --install {name}"


def install(name: str, say: Say = lambda line: None) -> Installed:
    """Have the environment *name* built, if it is not there as its pins say.

    Raises
    ------
    UnknownNameError
        As :func:`environment_of` does.
    BuildError
        In one line, with pip's own reason.
    """
    made, folder, began = recipe(environment_of(name)), folder_of(environment_of(name)), monotonic()
    there = python_of(made.name) is not None
    if not there:
        base = Path(sys.executable)
        build(folder, base, made.named, made.wanted, made.constraints, say)
    return Installed(made.name, folder, _bytes(folder), None if there else monotonic() - began)


def _bytes(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir())
