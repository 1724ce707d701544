"""The command ``gate``: its exit codes, its files, and what it refuses."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import pytest
from typer.testing import CliRunner

from harness.apps.duelling import read_duel
from harness.cli import app
from harness.core.errors import UsageError
from tests.apps.test_duelling import planted

AGAINST = ["gate", "--against", "dask==2024.8.0"]


@pytest.fixture
def measured(tmp_path, monkeypatch):
    """Have every duel find that B takes so many times as long; what it was asked for."""
    asked: list[dict[str, object]] = []

    def make(slower: float, *, most: float = 0.01):
        def duel(a, b, cases, *, least_ratio, **more):
            asked.append({"a": a, "b": b, "least_ratio": least_ratio, **more})
            return read_duel(planted(tmp_path, slower), most, least_ratio)

        monkeypatch.setattr("harness.apps.duelling.duel", duel)
        return asked

    return make


@pytest.mark.parametrize(("slower", "code"), [(1.5, 1), (1.0, 0)])
def test_the_exit_code_says_whether_it_has_become_slower(measured, slower, code):
    [asked] = [measured(slower)]
    done = CliRunner().invoke(app, [*AGAINST, "--rise", "25%"])
    assert done.exit_code == code, done.output
    assert (asked[0]["a"], asked[0]["b"]) == ("dask==2024.8.0", "here")
    assert asked[0]["least_ratio"] == 1.25
    assert asked[0]["most_false_alarms"] == 0.01


def test_the_file_and_the_annotations_are_written_before_it_fails(measured, tmp_path, monkeypatch):
    measured(1.5)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    file = tmp_path / "gate.xml"
    done = CliRunner().invoke(app, [*AGAINST, "--junit", str(file), "--format", "json"])
    assert done.exit_code == 1
    assert json.loads(done.stdout)["rows"][0]["outcome"] == "risen"
    assert done.stderr.startswith("::error title=chunkbench gate::")
    assert ET.parse(file).getroot().attrib["failures"] == "1"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--rise", "0"], "noise alone"),
        (["--rise", "much"], "write for example 20%"),
        (["--rise", "20%%"], "write for example 20%"),
        (["--rise", "nan"], "write for example 20%"),
        (["--junit", "nowhere/gate.xml"], "there is no folder"),
        (["--side", "pin=9"], "unknown pin"),
        (["--max-false-alarms", "2"], "a chance of 2.0 is none"),
    ],
)
def test_what_cannot_be_is_one_line_before_anything_is_measured(words, message, tmp_path):
    done = CliRunner().invoke(
        app, ["gate", "--against", "here", *words, "--results", str(tmp_path)]
    )
    assert isinstance(done.exception, UsageError)
    assert message in str(done.exception)
    assert not list(tmp_path.iterdir())
