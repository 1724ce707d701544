"""What the two sides of a duel are: read from the words of the command line."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.core.errors import UsageError
from harness.core.records import Case
from harness.running.executors.dask_settings import checked_value, setting_named
from harness.running.host.pins import PINS
from harness.running.measure.environment.other_python import (
    Environment,
    find_python,
    look_into,
    own_python,
)
from harness.running.measure.environment.requirements import parse_requirements, split_list

HERE = "here"
"""What means chunkbench's own Python, as it is."""
_SETTING = re.compile(r"(?P<name>[a-z][\w.-]*)=(?P<value>[^=].*)")
_FROM = re.compile(r"[\w.-]+(\[[\w.,\s-]+\])?\s*@.+")
"""A package and where it comes from, which may have slashes as a path has."""
_VERSION = re.compile(r"\d+\.\d+(\.\d+)?")

Build = Callable[[Sequence[str], Path | None], Path]
"""The interpreter of an environment with these packages, made of this interpreter."""


@dataclass(frozen=True)
class DuelSide:
    """One of the two.

    Attributes
    ----------
    name : str
        As the user wrote it.
    environment : Environment or None
        Where its children run, with its settings; ``None`` for chunkbench's own Python as it is.
    pin : str or None
        The pin of its cases, where that is what differs.
    """

    name: str
    environment: Environment | None
    pin: str | None = None

    def case(self, case: Case) -> Case:
        """*case* as this side runs it."""
        return case if self.pin is None else case.model_copy(update={"pin": self.pin})


def parse_side(text: str, build: Build) -> DuelSide:
    """What *text* says, parts with commas between: packages (``dask==2024.8.0``, or a commit,
    ``dask@git+REPOSITORY@1a2b3c4``), an interpreter (``3.12``, ``~/envs/old``), a setting of Dask
    (``worker-saturation=inf``), whether its clusters keep others out (``secure=on``), a pin
    (``pin=1``), or ``here``.

    Parameters
    ----------
    text : str
    build : callable
        Has an environment built, where packages are named.

    Raises
    ------
    UsageError
        With the part that is none of these.
    """
    packages: list[str] = []
    pythons: list[Path] = []
    settings: dict[str, str] = {}
    pin: str | None = None
    parts = split_list(text)
    for part in parts:
        setting = _SETTING.fullmatch(part)
        if setting and setting["name"] == "pin":
            pin = setting["value"]
            if pin not in PINS:
                raise UsageError(f"unknown pin {pin!r}: choose one of {', '.join(PINS)}")
        elif setting:
            name = setting_named(setting["name"])
            settings[name] = checked_value(name, setting["value"])
        elif _FROM.fullmatch(part):
            packages += parse_requirements(part)
        elif "/" in part or _VERSION.fullmatch(part):
            pythons.append(find_python(part))
        elif part != HERE:
            packages += parse_requirements(part)
    if not parts or len(pythons) > 1 or (HERE in parts and (packages or pythons)):
        raise UsageError(
            f"{text!r} is no side: write here, packages, one Python, settings, or pin=, as in "
            "dask==2024.8.0,worker-saturation=inf"
        )
    base = pythons[0] if pythons else None
    if packages:
        base = build(packages, base)
    environment = look_into(base) if base else None
    if settings:
        environment = (environment or own_python()).with_settings(settings)
    return DuelSide(text, environment, pin)
