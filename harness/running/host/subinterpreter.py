"""Import this package in an interpreter beside the first of its process.

Modules in C that have state of their own for the whole process, as NumPy's and psutil's have, do
not load there. This module is imported there before any other of the package.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType
from typing import Any


class _Absent(ModuleType):
    """Stands for a module that others import at their top: it has nothing that they could use."""

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(
            f"{self.__name__} does not load in an interpreter beside the first, so it has no {name}"
        )


def import_without(absent: Sequence[str], module: str) -> None:
    """Import *module* of this package, and what it imports, while those *absent* cannot be used.

    Modules of others that are imported later find the absent ones as they are: they fail as they
    would without us.
    """
    sys.modules.update({name: _Absent(name) for name in absent})
    try:
        import_module(module)
    finally:
        for name in absent:
            del sys.modules[name]
