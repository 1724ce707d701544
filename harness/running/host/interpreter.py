"""What the Python that runs is called: its implementation and version, and whether threads share a
lock."""

from __future__ import annotations

import platform
import sys
import sysconfig


def interpreter_name() -> str:
    """Such as ``CPython 3.13.15``; of a build whose threads run Python at the same time
    ``CPython 3.13.15 free-threaded``, and where something imported turned its lock on, that too."""
    name = f"{platform.python_implementation()} {platform.python_version()}"
    if not sysconfig.get_config_var("Py_GIL_DISABLED"):
        return name
    locked = getattr(sys, "_is_gil_enabled", bool)()
    return f"{name} free-threaded{' with its lock on' if locked else ''}"
