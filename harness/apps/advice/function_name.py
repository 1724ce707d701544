"""The name of a user's function, as ``module:function``."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from harness.core.errors import UsageError


def function_name(work: str | Callable[..., Any] | None) -> str:
    """``module:function`` of *work*; empty where there is no function.

    Raises
    ------
    UsageError
        Where it names none, or one that another process cannot import; with what was meant, where
        that can be told.
    """
    if work is None:
        return ""
    if callable(work):
        module = inspect.getmodule(work)
        name = getattr(work, "__qualname__", "")
        if module is None or module.__name__ == "__main__" or "<" in name:
            raise UsageError(
                "a function made in a notebook or in another function cannot be run in a fresh "
                "process: write it to a file and give module:function"
            )
        return f"{module.__name__}:{name}"
    module_name, _, function = work.partition(":")
    if module_name.endswith(".py"):
        dotted, folder = _dotted(module_name)
        meant = f"{dotted}:{function or 'FUNCTION'}"
        raise UsageError(f"{work!r} is a file: did you mean {meant}{folder}?")
    if not module_name or not function:
        module_name, _, function = work.rpartition(".")
        guess = f"did you mean {module_name}:{function}?" if module_name and function else ""
        what = guess or "write module:function, as in mywork:mean"
        raise UsageError(f"{work!r} names no function: {what}")
    return work


def _dotted(file: str) -> tuple[str, str]:
    """The module that *file* is, and from which folder it is found, where that is another one."""
    path = PurePath(file).with_suffix("")
    if path.is_absolute() or ".." in path.parts:
        return path.name, f", in the folder {path.parent}"
    return ".".join(path.parts), ""
