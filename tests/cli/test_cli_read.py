"""``chunkbench read``: timings of others come in, are shown, and lie beside what was measured."""

from __future__ import annotations

import json
import sys

import pytest

from harness.apps.folders.merge import merge
from harness.cli import main
from harness.reading.report.archive import every_table
from harness.reading.report.figures import unpaired_times

TABLE = "block,workers,n,wall\n100,1,10,4.0\n100,2,10,2.5\n10,1,100,4.4\n10,2,100,3.0\n"
COLUMNS = "chunk=block,workers=workers,tasks=n,seconds=wall"


@pytest.fixture
def run(monkeypatch, capfd, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sweep.csv").write_text(TABLE)

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["chunkbench", *arguments])
        with pytest.raises(SystemExit) as stop:
            main()
        captured = capfd.readouterr()
        return stop.value.code, captured.out, captured.err

    return call


def test_timings_are_kept_and_every_report_has_them_without_a_verdict(run, tmp_path):
    code, out, err = run("read", "sweep.csv", "--columns", COLUMNS, "--machine", "theirs")
    assert (code, err) == (0, "")
    assert "4 timings of sweep.csv are kept in results/theirs/timings/sweep.json" in out
    assert "4 timings of others, without a verdict: --all shows them" in run("tables")[1]
    code, shown, _ = run("tables", "--all")
    headings = [line for line in shown.splitlines() if line and set(line) == {"="}]
    assert len(headings) == 3  # METG, scaling and the timings: none that only pairs can fill
    assert "unpaired timings (no verdict)" in shown
    tables = every_table(tmp_path / "results")
    assert tables["cases"]["verdict"].isna().all()
    assert len(tables["cases"]) == 4
    assert tables["history"].empty
    planned = [*unpaired_times.planned(tables.fresh)]
    assert [plan.what for plan in planned] == ["timings-by-chunk", "timings-by-workers"]
    assert all(plan.drawn().figure.axes for plan in planned)


def test_a_dry_run_keeps_nothing_and_json_is_one_object(run, tmp_path):
    code, out, _ = run("read", "sweep.csv", "--columns", COLUMNS, "--dry-run", "--format", "json")
    answer = json.loads(out)
    assert (code, answer["path"], len(answer["cases"])) == (0, None, 4)
    assert answer["scaling"][1]["speedup"] == pytest.approx(1.6)
    assert not (tmp_path / "results").exists()


def test_the_same_table_again_replaces_it_and_another_of_its_name_is_refused(run, tmp_path):
    arguments = ("read", "sweep.csv", "--columns", COLUMNS, "--machine", "theirs")
    assert run(*arguments)[0] == run(*arguments)[0] == 0
    (tmp_path / "sweep.tsv").write_text(TABLE)
    code, _, err = run("read", "sweep.tsv", "--columns", COLUMNS, "--machine", "theirs")
    assert (code, err.count("\n")) == (2, 1)
    assert "holds other timings: name this machine by --machine" in err


def test_timings_are_merged_as_they_are(run, tmp_path):
    run("read", "sweep.csv", "--columns", COLUMNS, "--machine", "theirs")
    merge([tmp_path / "results"], tmp_path / "all")
    kept = "theirs/timings/sweep.json"
    assert (tmp_path / "all" / kept).read_bytes() == (tmp_path / "results" / kept).read_bytes()


def test_a_file_that_no_reader_knows_is_named(run, tmp_path):
    (tmp_path / "results").mkdir()
    (tmp_path / "results/sweep.csv").write_text(TABLE)
    (tmp_path / "results/notes.txt").write_text("what I saw")
    code, _, err = run("tables")
    assert code == 0
    assert "results/sweep.csv: not read: bring in a table of timings with chunkbench read" in err
    assert "results/notes.txt: no reader knows what this is" in err
