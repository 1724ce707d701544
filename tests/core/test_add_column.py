"""A column is its row in the schema and its computation: nothing else has to be edited for it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from harness.core import schema
from tests.reading.ingest.builders import sweep, write_journal

ROOT = Path(__file__).parents[2]
EDITS = {
    "harness/core/schema/measured_tables.py": (
        "speedup without the flagged rounds",
        'Column("fastest_seconds", "float64", "s", "shortest call of the case"),',
    ),
    "harness/reading/analysis/verdict/case_estimates.py": (
        'found["speedup_unflagged"] = ',
        'found["fastest_seconds"] = each(seconds["seconds"], lambda table: table.min(axis=1))',
    ),
}
"""File to a part of the line that the new one comes after, and the new line."""

SHOW = """
import json, sys
import harness
from docs.generate import PAGES
from harness.cli import app
from typer.testing import CliRunner

def table(style):
    done = CliRunner().invoke(app, ["tables", "--results", sys.argv[1], "--format", style])
    assert done.exit_code == 0, done.output
    return done.stdout

column = harness.read_results(sys.argv[1]).cases["fastest_seconds"]
shown = {"dtype": str(column.dtype), "values": column.dropna().tolist()}
shown |= {style: table(style) for style in ("csv", "json")}
print(json.dumps(shown | {"page": PAGES["journal.md"]()}))
"""


def add_line(path: Path, before: str, line: str) -> None:
    """Put *line* behind the one line that has *before* in it, as far to the right."""
    lines = path.read_text("utf-8").splitlines(keepends=True)
    [place] = [i for i, text in enumerate(lines) if before in text]
    indent = lines[place][: -len(lines[place].lstrip())]
    lines.insert(place + 1, f"{indent}{line}\n")
    path.write_text("".join(lines), "utf-8")


@pytest.mark.e2e
def test_a_new_column_is_two_lines(tmp_path):
    """It is then in the frame, in the csv and json tables, and on the page of columns."""
    copy, results = tmp_path / "copy", tmp_path / "results"
    for folder in ("harness", "docs"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    write_journal(results / "made-up", sweep())
    for file, (before, line) in EDITS.items():
        add_line(copy / file, before, line)

    command = [sys.executable, "-B", "-c", SHOW, str(results)]
    env = os.environ | {"PYTHONPATH": str(copy)}
    done = subprocess.run(command, cwd=copy, env=env, capture_output=True, text=True, check=True)
    shown = json.loads(done.stdout)
    assert shown["dtype"] == "float64"
    assert len(shown["values"]) == 4
    assert min(shown["values"]) > 0
    assert ",speedup_unflagged,fastest_seconds,flagged," in shown["csv"]
    rows = json.loads(shown["json"])["cases"]
    assert [row["fastest_seconds"] for row in rows if row["rounds"]] == shown["values"]
    assert "| `fastest_seconds` | s | shortest call of the case |" in shown["page"]

    files = [path.relative_to(copy) for path in copy.rglob("*") if path.is_file()]
    edited = [file for file in files if (copy / file).read_bytes() != (ROOT / file).read_bytes()]
    assert sorted(map(str, edited)) == sorted(EDITS)


def test_no_table_has_a_column_twice():
    for table in schema.TABLES:
        names = schema.names(table)
        assert len(names) == len(set(names)), table
