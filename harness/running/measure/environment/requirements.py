"""What an environment is to have: the packages that a user names, and what engines need there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from harness.core.errors import UsageError
from harness.running.executors import OURS, engine_packages, lookup
from harness.running.executors.dask_locked import NEEDED as CERTIFICATES
from harness.running.host.machine import package_version
from harness.running.measure.environment.telling import NEEDED

_NEXT = re.compile(r",(?=\s*[A-Za-z0-9~./])")
"""A comma before a name or a path; one before ``<`` or ``!`` goes on with what it is in."""
_ONE = re.compile(
    r"(?P<name>[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)(?P<extras>\[[\w.,\s-]+\])?\s*"
    r"(?P<which>(?:(?:===?|~=|!=|<=|>=|<|>)\s*[\w.*+!,<>=~\s-]+)|(?:@\s*\S+))?"
)
CLOUDPICKLE = "cloudpickle"
"""A function of a user's own that no module has by name goes to other processes by it."""


def parse_requirements(text: str) -> list[str]:
    """The requirements in ``"dask==2024.8.0,numpy>=1.26,<2"``, as pip reads them.

    Raises
    ------
    UsageError
        For one that is none; options of pip are none.
    """
    parts = split_list(text)
    if not parts:
        raise UsageError("--with names no package: write for example dask==2024.8.0")
    for part in parts:
        if not _ONE.fullmatch(part):
            raise UsageError(f"--with {part!r}: write a package and a version, dask==2024.8.0")
    return parts


def split_list(text: str) -> list[str]:
    """The parts of a list with commas between; a comma within a range of versions parts nothing."""
    return [part.strip() for part in _NEXT.split(text) if part.strip()]


def name_of(requirement: str) -> str:
    """The name of the package that *requirement* is about, as all spellings of it have it."""
    match = _ONE.match(requirement)
    return re.sub(r"[-_.]+", "-", match["name"] if match else requirement).lower()


def with_needs(named: Sequence[str], executors: Iterable[str] = ()) -> list[str]:
    """*named* with what children need, and what goes with the engines that are to be measured.

    Those are the *executors*; where none are given, those of the packages in *named*; where these
    are no engine's, Dask's.
    """
    has = {name_of(requirement) for requirement in named}
    chosen = [lookup(name) for name in executors]
    if not chosen:
        every = [cls for cls in map(lookup, OURS) if cls.in_suites and not cls.named_only]
        chosen = [engine for engine in every if has.intersection(engine.packages)]
    packages = [package for engine in chosen for package in engine.packages]
    engines = packages or ["dask", "distributed"]
    locked = [CERTIFICATES] if "distributed" in engines else []
    needs = dict.fromkeys((*NEEDED, CLOUDPICKLE, *engines, *locked))
    return [*named, *(name for name in needs if name not in has)]


def as_here(named: Sequence[str]) -> list[str]:
    """Constraints by which all that *named* does not name has the version that it has here, so that
    nothing else differs: that of a package which comes with a named one is not known from here."""
    has = {name_of(requirement) for requirement in named}
    tied = _tied(has)
    versions: Mapping[str, str | None] = {
        name: package_version(name)
        for name in dict.fromkeys((*NEEDED, CLOUDPICKLE, *engine_packages()))
        if name not in has and name not in tied
    }
    return [f"{name}=={version}" for name, version in versions.items() if version]


def _tied(names: set[str]) -> set[str]:
    """Packages of the engines that need one of *names*: their versions go together."""
    engines = map(lookup, OURS)
    packages = [set(engine.packages) for engine in engines if engine.in_suites]
    return set().union(*(each for each in packages if each & names)) - names
