"""``chunkbench plan`` and ``run --dry-run``: one object, an exit code, and nothing is measured."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from harness.cli import app
from harness.core.errors import UnknownNameError, UsageError

ROOT = Path(__file__).parents[2]
NIGHT = ["--profile", "nightly", "--suite", "startup"]
DESIGNED = {
    "profile", "cores", "cases", "first_look", "set_ups", "starts", "processes", "budget_seconds",
    "needed_seconds", "suites", "cut",
}  # fmt: skip


@pytest.fixture(autouse=True)
def in_the_clone(monkeypatch):
    monkeypatch.chdir(ROOT)


def answered(*words: str) -> tuple[int, dict[str, Any]]:
    done = CliRunner().invoke(app, [*words, "--format", "json"])
    return done.exit_code, json.loads(done.stdout)


def test_a_plan_is_one_object_and_its_exit_code_says_whether_all_fits():
    code, plan = answered("plan", *NIGHT, "--cores", "16", "--memory", "64GiB", "--budget", "3h")
    assert code == 0
    assert set(plan) >= DESIGNED
    assert (plan["profile"], plan["cores"], plan["memory_bytes"]) == ("nightly", 16, 64 << 30)
    assert plan["first_look"] == plan["cases"] > 0
    assert plan["cut"] == []
    assert set(plan["suites"][0]) >= {"suite", "cases", "first_look", "needed_seconds"}
    code, short = answered("plan", *NIGHT, "--cores", "16", "--budget", "60s")
    assert code == 1
    assert short["first_look"] < short["cases"]
    assert {cut["suite"] for cut in short["cut"]} == {"startup"}


def test_the_text_names_the_budget_that_would_do_and_it_does():
    short = CliRunner().invoke(app, ["plan", *NIGHT, "--cores", "4", "--budget", "60s"])
    assert short.exit_code == 1
    _, _, budget = short.stdout.rstrip().rpartition("--budget ")
    enough = CliRunner().invoke(app, ["plan", *NIGHT, "--cores", "4", "--budget", budget])
    assert enough.exit_code == 0, enough.stdout


def test_numbers_of_workers_as_a_list_are_planned():
    _, plan = answered(
        "plan", *NIGHT, "--cores", "6", "--executor", "dask-threads",
        "--sweep-workers", "1,2,4,..,cores",
    )  # fmt: skip
    assert plan["cases"] == plan["set_ups"] == 4


def test_a_dry_run_measures_nothing_and_says_what_plan_says(tmp_path):
    words = [*NIGHT, "--budget", "10m"]
    dry = answered("run", *words, "--dry-run", "--results", str(tmp_path / "r"))
    assert dry == answered("plan", *words)
    assert not (tmp_path / "r").exists()


@pytest.mark.parametrize(
    ("words", "error", "text"),
    [
        (["--suite", "nothing"], UnknownNameError, "unknown suite 'nothing'"),
        (["--profile", "weekly"], UnknownNameError, "unknown profile 'weekly'"),
        (["--memory", "much"], UsageError, "write for example 16G"),
        (["--budget", "soon"], UsageError, "is not a duration"),
        (["--sweep-workers", "all"], UsageError, "is no list of workers"),
    ],
)
def test_a_mistake_is_one_line(words, error, text):
    done = CliRunner().invoke(app, ["plan", *words])
    assert isinstance(done.exception, error)
    assert text in str(done.exception)
