"""A Python without a global lock is told from one that has it, also where the lock came back."""

from __future__ import annotations

import platform
import sys
import sysconfig

import pytest

from harness.running.host.interpreter import interpreter_name

PLAIN = f"{platform.python_implementation()} {platform.python_version()}"


@pytest.mark.parametrize(
    ("built_without", "locked", "more"),
    [
        (1, False, " free-threaded"),
        (1, True, " free-threaded with its lock on"),
        (0, True, ""),
        (None, True, ""),
    ],
)
def test_the_name_says_whether_threads_share_a_lock(monkeypatch, built_without, locked, more):
    monkeypatch.setattr(sysconfig, "get_config_var", {"Py_GIL_DISABLED": built_without}.get)
    monkeypatch.setattr(sys, "_is_gil_enabled", lambda: locked, raising=False)
    assert interpreter_name() == PLAIN + more
