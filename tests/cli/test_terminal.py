"""What people see in a terminal: as wide as it is, coloured there alone, and no word broken."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys

import pytest
import typer.main

from harness.cli import app, help_groups
from harness.cli import terminal as terminal_module
from harness.running.measure.sweep.ports import Progress
from harness.running.measure.sweep.progress import shortened, shown
from tests.cli.pseudo_terminal import all_of, terminal
from tests.reading.ingest.builders import sweep, write_journal
from tests.source_names import ROOT

ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
COMMANDS = [*typer.main.get_command(app).commands]  # type: ignore[attr-defined]
PAINT = "\x1b[3"


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("seen")
    write_journal(folder / "results/made-up", sweep())
    return folder / "results"


def seen(columns, *arguments, **environment):
    """What the command writes to a terminal of so many columns."""
    ours, theirs = terminal(columns)
    clean = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    process = subprocess.Popen(
        [sys.executable, "-m", "harness", *map(str, arguments)],
        env=clean | {"PYTHONPATH": str(ROOT), "TERM": "xterm"} | environment,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs)
    written = all_of(ours)
    assert process.wait(timeout=100) == 0
    return written.replace("\r\n", "\n")


@pytest.mark.parametrize("columns", [80, 120])
def test_tables_are_laid_out_for_the_width_of_the_terminal_and_coloured(results, columns):
    painted = seen(columns, "tables", "--all", "--results", results)
    text = ESCAPE.sub("", painted)
    assert PAINT in painted
    assert max(map(len, text.splitlines())) <= columns
    assert "verdict" in text
    assert ("left out at this width" in text) is (columns == 80)


@pytest.mark.parametrize(
    ("is_terminal", "variable", "value", "wanted"),
    [
        (True, "TERM", "xterm", True),
        (True, "NO_COLOR", "1", False),
        (True, "TERM", "dumb", False),
        (False, "TERM", "xterm", False),
    ],
)
def test_colours_are_for_terminals_whose_users_want_them(
    monkeypatch, is_terminal, variable, value, wanted
):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: is_terminal, raising=False)
    monkeypatch.setenv(variable, value)
    text = "cases\n=====\n\n  10  overhead exceeds gain\n"
    shown_text = terminal_module.painted(text)
    assert (shown_text != text) is wanted
    assert ESCAPE.sub("", shown_text) == text


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_the_line_of_progress_shows_its_numbers(monkeypatch, columns):
    """At every width: they come before the bar, and the bar before the name of the case."""
    monkeypatch.setenv("COLUMNS", str(columns))
    ours, theirs = terminal(columns)
    with os.fdopen(theirs, "w") as stream, shown(stream) as report:
        report(Progress(1, 4321, "random-sum on dask-distributed-processes, chunk 1 000"))
        report(Progress(12, 4321, "random-sum on dask-distributed-processes, chunk 1 000"))
    text = ESCAPE.sub("", all_of(ours))
    assert "12/4321 pairs" in text
    assert "left" in text
    assert ("random-sum" in text) is (columns > 40)
    assert ("━" in text) is (columns > 40)
    assert max(map(len, re.split("[\r\n]", text))) <= columns


def test_a_label_is_cut_off_at_its_end():
    assert shortened("random-sum, chunk 1 000", 40) == "random-sum, chunk 1 000"
    assert shortened("random-sum, chunk 1 000", 12) == "random-sum,…"
    assert shortened("random-sum", 0) == ""


def test_the_help_lists_every_command_in_a_group_with_settle_first(monkeypatch, capsys):
    groups = help_groups.grouped(COMMANDS)
    assert [*groups] == ["Answer", "Measure", "Read", "Share", "Cluster"]
    assert sorted(name for group in groups.values() for name in group) == sorted(COMMANDS)
    assert groups["Answer"][0] == "settle"
    assert help_groups.grouped(["settle", "of-a-plugin"])["More"] == ["of-a-plugin"]


@pytest.mark.parametrize("columns", [80, 120])
def test_help_fits_the_terminal_and_names_no_type_of_a_flag(monkeypatch, columns, snapshot):
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr(sys, "argv", ["chunkbench", "--help"])
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    app(["--help"], standalone_mode=False, prog_name="chunkbench")
    text = out.getvalue()
    assert max(map(len, text.splitlines())) <= columns
    assert text == snapshot
    for name in COMMANDS:
        out.truncate(0)
        app([name, "--help"], standalone_mode=False, prog_name="chunkbench")
        assert not re.search(r"--\S+ <(bool|list|\w+ range)", out.getvalue())
