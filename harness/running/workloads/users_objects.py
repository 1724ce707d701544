"""A user's functions and inputs, as every process of a run finds them: by the name that a module
has for them, or by value from a file.

A function of a module is handed to tasks as it is, so that pickle sends its name, as in the user's
own program. What no module has by name (a function from a notebook's cell, a lambda, a list) is
written once, by cloudpickle, to a file that each process loads once; tasks carry the file's name.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from harness.core.errors import UsageError

BY_VALUE = "value:"
"""How the place of what lies in a file begins; the file's path comes after it."""


def load(place: str) -> Any:
    """The object at *place*, ``module:name`` or the file that :func:`write` made.

    Raises
    ------
    ImportError, AttributeError
        Where there is no such module, or nothing of that name in it.
    """
    if place.startswith(BY_VALUE):
        return _from_file(place.removeprefix(BY_VALUE))
    module, _, name = place.partition(":")
    value: Any = import_module(module)
    for part in name.split("."):
        value = getattr(value, part)
    return value


@cache
def _from_file(path: str) -> Any:
    if not Path(path).exists():
        raise FileNotFoundError(
            "a function that no module has is in a file of the machine that measures, which this "
            "worker does not see: put it into a module, and name it module:function"
        )
    with Path(path).open("rb") as file:
        return pickle.load(file)  # noqa: S301 - written by this run


class LoadedOnce:
    """A function that lies in a file: every process that calls it loads it once.

    Parameters
    ----------
    place : str
        What :func:`write` returned.
    """

    def __init__(self, place: str) -> None:
        self.place = place

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """What the function returns."""
        return load(self.place)(*arguments, **named)


def function_at(place: str) -> Callable[..., Any]:
    """The function at *place*, in the form in which tasks carry it."""
    return LoadedOnce(place) if place.startswith(BY_VALUE) else load(place)


def place_of(value: Any) -> str | None:
    """``module:name`` of a function that other processes can import; ``None`` for what they
    cannot."""
    module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
    if not module or not name or module == "__main__" or "<" in name:
        return None
    try:
        found = load(f"{module}:{name}")
    except (ImportError, AttributeError):
        return None
    return f"{module}:{name}" if found is value and sys.modules[module].__spec__ else None


def write(value: Any, what: str, file: Path) -> str:
    """Write *value* to *file*, and return its place.

    Parameters
    ----------
    value : object
    what : str
        What it is, for a message: ``"the function"``.
    file : Path

    Raises
    ------
    UsageError
        Where it cannot be pickled; the message names the part that cannot.
    """
    import cloudpickle  # noqa: PLC0415 - only where something has to go by value

    try:
        file.write_bytes(cloudpickle.dumps(value))
    except Exception as error:
        part = unpicklable(value, what, cloudpickle.dumps)
        raise UsageError(
            f"{part or f'{what}: {_line(error)}'}, so no other process can get it: give "
            "a function that makes it (items=make_inputs), which each process calls itself"
        ) from error
    return f"{BY_VALUE}{file}"


def unpicklable(value: Any, what: str, dumps: Callable[[Any], bytes]) -> str | None:
    """Which part of *value* cannot be pickled, and why; ``None`` where all of it can.

    Parameters
    ----------
    value : object
        Of a list, a tuple or a mapping the part is named, and of an object its attribute.
    what : str
        What it is, for the message.
    dumps : callable
        Pickles, as the engine in question does.
    """
    try:
        dumps(value)
    except Exception as error:  # noqa: BLE001 - an object may raise what it likes
        for name, part in _parts(value, what):
            if why := unpicklable(part, name, dumps):
                return why
        return f"{what} ({type(value).__name__}) cannot be pickled: {_line(error)}"
    return None


def _parts(value: Any, what: str) -> Iterable[tuple[str, Any]]:
    if isinstance(value, list | tuple):
        return ((f"{what}[{number}]", part) for number, part in enumerate(value))
    if isinstance(value, dict):
        return ((f"{what}[{key!r}]", part) for key, part in value.items())
    kept = getattr(value, "__dict__", None)
    named = kept if isinstance(kept, dict) and not isinstance(value, type) else {}
    return ((f"{what}.{name}", part) for name, part in named.items())


def _line(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"


def folders_of_user(path: Sequence[str]) -> list[str]:
    """The folders of *path*, a ``sys.path``, that are the user's own and not of the installation:
    every process of a run looks for modules in them."""
    installed = {Path(prefix).resolve() for prefix in (sys.prefix, sys.base_prefix)}
    own = []
    for entry in path:
        folder = Path(entry or ".").resolve()
        if folder.is_dir() and installed.isdisjoint((folder, *folder.parents)):
            own.append(str(folder))
    return list(dict.fromkeys(own))
