"""The command: one line for every mistake, one JSON object for every answer, exit codes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer.main

from harness import __version__
from harness.cli import app, main
from harness.core.errors import InputError
from harness.core.records import Verdict
from harness.running.executors import REGISTRY, not_run
from tests.reading.ingest.builders import pair, run_info, sweep, write_journal

ROOT = Path(__file__).parents[2]
GROUP: Any = typer.main.get_command(app)
COMMANDS = sorted(GROUP.commands)
PROGRESS = re.compile(r"\d+/\d+ pairs, about .* left: |plan: |planned by cost: |spent: |so far: ")
ACROSS = {"dask-mpi", "dask-slurm", "dask-sge", "dask-attached", "ray-attached"}  # nodes
ESTIMATE = {"point", "low", "high", "level", "n", "interval"}


@pytest.fixture
def chunkbench(monkeypatch, capfd, tmp_path):
    """Run the command in this process, in an empty folder: exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["chunkbench", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            main()
        captured = capfd.readouterr()
        return stop.value.code, captured.out, captured.err

    return run


def as_user(*arguments, cwd, **environment):
    """The command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "harness", *map(str, arguments)],
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=200,
    )


def damaged(folder, line, name="20260101T000000Z-settle-0000.jsonl"):
    """A results folder with a journal whose second line is *line*."""
    path = folder / "results/m/journal" / name
    path.parent.mkdir(parents=True)
    info = run_info(run=path.stem, suite="settle", profile="exercise").model_dump_json()
    path.write_text(f"{info}\n{line}\n{line}\n")
    return folder / "results"


# --- bad input


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["tables", "--results", "nowhere"], "no such results folder"),
        (["figures", "--results", "nowhere"], "no such results folder"),
        (["compare", "a", "b"], "no such results folder"),
        (["compare", "a"], "Missing argument 'b'"),
        (["settle", "--workers", "0"], "give at least 1"),
        (["settle", "--workers", "-3"], "give at least 1"),
        (["settle", "--workers", "two"], "'--workers': Input should be a valid integer"),
        (["settle", "--executor", "numpy"], "not a Dask executor"),
        (["settle", "--executor", "dask-thread"], "unknown executor 'dask-thread'"),
        (["settle", "--profile", "weekly"], "unknown profile 'weekly'"),
        (["settle", "--format", "csv"], "csv"),
        (["settle", "now"], "now"),
        (["trace"], "Missing argument 'case'"),
        (["trace", "random-sum"], "write WORKLOAD/EXECUTOR/chunk=N"),
        (["trace", "random-sum/dask-thread/chunk=10"], "unknown executor 'dask-thread'"),
        (["trace", "random-sum/thread-pool"], "has no chunk"),
        (["trace", "random-sum/thread-pool/chunk=10"], "1000000 tasks, and a trace holds 100000"),
        (["trace", "startup/thread-pool/chunk=1"], "a start-up has no tasks"),
        (["trace", "futures-delayed/ray-tasks/chunk=10"], "ray-tasks has no delayed"),
        (["trace", "spin-task/thread-pool/chunk=9", "--rounds", "0"], "'--rounds'"),
        (["run", "--profile", "weekly"], "unknown profile 'weekly'"),
        (["run", "--budget", "soon"], "'soon' is not a duration"),
        (["run"], "no asv.conf.json here or above"),
        (["publish"], "no such results folder"),
        (["publish", "--tables", "nowhere"], "has no cases.parquet"),
        (["tables", "--format", "xml"], "xml"),
        (["settel"], "settel"),
        (["settle", "--chunks", "3"], "--chunks"),
        (["settle", "--workers"], "--workers"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_is_one_line_and_exit_code_2(chunkbench, arguments, said):
    """What is wrong and what to do, on stderr; nothing on stdout, no traceback, not "a bug"."""
    code, out, err = chunkbench(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("chunkbench: ")
    assert err.count("\n") == 1
    assert err.endswith("\n")
    assert said in err
    assert "Traceback" not in err
    assert "a bug" not in err


def test_an_unknown_suite_is_refused_with_those_that_exist(chunkbench, monkeypatch):
    monkeypatch.chdir(ROOT)
    code, out, err = chunkbench("run", "--suite", "many_chunks", "--machine", "m")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "unknown suite 'many_chunks'" in err
    assert "many_vs_few_chunks" in err


@pytest.mark.parametrize("line", ['{"v":1,"kind":"pa', "{}", '{"v":99,"kind":"pair"}', "\x00"])
@pytest.mark.parametrize(
    "command", [["tables"], ["figures"], ["settle", "--resume", "--machine", "m"]], ids=" ".join
)
def test_a_damaged_journal_is_named_with_its_line(chunkbench, tmp_path, command, line):
    results = damaged(tmp_path, line)
    code, out, err = chunkbench(*command, "--results", results)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "20260101T000000Z-settle-0000.jsonl, line 2: " in err
    assert "Traceback" not in err
    assert "a bug" not in err


@pytest.mark.e2e
@pytest.mark.parametrize(
    "arguments",
    [
        ["tables", "--results", "file"],
        ["settle", "--profile", "smoke", "--results", "file"],
        ["tables", "--results", "results", "--out", "file", "--format", "csv"],
        ["figures", "--results", "results", "--out", "file"],
        ["settle", "--profile", "smoke", "--machine", "a/b"],
        ["settle", "--profile", "smoke", "--machine", ".."],
    ],
    ids=" ".join,
)
def test_a_path_that_cannot_be_used_is_a_mistake_and_no_bug(chunkbench, tmp_path, arguments):
    """A file where a folder is wanted, and a machine's name that is no name of a folder."""
    (tmp_path / "file").write_text("not a folder")
    write_journal(tmp_path / "results/m", sweep())
    code, out, err = chunkbench(*arguments)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert "a bug" not in err


def test_no_command_shows_what_there_is(chunkbench):
    code, out, err = chunkbench()
    assert code == 2
    assert all(command in out + err for command in COMMANDS)
    assert "Traceback" not in err


@pytest.mark.e2e
def test_debug_shows_the_traceback(chunkbench, tmp_path, monkeypatch):
    """Only with --debug; the exit code then is Python's."""
    done = as_user("--debug", "tables", "--results", "nowhere", cwd=tmp_path)
    assert done.returncode != 0
    assert done.stderr.startswith("Traceback")
    assert "InputError" in done.stderr
    monkeypatch.setattr(sys, "argv", ["chunkbench", "--debug", "tables", "--results", "nowhere"])
    with pytest.raises(InputError):
        main()


def test_a_bug_is_one_line_too(chunkbench, monkeypatch):
    """An error that nobody foresaw asks to be reported, and shows its traceback with --debug."""

    def broken():
        raise ZeroDivisionError("by naught")

    monkeypatch.setattr("harness.running.executors.systems", broken)
    code, out, err = chunkbench("systems")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "ZeroDivisionError: by naught (a bug: run again with --debug" in err
    monkeypatch.setattr(sys, "argv", ["chunkbench", "--debug", "systems"])
    with pytest.raises(ZeroDivisionError):
        main()


def test_ctrl_c_is_one_line_and_exit_code_130(chunkbench, monkeypatch):
    def interrupted():
        raise KeyboardInterrupt

    monkeypatch.setattr("harness.running.executors.systems", interrupted)
    assert chunkbench("systems") == (130, "", "chunkbench: stopped\n")


# --- help


def test_every_command_of_this_version_is_known():
    """Those that are left out here are not checked below."""
    known = {"settle", "run", "tables", "figures", "compare", "publish", "systems", "doctor"}
    assert known <= set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example_and_a_json_format(chunkbench, monkeypatch, command):
    """The example uses only options that the command has."""
    monkeypatch.setenv("COLUMNS", "200")
    code, out, err = chunkbench(command, "--help")
    assert (code, err) == (0, "")
    [example] = re.findall(rf"Example: chunkbench {command}\b(.*)", out)
    for option in re.findall(r"--[a-z-]+", example):
        assert out.count(option) > 1
    assert "--format" in out
    assert "json" in out


def test_help_lists_every_command_with_its_whole_first_sentence(chunkbench, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    code, out, err = chunkbench("--help")
    assert (code, err) == (0, "")
    words = " ".join(out.split())
    for name, command in GROUP.commands.items():
        sentence = command.help.partition("\n\n")[0]
        assert f"{name} {' '.join(sentence.split())}" in words


def test_the_version_is_printed(chunkbench):
    assert chunkbench("--version") == (0, f"chunkbench {__version__}\n", "")


# --- JSON


def test_systems_are_one_object_with_the_contracts_keys(chunkbench):
    code, out, err = chunkbench("systems", "--format", "json")
    assert (code, err) == (0, "")
    answer = json.loads(out)
    assert set(answer) == {"systems"}
    names = [row["name"] for row in answer["systems"] if row["kind"] != not_run.KIND]
    assert sorted(names) == sorted(REGISTRY.names())
    facts = {"name", "kind", "available", "version", "reason", "spans_machines", "environment"}
    for row in answer["systems"]:
        assert set(row) == facts
        assert row["available"] is (row["reason"] is None)
        assert row["spans_machines"] is (row["name"] in ACROSS)


def test_systems_say_how_to_get_what_is_missing(chunkbench, monkeypatch):
    monkeypatch.setattr("harness.running.executors.ray_tasks.RayTasks.needs", ("no_such_engine",))
    _, out, _ = chunkbench("systems", "--format", "json")
    [row] = [row for row in json.loads(out)["systems"] if row["name"] == "ray-tasks"]
    assert (row["available"], row["version"]) == (False, None)
    assert "pip install" in row["reason"]
    code, out, _ = chunkbench("systems")
    assert code == 0
    assert "not available: no_such_engine not installed" in out


def test_systems_list_what_is_not_run_with_the_reason(chunkbench):
    """And not what an executor has come for."""
    code, out, _ = chunkbench("systems")
    assert code == 0
    for name in ("hadoop-streaming", "streamparse", "free-threaded-cpython", "mars", "bodo"):
        assert re.search(rf"^{name} +{not_run.KIND} +not available: \w.{{20,}}$", out, re.MULTILINE)


def test_an_unknown_environment_is_refused_with_the_most_similar(chunkbench):
    code, out, err = chunkbench("systems", "--install", "polar")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "unknown environment 'polar': did you mean polars? There are " in err


@pytest.mark.e2e
def test_the_doctors_answer_is_one_object_and_its_exit_code(chunkbench):
    """Exit code 1 says that the machine is not fit, and every bad finding says what to do."""
    code, out, err = chunkbench("doctor", "--format", "json")
    assert err == ""
    answer = json.loads(out)
    assert set(answer) == {"fit", "checks"}
    assert code == (0 if answer["fit"] else 1)
    assert answer["fit"] is all(check["fit"] for check in answer["checks"])
    names = [check["name"] for check in answer["checks"]]
    assert {"usable cores", "memory", "pins", "noise"} <= set(names)
    assert len(set(names)) == len(names)
    for check in answer["checks"]:
        assert set(check) == {"name", "fit", "found", "advice"}
        assert check["found"]
        assert check["advice"]
    assert next(check["fit"] for check in answer["checks"] if check["name"] == "pins")


@pytest.mark.e2e
def test_tables_are_one_object_and_notes_go_to_stderr(chunkbench, tmp_path):
    """A truncated last line is dropped with a note that does not spoil the object."""
    path = write_journal(tmp_path / "results/m", sweep())
    with path.open("a") as file:
        file.write(pair().model_dump_json()[:50])
    code, out, err = chunkbench("tables", "--format", "json")
    assert code == 0
    assert {"cases", "break_even"} <= set(json.loads(out))
    assert "cut off" in err
    assert "NaN" not in out


@pytest.mark.e2e
def test_tables_of_an_empty_folder_are_empty(chunkbench, tmp_path):
    (tmp_path / "results").mkdir()
    code, out, err = chunkbench("tables", "--format", "json")
    assert (code, err) == (0, "")
    assert all(rows == [] for rows in json.loads(out).values())


@pytest.mark.e2e
def test_parquet_goes_to_files_only(chunkbench, tmp_path):
    write_journal(tmp_path / "results/m", sweep())
    code, out, err = chunkbench("tables", "--format", "parquet")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "--out FOLDER" in err
    code, out, err = chunkbench("tables", "--format", "parquet", "--out", "t")
    assert (code, err) == (0, "")
    assert {Path(line).name for line in out.split()} >= {"cases.parquet", "contrasts.parquet"}
    assert all((tmp_path / line).read_bytes()[:4] == b"PAR1" for line in out.split())


@pytest.mark.e2e
def test_figures_come_with_their_text(chunkbench, tmp_path):
    write_journal(tmp_path / "results/m", sweep())
    code, out, err = chunkbench("figures", "--format", "json")
    assert (code, err) == (0, "")
    answer = json.loads(out)
    assert set(answer["alt"]) == set(answer["figures"])
    assert all((tmp_path / path).stat().st_size > 0 for path in answer["figures"])
    assert all("random-sum" in words for words in answer["alt"].values())


@pytest.mark.e2e
def test_machines_are_compared(chunkbench, tmp_path):
    for machine, run in (("one", "r1"), ("two", "r2")):
        lines = [line.model_copy(update={"run": run}) for line in sweep()]
        write_journal(tmp_path / "results" / machine, lines, name=run)
    code, out, err = chunkbench("compare", "one", "two", "--format", "json")
    assert (code, err) == (0, "")
    assert {"a", "b", "over_cases", "changed", "cases", "groups"} == set(json.loads(out))
    code, out, err = chunkbench("compare", "one", "two")
    assert (code, err) == (0, "")
    assert out.startswith("over 4 common cases B takes 1.00 times as long as A")
    assert "A is one: 1 run (r1)" in out
    code, out, err = chunkbench("compare", "one", "three")
    assert (code, out) == (2, "")
    assert "choose one of one, r1, r2, two" in err


# --- settle, as a user does

TRAP = """
import os, pathlib
pathlib.Path(os.path.dirname(__file__), "..", f"imported-{os.getpid()}").touch()
raise ImportError("a trap: nobody was to import Ray")
"""


@pytest.fixture(scope="module")
def trap(tmp_path_factory):
    """A folder with a ``ray`` that leaves a file wherever a process imports it."""
    folder = tmp_path_factory.mktemp("trap")
    (folder / "ray").mkdir()
    (folder / "ray/__init__.py").write_text(TRAP)
    return folder


def imports(folder):
    return list(folder.glob("imported-*"))


@pytest.fixture(scope="module")
def settled(trap, tmp_path_factory):
    """The exercise in its smoke profile, with neither Git nor ASV nor anything else on PATH."""
    folder = tmp_path_factory.mktemp("user")
    (folder / "bin").mkdir()
    done = as_user(
        "settle",
        "--profile",
        "smoke",
        "--format",
        "json",
        "--machine",
        "m",
        cwd=folder,
        HOME=str(folder),
        PATH=str(folder / "bin"),
        PYTHONPATH=f"{trap}{os.pathsep}{ROOT}",
    )
    assert done.returncode == 0, done.stderr
    return folder, done


@pytest.mark.e2e
def test_settle_answers_without_git_and_asv(settled):
    """Only progress on stderr, the journal is where it says, and nothing else is left."""
    folder, done = settled
    answer = json.loads(done.stdout)
    assert [line for line in done.stderr.splitlines() if not PROGRESS.match(line)] == []
    assert [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()] == [
        f"results/m/journal/{answer['journal']}"
    ]


@pytest.mark.e2e
def test_settle_imports_no_ray_in_any_process(settled, trap):
    """The exercise is about Dask and NumPy; the trap is seen to work."""
    assert imports(trap) == []
    done = subprocess.run(
        [sys.executable, "-c", "import ray"],
        env=os.environ | {"PYTHONPATH": str(trap)},
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 1
    [mark] = imports(trap)
    mark.unlink()


@pytest.mark.e2e
def test_settle_answers_in_the_contracts_shape(settled):
    """An estimate is never a bare number, unknown is null, and the rounds are those planned."""
    answer = json.loads(settled[1].stdout)
    assert {
        "machine",
        "rows",
        "break_even_chunk",
        "sentences",
        "best_chunk",
        "rounds",
        "seconds_spent",
    } <= set(answer)
    assert answer["machine"]["name"] == "m"
    examples = [row["example"] for row in answer["rows"]]
    assert set(examples) <= {"many", "few", "numpy", "numpy-as-written", "best"}
    assert {"many", "few", "numpy", "numpy-as-written"} <= set(examples)
    assert len(set(examples)) == len(examples)
    for row in answer["rows"]:
        assert {
            "example",
            "chunk",
            "n_chunks",
            "n_tasks",
            "seconds",
            "speedup",
            "overhead_us_per_task",
            "verdict",
        } <= set(row)
        for name in ("seconds", "speedup"):
            assert set(row[name]) == ESTIMATE
            assert row[name]["n"] == 2
            assert row[name]["point"] > 0
        assert row["overhead_us_per_task"] is None or set(row["overhead_us_per_task"]) == ESTIMATE
        assert row["status"] == "ok"
        assert row["verdict"] in set(Verdict)
        assert row["rounds"] == 2
        assert row["speedup"]["interval"] == "moderated t"  # what two rounds have (rule 19)
        assert row["speedup_least"] <= row["speedup"]["point"] <= row["speedup_most"]
    chunks = {row["example"]: row["chunk"] for row in answer["rows"]}
    assert (chunks["many"], chunks["few"]) == (1_000, 100_000)
    assert set(answer["break_even_chunk"]) >= {"status", "point", "low", "high"}
    assert set(answer["best_chunk"]) == {"recommended", "set", "fresh_speedup", "confirmed"}
    assert answer["refined"] == {"chunks_added": None, "pairs_saved": None}
    assert len(answer["sentences"]) == 2
    assert answer["rounds"] == 2
    assert 0 < answer["seconds_spent"] < 120
