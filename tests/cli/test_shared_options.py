"""Options that commands share mean the same in each of them."""

from __future__ import annotations

import os

import pytest
import typer.main

from harness.cli import app
from harness.core.errors import UsageError
from harness.core.run_options import SECURE

COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]


MEASURING = {"settle", "run", "try", "advise", "claims", "trace", "duel", "gate"}


@pytest.mark.parametrize("option", ["--results", "--machine", "--secure"])
def test_an_option_reads_the_same_variable_in_every_command(option):
    """Whoever sets a variable for one command has set it for all."""
    variables = {
        name: parameter.envvar
        for name, command in COMMANDS.items()
        for parameter in command.params
        if option in parameter.opts
    }
    assert {"settle", "run", "trace"} <= variables.keys()
    assert len(set(variables.values())) == 1, variables
    if option == "--secure":
        assert variables.keys() == MEASURING  # those that start engines


@pytest.mark.parametrize("option", ["--executor", "--sweep-workers", "--adapt", "--bind", "--smt"])
def test_what_to_sweep_is_asked_for_alike_here_and_in_a_job(option):
    """By the same variable, and in the same words."""
    asked = {
        name: (parameter.envvar, parameter.help, parameter.default)
        for name in ("run", "submit")
        for parameter in COMMANDS[name].params
        if option in parameter.opts
    }
    assert asked.keys() == {"run", "submit"}
    assert asked["run"] == asked["submit"]


@pytest.mark.parametrize(
    ("arguments", "variable", "told"),
    [([], None, "auto"), ([], "on", "on"), (["--secure", "off"], "on", "off")],
)
def test_engines_are_told_whether_others_are_kept_out(monkeypatch, arguments, variable, told):
    """What starts them in this process reads the variable."""

    def settled(*_, **__):
        raise UsageError(f"told {os.environ[SECURE]}")

    monkeypatch.setattr("harness.apps.exercise.settle", settled)
    monkeypatch.setenv(SECURE, variable or "")
    if variable is None:
        monkeypatch.delenv(SECURE)
    with pytest.raises(UsageError, match=f"told {told}"):
        app(["settle", *arguments], standalone_mode=False)
