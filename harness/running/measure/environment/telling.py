"""The program that another Python runs to say what it is and what it has; it prints one object.

Arguments are names of executors. It tells the versions of what can move a result, and of each of
these executors why it cannot run there.
"""

from __future__ import annotations

import json
import platform
import sys
from importlib.util import find_spec

from harness.running.host.interpreter import interpreter_name

NEEDED = ("numpy", "psutil", "threadpoolctl")
"""Modules without which no child can run, as their packages are called."""


def told(executors: list[str]) -> dict[str, object]:
    """What this Python is: ``interpreter``, ``version``, ``lacks`` (of :data:`NEEDED`) and, where
    it lacks none, ``versions`` and ``missing``: an executor to the reason why it cannot run."""
    version = platform.python_version()
    found: dict[str, object] = {
        "interpreter": interpreter_name(),
        "version": version,
        "lacks": [name for name in NEEDED if find_spec(name) is None],
    }
    if found["lacks"]:
        return found
    from harness.running.executors import engine_packages, lookup  # noqa: PLC0415 - needs NumPy
    from harness.running.host.machine import package_version  # noqa: PLC0415

    packages = dict.fromkeys((*NEEDED, *engine_packages(executors)))
    return found | {
        "versions": {name: package_version(name) for name in packages},
        "missing": {name: lookup(name).missing() for name in executors},
    }


if __name__ == "__main__":
    print(json.dumps(told(sys.argv[1:])))
