"""Every command that a page shows is one that the command line takes; none of them is run here."""

from __future__ import annotations

import re

import pytest
from typer.exceptions import TyperException

from harness.core.errors import ChunkbenchError
from tests.docs.shown import COMMANDS, ELSEWHERE, cheapest, check, shown


@pytest.mark.parametrize("command", list(shown()), ids=lambda command: command.line)
def test_a_command_that_is_shown_is_taken_by_the_command_line(command):
    """Subcommand, options, values and names, as the command itself reads them."""
    check(command.line)


@pytest.mark.parametrize(
    "line",
    [
        "chunkbench settel",
        "chunkbench settle --worker 2",
        "chunkbench settle --workers two",
        "chunkbench settle --profile weekly",
        "chunkbench settle --format xml",
        "chunkbench settle now",
        "chunkbench compare laptop",
        "chunkbench run --suite task_overheads",
        "chunkbench run --executor dask-thread",
        "chunkbench show random-sum/dask-threads/chunks=100",
        "chunkbench claims ray-task-sync",
        "chunkbench show random-sum/dask-threads/chunk=100000 --scripts > a.py && python a.py",
        "sacct -j 1 | chunkbench efficiency - --fromat json",
        "chunkbench systems && chunkbench doctor --quick",
    ],
)
def test_a_mistake_in_a_command_that_is_shown_is_found(line):
    with pytest.raises((TyperException, ChunkbenchError)):
        check(line)


def test_commands_of_every_kind_are_shown_and_one_of_each_is_run():
    """What finds them in the pages does find them, and every subcommand can be run somewhere."""
    subcommands = {command.subcommand for command in shown()}
    assert subcommands == set(COMMANDS)
    assert [command.subcommand for command in cheapest()] == sorted(subcommands)
    assert set(cheapest()) <= set(shown())


@pytest.mark.parametrize("pattern", ELSEWHERE)
def test_what_is_said_to_be_run_elsewhere_is_shown(pattern):
    """A pattern that no command has any more is to be taken out."""
    assert any(re.search(pattern, command.line) for command in shown())
