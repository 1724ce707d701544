"""What a command loads: in a fresh process modules are counted, for seconds depend on machines."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
import typer

from harness.cli import app
from tests.reading.ingest.builders import sweep, write_journal
from tests.source_names import ROOT

COMMANDS = sorted(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
HEAVY = {
    *("dask", "distributed", "jinja2", "matplotlib", "numpy", "pandas", "pandera"),
    *("pyarrow", "pydantic", "ray", "rich", "ruptures", "scipy", "seaborn"),
}
NOT_FOR_TABLES = {
    *("dask", "jinja2", "matplotlib", "pandera", "ray", "rich.console", "ruptures"),
    *("scipy.optimize", "scipy.stats", "seaborn"),
}
CODE = """
import contextlib, io, json, sys
from harness.cli import main
out = io.StringIO()
for line in json.loads(sys.argv[1]):
    sys.argv = ["chunkbench", *line]
    with contextlib.redirect_stdout(out), contextlib.suppress(SystemExit):
        main()
print(json.dumps([out.getvalue(), sorted(sys.modules)]))
"""


def ran(*lines: list[str], **environment: str) -> tuple[str, set[str]]:
    """What a fresh process printed and loaded, in which the command ran with each of *lines*."""
    done = subprocess.run(
        [sys.executable, "-c", CODE, json.dumps(lines)],
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        check=True,
        text=True,
        timeout=200,
    )
    out, modules = json.loads(done.stdout)
    return out, set(modules)


def test_help_loads_no_library_of_any_command():
    out, modules = ran(["--help"], *([name, "--help"] for name in COMMANDS))
    assert out.count("Usage: ") == 1 + len(COMMANDS)
    assert modules & HEAVY == set()


@pytest.mark.parametrize(
    "line", [["--version"], ["nonsense"], ["tables", "--nonsense"], ["show"], []], ids=" ".join
)
def test_what_is_answered_at_once_loads_nothing(line):
    assert ran(line)[1] & HEAVY == set()


@pytest.mark.parametrize(
    ("begun", "offered"),
    [
        ("chunkbench ta", {"tables"}),
        ("chunkbench tables --f", {"--format"}),
        ("chunkbench compare a b --format ", {"text", "markdown", "html", "json"}),
    ],
)
def test_a_line_is_completed_without_loading_anything(begun, offered):
    environment = {
        "_CHUNKBENCH_COMPLETE": "complete_bash",
        "COMP_WORDS": begun,
        "COMP_CWORD": str(begun.count(" ")),
    }
    out, modules = ran([], **environment)
    assert set(out.split()) == offered
    assert modules & HEAVY == set()


def test_tables_load_no_library_that_draws_fits_or_lays_out(tmp_path):
    """Each takes as long to load as all tables of a small folder to make."""
    write_journal(tmp_path / "made-up", sweep())
    first = ["tables", "--results", str(tmp_path)]
    out, modules = ran(first, [*first, "--all"])
    assert "made-up: " in out
    assert "on made-up, profile laptop" in out
    assert modules & NOT_FOR_TABLES == set()
