"""``chunkbench efficiency``: files, standard input, ``--job``; one object, exit codes."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from harness.cli import main
from tests.reading.ingest.accounting.listed import FILES, FOLDER

LESSON = FOLDER / "lesson.qacct"


@pytest.fixture
def asked(monkeypatch, capfd, tmp_path):
    """Run the command in an empty folder: exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments, stdin=b""):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        monkeypatch.setattr(sys, "argv", ["chunkbench", "efficiency", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            main()
        captured = capfd.readouterr()
        return stop.value.code, captured.out, captured.err

    return run


def test_the_lessons_three_jobs(asked):
    code, out, err = asked(LESSON)
    assert (code, err) == (0, "")
    assert all(share in out for share in ("95.1 %", "87.3 %", "13.1 %"))
    assert "1.05 cores at work, 30 366 involuntary context switches" in out


def test_the_page_on_efficiency_shows_what_is_printed(asked, monkeypatch):
    monkeypatch.chdir(FOLDER)
    page = (Path(__file__).parents[2] / "docs/efficiency.md").read_text()
    printed = page.partition("$ chunkbench efficiency lesson.qacct\n")[2].partition("\n```")[0]
    assert asked("lesson.qacct")[1].rstrip() == printed


def test_one_object_for_all_files_and_standard_input(asked):
    code, out, err = asked(*FILES, "-", "--format", "json", stdin=LESSON.read_bytes())
    jobs = json.loads(out)["jobs"]
    assert (code, err) == (0, "")
    sources = {path.suffix[1:] for path in FILES}
    assert {job["source"] for job in jobs} == sources
    assert [job["job_id"] for job in jobs if job["file"] == "standard input"] == [
        "3526684",
        "3524073",
        "3524046",
    ]


def test_a_job_is_asked_for(asked, tmp_path, monkeypatch):
    (tmp_path / "sacct").write_text(f"#!/bin/sh\n/bin/cat {FOLDER / 'jobs.sacct-parsable'}\n")
    (tmp_path / "sacct").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    code, out, err = asked("--job", "3526684")
    assert (code, err) == (0, "")
    assert "sacct 3526684:2" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "give either listings (FILE..., or -) or --job ID"),
        ((LESSON, "--job", "1"), "give either listings (FILE..., or -) or --job ID"),
        (("nowhere",), "'nowhere' cannot be read: No such file or directory: check the path"),
        ((".",), "'.' cannot be read: Is a directory: check the path"),
        (("-",), "standard input:1: empty"),
        ((LESSON, "--source", "seff"), "no job in this listing of seff"),
        ((LESSON, "--source", "abacus"), "unknown source 'abacus': choose one of auto, lsf"),
        (("--job", "1", "--source", "lsf"), "unknown source for --job 'lsf'"),
        (("--job", "-h"), "'-h' is not a job's id"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(asked, arguments, message):
    code, out, err = asked(*arguments)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert message in err
