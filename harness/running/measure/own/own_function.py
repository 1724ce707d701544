"""The user's function: where it is found, what it takes, and a stand-in where there is none."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from difflib import get_close_matches
from importlib import import_module
from typing import Any

import numpy as np

from harness.core.errors import UsageError
from harness.running.measure.process.timing import timed

CHUNK_ARGUMENTS = ("chunks", "npartitions", "blocksize")
"""What a function may call the argument that says how its work is cut."""


def find_function(target: str) -> Callable[..., Any]:
    """Import the function named *target*, ``module:function``.

    Raises
    ------
    UsageError
        Where there is none of that name, or its module cannot be imported.
    """
    module, _, name = target.partition(":")
    try:
        value: Any = import_module(module)
    except Exception as error:
        raise UsageError(
            f"cannot import {module}: {type(error).__name__}: {' '.join(str(error).split())}: run "
            "where it can be found, and write module:function"
        ) from error
    for part in name.split("."):
        if not hasattr(value, part):
            near = get_close_matches(part, dir(value), n=1)
            hint = f"did you mean {near[0]}?" if near else "write module:function"
            raise UsageError(f"{module} has no {name}: {hint}")
        value = getattr(value, part)
    if not callable(value):
        raise UsageError(f"{target} is no function but {type(value).__name__}: name a function")
    function: Callable[..., Any] = value
    return function


def chunk_argument(function: Callable[..., Any], takes: int = 0) -> str | None:
    """The argument of *function* that says how its work is cut; ``None`` where it has none.

    Parameters
    ----------
    function : callable
    takes : int
        How many other arguments it may need: one where it gets an array out of storage.

    Raises
    ------
    UsageError
        Where the function cannot be called without another argument.
    """
    parameters = inspect.signature(function).parameters
    needed = [
        name
        for name, parameter in parameters.items()
        if parameter.default is parameter.empty
        and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        and name not in CHUNK_ARGUMENTS
    ]
    if len(needed) > takes:
        raise UsageError(
            f"{function.__name__} needs {', '.join(needed)}: give it no argument but chunks, "
            "npartitions or blocksize, or say --numpy if it takes a NumPy array"
        )
    if needed:
        return None
    return next((name for name in CHUNK_ARGUMENTS if name in parameters), None)


def check_takes_array(function: Callable[..., Any]) -> None:
    """Refuse a *function* that cannot be called with one array.

    Raises
    ------
    UsageError
        Where it needs more or takes none.
    """
    try:
        signature = inspect.signature(function)
    except ValueError:  # of a function in C, such as a ufunc: it is tried
        return
    try:
        signature.bind(None)
    except TypeError as error:
        raise UsageError(
            f"{function.__name__}{signature} cannot be given one array ({error}): --numpy calls "
            "it with a chunk and nothing else, so wrap it in a function of one argument"
        ) from None


def what_came_back(value: Any) -> str:
    """What a function returned, in words: ``"a list of 3 int"``, ``"the number 7"``."""
    if isinstance(value, bool | int | float | complex | np.number):
        return f"the number {value}"
    if isinstance(value, list | tuple):
        kinds = sorted({type(each).__name__ for each in value})
        of = f" of {len(value)} {', '.join(kinds)}" if value else ", empty"
        return f"a {type(value).__name__}{of}"
    return "nothing" if value is None else f"a {type(value).__name__}"


def stand_in(element_seconds: float) -> Callable[[Any], Any]:
    """Make a function of an array that takes about so long an element: sines, over and over."""
    some = np.linspace(0.0, 1.0, 1 << 16)
    taken = timed(lambda call: call, lambda call: np.sin(some), 10).seconds / some.size
    repeats = max(1, round(element_seconds / taken))

    def sines(chunk: Any) -> Any:
        for _ in range(repeats):
            answer = np.sin(chunk)
        return answer

    return sines
