"""Options that commands share mean the same in each of them."""

from __future__ import annotations

import pytest
import typer.main

from harness.cli import app

COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]


@pytest.mark.parametrize("option", ["--results", "--machine"])
def test_an_option_reads_the_same_variable_in_every_command(option):
    """Whoever sets a variable for one command has set it for all."""
    variables = {
        name: parameter.envvar
        for name, command in COMMANDS.items()
        for parameter in command.params
        if option in parameter.opts
    }
    assert {"settle", "run", "submit", "trace"} <= variables.keys()
    assert len(set(variables.values())) == 1, variables
