"""``chunkbench show``: what is known of a case, as its user reads it."""

from __future__ import annotations

import json
import sys

import pytest

from harness.apps.show import show
from harness.cli import main
from harness.core.records import Case, Pair
from harness.running.plan.case_name import format_case
from tests.reading.ingest.builders import sweep, write_journal

NAME = "random-sum/dask-threads/chunk=1000/size=10000/workers=2/pin=1"


@pytest.fixture
def chunkbench(monkeypatch, capfd, tmp_path):
    """Run the command in this process, in an empty folder: exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["chunkbench", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            main()
        captured = capfd.readouterr()
        return stop.value.code, captured.out, captured.err

    return run


def test_a_case_is_told_in_words(chunkbench):
    code, out, err = chunkbench("show", NAME)
    assert (code, err) == (0, "")
    assert f"case       {NAME}\n" in out
    assert "chunks     10 of shape 1000, 7.81 KiB each\n" in out
    assert "pin        1 (native threads a process: 1)\n" in out
    assert "runs here  yes\n" in out
    assert "measured   no: " in out
    assert "rule" not in out
    assert max(map(len, out.splitlines())) <= 100


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("random-sum/ray-actors/chunk=10/size=100", "ray-actors has no tasks"),
        ("counter-actor/dask-threads/chunk=10/size=100", "dask-threads has no actors"),
        ("blas-product/dask-threads/chunk=5/size=16384", "a chunk must be a square"),
        ("random-sum/dask-synchronous/chunk=5/size=50/workers=2", "runs 1 task at a time"),
        ("random-sum/numpy/chunk=5/size=50", "computes the whole at once"),
        ("random-sum/numpy/size=100000000000000", "bytes of memory"),
    ],
)
def test_a_case_that_cannot_run_here_says_why_and_has_no_script(chunkbench, name, reason):
    code, out, _ = chunkbench("show", name)
    assert code == 0
    assert reason in out.partition("runs here  no: ")[2]
    code, out, err = chunkbench("show", name, "--script")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("chunkbench: no script for ")
    assert reason in err


def test_what_was_measured_is_a_row_a_run(tmp_path):
    """Of this case alone, with the columns of the table of cases."""
    lines = sweep()
    case = next(line.case for line in lines if isinstance(line, Pair))
    write_journal(tmp_path / "m", lines)
    card = show(format_case(case), tmp_path)
    [row] = card.measured
    assert {name: row[name] for name in case.model_dump()} == case.model_dump()
    assert row["run"] == next(line.run for line in lines if isinstance(line, Pair))
    other = case.model_copy(update={"size": case.size + 1})
    assert show(format_case(other), tmp_path).measured == []


def test_a_results_folder_that_is_not_there_is_a_mistake(chunkbench):
    code, out, err = chunkbench("show", NAME, "--results", "nowhere")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "no such results folder" in err


def test_json_is_one_object(chunkbench):
    code, out, _ = chunkbench("show", NAME, "--format", "json")
    card = json.loads(out)
    assert (code, card["name"], card["reason"], card["n_chunks"]) == (0, NAME, None, 10)
    code, out, _ = chunkbench("show", NAME, "--script", "--format", "json")
    answer = json.loads(out)
    assert (code, set(answer)) == (0, {"case", "script"})
    assert format_case(Case.model_validate(answer["case"])) == NAME
    compile(answer["script"], "script", "exec")


def test_a_mistake_in_the_name_is_one_line(chunkbench):
    code, out, err = chunkbench("show", "random-sum/dask-threads/chunk=ten")
    assert (code, out) == (2, "")
    assert err == "chunkbench: chunk='ten' is not a number: give a whole number of at least 1\n"


def test_nothing_is_executed(chunkbench, monkeypatch):
    """Not even the engine is imported."""
    for engine in ("dask", "distributed", "ray"):
        for name in [module for module in sys.modules if module.partition(".")[0] == engine]:
            monkeypatch.delitem(sys.modules, name)
    chunkbench("show", NAME, "--script")
    chunkbench("show", NAME)
    assert not {"dask", "distributed", "ray"} & set(sys.modules)
