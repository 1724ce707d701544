"""The user's function: where it is found, what it takes, and a stand-in where there is none."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

from harness.core.errors import UsageError
from harness.running.measure.process.timing import timed

CHUNK_ARGUMENTS = ("chunks", "npartitions")
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
            raise UsageError(f"{module} has no {name}: write module:function")
        value = getattr(value, part)
    if not callable(value):
        raise UsageError(f"{target} is no function but {type(value).__name__}: name a function")
    function: Callable[..., Any] = value
    return function


def chunk_argument(function: Callable[..., Any]) -> str | None:
    """The argument of *function* that says how its work is cut; ``None`` where it has none.

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
    if needed:
        raise UsageError(
            f"{function.__name__} needs {', '.join(needed)}: give it no argument but chunks or "
            "npartitions, or say --numpy if it takes a NumPy array"
        )
    return next((name for name in CHUNK_ARGUMENTS if name in parameters), None)


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
