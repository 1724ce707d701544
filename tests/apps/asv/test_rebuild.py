"""ASV's files, rebuilt from journals: what ASV itself would have saved, at any time."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from asv.results import Results, iter_results_for_machine

from harness.apps.asv import results as asv_results
from harness.apps.asv.asv_file import RUNS
from harness.apps.asv.rebuild import rebuild
from harness.apps.folders.compact import compact
from harness.cli import main
from harness.core.errors import ChunkbenchError, InputError, UsageError
from harness.reading.report.analysed import analysed

ROOT = Path(__file__).resolve().parents[3]
COMMITTED = ROOT / "results"
MACHINE = "reference-2core"
[_SAVED] = COMMITTED.glob(f"{MACHINE}/*-virtualenv-*.json")
FILE = f"{MACHINE}/{_SAVED.name}"
NO_RESULT, ONE_RESULT = 2, 3
"""Lines of a journal with no pair yet, and with one."""


@pytest.fixture(autouse=True)
def _in_the_clone(monkeypatch):
    monkeypatch.chdir(ROOT)
    for name in ("CHUNKBENCH_EXECUTORS", "CHUNKBENCH_WORKERS", "CHUNKBENCH_MACHINE"):
        monkeypatch.delenv(name, raising=False)


def journal_of(suite: str) -> Path:
    return sorted(COMMITTED.glob(f"{MACHINE}/journal/*-{suite}-*.jsonl"))[0]


def copied(folder: Path, suite: str, *, stamp: str = "", lines: int | None = None) -> str:
    """Copy a committed journal of *suite*, as a run of another moment or its first *lines*; the
    run's name."""
    path = journal_of(suite)
    run = stamp + path.stem[len(stamp) :]
    text = path.read_text().replace(path.stem, run)
    if lines is not None:
        whole = text.splitlines(keepends=True)
        text = "".join(whole[:lines]) + whole[lines][:100]  # killed while it wrote a line
    (folder / MACHINE / "journal").mkdir(parents=True, exist_ok=True)
    (folder / MACHINE / "journal" / f"{run}.jsonl").write_text(text)
    return run


def same(first: object, second: object) -> bool:
    """Equal, where not-a-number equals itself; unlike ``==`` on its own."""
    return json.dumps(first) == json.dumps(second)


@pytest.mark.e2e
def test_the_committed_file_is_what_its_journals_give(tmp_path):
    """Of every benchmark, and what ASV knows of commit and machine. That ASV itself saves the same:
    ``tests/e2e/test_asv.py``."""
    rebuilt = rebuild(COMMITTED, tmp_path, commit=_SAVED.name.partition("-")[0])
    assert [*rebuilt.files] == [tmp_path / FILE]
    ours = Results.load(str(tmp_path / FILE), machine_name=MACHINE)
    committed = Results.load(str(COMMITTED / FILE), machine_name=MACHINE)
    assert sorted(ours.get_all_result_keys()) == sorted(committed.get_all_result_keys())
    for name in ours.get_all_result_keys():
        axes = ours.get_result_params(name)
        assert committed.get_result_params(name) == axes
        for told in ("get_result_value", "get_result_samples", "get_result_stats"):
            assert same(getattr(ours, told)(name, axes), getattr(committed, told)(name, axes)), name
    for fact in ("commit_hash", "date", "env_name", "env_vars", "_python"):
        assert getattr(ours, fact) == getattr(committed, fact), fact
    machine = json.loads((tmp_path / MACHINE / "machine.json").read_text())
    assert machine == json.loads((COMMITTED / MACHINE / "machine.json").read_text())


def asv(folder: Path, *arguments: str) -> str:
    """What ASV prints of the results in a folder."""
    conf = asv_results.configuration(ROOT, folder)
    command = [sys.executable, "-m", "asv", *arguments, "--config", str(conf)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-1000:]
    return done.stdout


@pytest.mark.e2e
def test_asv_shows_and_publishes_a_run_that_was_killed(tmp_path):
    """Half of a journal, cut off in mid-line: what it has is shown, all else is n/a."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: ASV looks commits up")
    copied(tmp_path / "results", "startup", lines=ONE_RESULT + 1)
    [file] = rebuild(tmp_path / "results").files
    [read] = iter_results_for_machine(str(tmp_path / "results"), MACHINE)
    name = "startup.Startup.track_seconds"
    [executors, workers, pins, chunks] = read.get_result_params(name)
    values = read.get_result_value(name, [executors, workers, pins, chunks])
    assert (executors[0], pins, chunks) == ("'process-pool'", ["'1'"], ["1"])
    assert len(executors) > 1
    assert 0 < sum(not math.isnan(value) for value in values) < len(values)
    assert len(values) == len(executors) * len(workers)
    shown = asv(tmp_path, "show", read.commit_hash, "--machine", MACHINE)
    assert name in shown
    assert "n/a" in shown
    assert "failed" not in shown
    assert file.name.startswith(read.commit_hash[:8])
    asv(tmp_path, "publish", "--html-dir", str(tmp_path / "html"))
    assert list(tmp_path.glob(f"html/graphs/**/{name}.json"))


def test_the_suites_are_found_where_the_path_names_the_clone(tmp_path, monkeypatch):
    """ASV takes what PYTHONPATH names off the path, also where the installed clone is there."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.delenv("ASV_PYTHONPATH", raising=False)
    copied(tmp_path, "startup")
    assert rebuild(tmp_path).files


def test_of_several_nights_the_newest_is_in_the_file_and_all_are_in_the_history(tmp_path):
    """ASV keeps one result of a commit that did not change; the journals keep every night."""
    nights = [copied(tmp_path, "startup", stamp=f"202612{day:02d}") for day in (3, 1, 2)]
    rebuilt = rebuild(tmp_path)
    assert [*rebuilt.files.values()] == [[max(nights)]]
    assert set(rebuilt.left_out) == set(nights) - {max(nights)}
    shown = analysed(tmp_path).table("history")
    series = shown[(shown["executor"] == "ray-tasks") & (shown["figure"] == "seconds")]
    assert series["run"].tolist() == sorted(nights)
    assert series["value"].notna().all()


def test_compacted_journals_give_the_same_file(tmp_path):
    """ASV's files can be rebuilt of every night, however its journal is kept."""
    copied(tmp_path, "startup")
    [file] = rebuild(tmp_path, tmp_path / "of-journals").files
    compact(tmp_path, judge=False)
    [again] = rebuild(tmp_path, tmp_path / "of-parts").files
    assert again.name == file.name
    assert json.loads(again.read_text())["results"] == json.loads(file.read_text())["results"]


def test_a_run_on_another_python_is_no_result_of_this_machine_to_asv(tmp_path):
    """ASV knows machine, commit and version of Python alone: it would be the next night."""
    whole = copied(tmp_path, "startup")
    other = copied(tmp_path, "startup", stamp="20261201")
    path = tmp_path / MACHINE / "journal" / f"{other}.jsonl"
    first, _, rest = path.read_text().partition("\n")
    path.write_text(json.dumps(json.loads(first) | {"environment": "CPython 3.11.7"}) + "\n" + rest)
    rebuilt = rebuild(tmp_path)
    assert [*rebuilt.files.values()] == [[whole]]
    assert rebuilt.left_out == {other: "it was measured on another Python: CPython 3.11.7"}


def test_a_newest_night_without_any_result_stands_back(tmp_path):
    """It was killed before its first pair."""
    whole = copied(tmp_path, "startup")
    killed = copied(tmp_path, "startup", stamp="20261201", lines=NO_RESULT)
    rebuilt = rebuild(tmp_path)
    assert [*rebuilt.files.values()] == [[whole]]
    assert rebuilt.left_out == {killed: "it has no result"}


def test_other_suites_are_left_to_the_runs_that_are_at_work_on_them(tmp_path):
    """Tasks of an array end at about the same time: none writes what it saw of another's suites,
    which may have measured more, and written it, since."""
    whole = copied(tmp_path, "startup")
    copied(tmp_path, "task_overhead", lines=40)
    rebuilt = rebuild(tmp_path, of_suites=["startup"])
    [(file, runs)] = rebuilt.files.items()
    assert runs == [whole]
    names = json.loads(file.read_text())["results"]
    assert {name.partition(".")[0] for name in names} == {"startup"}


def test_a_file_of_asvs_own_is_left_as_it_is_unless_asked(tmp_path):
    """Then what the journals do not have stays in it, and a file of ours is rebuilt as it is."""
    copied(tmp_path, "startup")
    target = tmp_path / FILE
    content = json.loads((COMMITTED / FILE).read_text())
    del content[RUNS]
    content["results"]["startup.Startup.track_seconds"][0] = [0.0]
    content["results"] |= {"other.time_it": [[1.0], [], "1", 0, 1.0]}
    target.write_text(json.dumps(content))
    before = target.read_bytes()
    with pytest.raises(UsageError, match=r"saved by asv itself.*--force"):
        rebuild(tmp_path)
    assert target.read_bytes() == before
    for force in (True, False):
        rebuild(tmp_path, force=force)
        ours = Results.load(str(target))
        assert ours.get_result_value("other.time_it", []) == [1.0]
        params = ours.get_result_params("startup.Startup.track_seconds")
        assert 0.0 not in ours.get_result_value("startup.Startup.track_seconds", params)
    assert [path.suffix for path in target.parent.iterdir() if path.is_file()] == [".json"] * 2


def test_a_machine_that_asv_never_saw_is_described_as_its_journal_does(tmp_path):
    copied(tmp_path, "startup")
    [file] = rebuild(tmp_path).files
    assert json.loads((file.parent / "machine.json").read_text()) == json.loads(
        (COMMITTED / MACHINE / "machine.json").read_text()
    )


@pytest.mark.parametrize(
    ("folder", "options", "said"),
    [
        ("nowhere", {}, "no such results folder"),
        ("empty", {}, "no journal in it"),
        ("settled", {}, "no journal of a suite in"),
        ("settled", {"machine": "laptop"}, "unknown machine 'laptop'.*reference-2core"),
        ("settled", {"commit": "abc"}, f"unknown commit 'abc'.*{_SAVED.name[:8]}"),
        ("killed", {}, "no run of a suite has a result yet"),
    ],
)
def test_bad_input_is_one_clear_line(tmp_path, folder, options, said):
    (tmp_path / "empty").mkdir()
    copied(tmp_path / "settled", "settle")
    copied(tmp_path / "killed", "startup", lines=NO_RESULT)
    with pytest.raises(ChunkbenchError, match=said) as caught:
        rebuild(tmp_path / folder, **options)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.glob("*/*/*.json"))


def test_a_broken_journal_is_named(tmp_path):
    run = copied(tmp_path, "startup")
    path = tmp_path / MACHINE / "journal" / f"{run}.jsonl"
    path.write_text('{"kind": "end", "v": 1, "run": "a"}\n')
    with pytest.raises(InputError, match=f"{run}.jsonl, line 1"):
        rebuild(tmp_path)


def test_the_command_says_what_it_made_and_what_it_left_out(tmp_path, monkeypatch, capsys):
    copied(tmp_path, "startup")
    left = copied(tmp_path, "settle")
    shutil.rmtree(tmp_path / "out", ignore_errors=True)
    arguments = ["--results", str(tmp_path), "--out", str(tmp_path / "out"), "--format", "json"]
    monkeypatch.setattr(sys, "argv", ["chunkbench", "asv-export", *arguments])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert not stopped.value.code
    answer = json.loads(capsys.readouterr().out)
    [(file, runs)] = answer["files"].items()
    assert Path(file).is_file()
    assert [run.split("-")[1] for run in runs] == ["startup"]
    assert answer["left_out"] == {left: "settle is no suite of ASV's"}
