"""``chunkbench run`` reads its options from its arguments and from the environment."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from time import monotonic

import pytest
import typer.main

from harness.cli import app, main
from harness.cli.eliot_log import logged
from harness.core import run_options
from harness.core.errors import UsageError
from harness.core.run_options import RunOptions

ROOT = Path(__file__).parents[2]
OPTIONS = RunOptions(
    profile="smoke",
    machine="m",
    results=Path("elsewhere"),
    resume=True,
    since=datetime(2026, 11, 25, 22, tzinfo=UTC),
    dashboard=True,
    executors=("dask-threads", "thread-pool"),
    workers=(1, 2),
    adapt=1,
    secure="on",
    python=Path(sys.executable),
    bind="cores",
    smt=True,
)


@pytest.fixture
def chosen(monkeypatch, tmp_path):
    """Run the command: the options that it hands to ASV's front, and the budget of all suites."""
    calls = []

    def front(suites, options, *, budget_seconds, **rest):
        calls.append((options, budget_seconds))
        return tmp_path

    monkeypatch.setattr("harness.apps.asv.front.run", front)
    for name in RunOptions.to_env(OPTIONS):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["chunkbench", "run", *arguments])
        with pytest.raises(SystemExit) as stop:
            main()
        assert stop.value.code == 0
        return calls.pop()

    return run


def test_what_is_not_said_is_the_default(chosen):
    assert chosen() == (RunOptions(), None)


def test_options_are_read_from_the_environment(chosen, monkeypatch):
    for name, text in OPTIONS.to_env().items():
        monkeypatch.setenv(name, text)
    assert chosen() == (OPTIONS, None)


def test_an_option_goes_before_its_variable(chosen, monkeypatch):
    for name, text in OPTIONS.to_env().items():
        monkeypatch.setenv(name, text)
    options, _ = chosen("--profile", "nightly", "--executor", "numpy", "--workers", "3")
    assert (options.profile, options.executors, options.workers) == ("nightly", ("numpy",), (3,))
    assert (options.machine, options.results) == (OPTIONS.machine, OPTIONS.results)


def test_the_variable_of_the_budget_is_for_each_suite_and_the_option_for_all(chosen, monkeypatch):
    monkeypatch.setenv(run_options.BUDGET, "5m")
    assert chosen() == (RunOptions(), None)
    assert chosen("--budget", "90s") == (RunOptions(), 90.0)


@pytest.mark.parametrize("text", ["1", "true", "yes", "on", "0", "false", "no", "off"])
def test_command_and_suites_read_a_flag_alike(chosen, monkeypatch, text):
    monkeypatch.setenv(run_options.RESUME, text)
    options, _ = chosen()
    assert options.resume == RunOptions.from_env().resume


def test_every_variable_of_a_run_is_that_of_an_option():
    """All but the budget's, which is for each suite; and help names it."""
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    variables = {parameter.envvar for parameter in commands["run"].params} - {None}
    assert variables == {*OPTIONS.to_env()}
    assert run_options.BUDGET not in variables


@pytest.mark.parametrize(
    ("words", "offered"),
    [("chunkbench set", ["settle"]), ("chunkbench run --re", ["--resume", "--results"])],
)
def test_the_shell_completes_commands_and_options(words, offered):
    """As the shell asks the installed command: by variables, in a process of its own."""
    asked = {
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split()) - 1),
        "_CHUNKBENCH_COMPLETE": "complete_bash",
    }
    program = "import sys; sys.argv = ['chunkbench']; from harness.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONPATH": str(ROOT)} | asked,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.stdout.split(), done.stderr) == (offered, "")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--isolated",), "--eliot logs calls on chunkbench's own Python: leave out"),
        (("--python", sys.executable), "--eliot logs calls on chunkbench's own Python: leave out"),
        (("--executor", "thread-pool"), "--eliot would log nothing: thread-pool: its tasks"),
    ],
)
def test_a_log_is_refused_before_anything_is_measured(monkeypatch, tmp_path, arguments, words):
    monkeypatch.setattr("harness.apps.asv.front.run", lambda *_, **__: pytest.fail("measured"))
    log = tmp_path / "a.log"
    with pytest.raises(UsageError, match=re.escape(words)):
        app(["run", "--eliot", str(log), *arguments], standalone_mode=False)
    assert not log.exists()


def test_what_a_log_needs_is_named_where_it_is_missing(monkeypatch, tmp_path):
    monkeypatch.setattr("harness.core.extras.find_spec", lambda name: None)
    with pytest.raises(UsageError, match=re.escape("pip install 'chunkbench[eliot]'")):
        app(["run", "--eliot", str(tmp_path / "a.log")], standalone_mode=False)


def test_a_log_in_a_folder_that_is_not_there_is_one_line(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(sys, "argv", ["chunkbench", "run", "--eliot", str(tmp_path / "no/a.log")])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 2
    assert capsys.readouterr().err.endswith("a.log: No such file or directory: check the path\n")


def test_a_log_gets_a_quarter_of_a_budget(chosen, tmp_path):
    """The sweep has the rest, and the plan is for that."""
    log = str(tmp_path / "a.log")
    assert chosen("--budget", "100s", "--eliot", log) == (RunOptions(), 75.0)
    assert chosen("--eliot", log) == (RunOptions(), None)


@pytest.mark.parametrize(
    ("budget", "spent", "seconds"), [(100.0, 500.0, 25.0), (100.0, 10.0, 90.0), (None, 10.0, None)]
)
def test_a_log_has_its_share_of_a_budget_however_long_the_sweep_took(
    monkeypatch, budget, spent, seconds
):
    """And what the sweep left of it, where that is more."""
    given = []
    monkeypatch.setattr(
        "harness.apps.eliot_log.log_measured", lambda *_, seconds, **__: given.append(seconds)
    )
    logged(BytesIO(), [], RunOptions(), budget, monotonic() - spent)
    assert given == [seconds if seconds is None else pytest.approx(seconds, abs=1.0)]
