"""What came of a stop is told from other errors."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.__main__ import main as started
from harness.cli import main
from harness.core.stop_signals import UNTYPED, came_of_a_stop

ROOT = Path(__file__).parents[2]


class StoppedMeanwhile:
    """A descriptor that is stopped while its class is defined; Python then raises its own error."""

    def __set_name__(self, owner, name):
        raise KeyboardInterrupt


def define():
    type("Library", (), {"attribute": StoppedMeanwhile()})


def test_a_stop_while_a_library_defines_its_classes_is_a_stop():
    with pytest.raises((RuntimeError, KeyboardInterrupt)) as caught:
        define()
    assert came_of_a_stop(caught.value)


def test_other_errors_are_none():
    assert not came_of_a_stop(None)
    assert not came_of_a_stop(ValueError("x"))
    error = RuntimeError("y")
    error.__cause__ = ValueError("x")
    assert not came_of_a_stop(error)


def test_the_command_says_stopped_and_not_that_there_is_a_bug(monkeypatch, capsys):
    def app(**_):
        define()

    monkeypatch.setattr("harness.cli.app", app)
    monkeypatch.setattr("sys.argv", ["chunkbench", "merge"])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 130
    assert capsys.readouterr().err == "chunkbench: stopped\n"


@pytest.mark.parametrize("number", UNTYPED)
def test_a_command_stops_at_what_a_batch_system_sends_and_not_only_a_sweep(
    monkeypatch, capsys, number
):
    """The warning before a walltime may come when the sweep has ended and its files are made."""
    monkeypatch.setattr("harness.cli.main", lambda: os.kill(os.getpid(), number))
    with pytest.raises(SystemExit) as stop:
        started()
    assert stop.value.code == 130
    assert capsys.readouterr().err == "chunkbench: stopped\n"


def test_a_stop_while_a_library_defines_a_class_ends_with_the_exit_code_that_is_given(tmp_path):
    """Else Python, which saw a string of code interrupted, ends by SIGINT in its place."""
    (tmp_path / "interrupted.py").write_text(
        "import sys\n"
        "from harness.core.stop_signals import forget_interrupted_code\n"
        "try:\n"
        "    exec('raise KeyboardInterrupt')\n"
        "except KeyboardInterrupt:\n"
        "    forget_interrupted_code()\n"
        "    sys.exit(130)\n"
    )
    words = [sys.executable, "-m", "interrupted"]
    path = os.pathsep.join([str(ROOT), str(tmp_path)])
    assert (
        subprocess.run(words, env={**os.environ, "PYTHONPATH": path}, check=False).returncode == 130
    )
