"""The benchmark of reading: made-up nights read as measured ones, and both sources really run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from asv.results import iter_results_for_machine

from harness.core.errors import InputError, UsageError
from harness.reading.ingest import read_results
from selfbench import __main__ as selfbench_main
from selfbench import reading_curve, reading_table
from selfbench.before_and_after import AFTER, AGAIN, BEFORE, Comparison, Source, compare, source_of
from selfbench.curve_steps import STEPS
from selfbench.fresh_process import DidNotEndError, Spent, spent
from selfbench.made_up_nights import generate
from selfbench.reading_curve import Point

ROOT = Path(__file__).resolve().parents[2]
COMMITTED = ROOT / "results/reference-2core"
[SAVED] = COMMITTED.glob("*-virtualenv-*.json")
SUITES = [path.stem for path in ROOT.glob("benchmarks/[a-z]*.py")]
OF_A_NIGHT = 2471
"""Pairs of these ten suites that are committed."""


def lines_of(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def nights(tmp_path_factory) -> Path:
    """One night, and the first suites of another."""
    folder: Path = tmp_path_factory.mktemp("nights")
    made = generate(COMMITTED, OF_A_NIGHT + 300, folder / "journals", folder / "asv")
    assert made.pairs == OF_A_NIGHT + 300
    written = [sum(map(len, lines_of(folder / name).values())) for name in ("journals", "asv")]
    assert made.journal_bytes == written[0]
    assert made.asv_bytes <= written[1]
    return folder


def test_made_up_nights_are_read_as_measured_ones(nights):
    """As many pairs as asked for; each night has one commit, and the cases of the committed."""
    read = read_results(nights / "journals")
    assert (len(read.pairs), read.notes) == (OF_A_NIGHT + 300, [])
    first = read.pairs[read.pairs["run"].str.startswith("20250101")]
    committed = read_results(COMMITTED).pairs
    night = committed[committed["suite"].isin(SUITES)]
    same = ["suite", "workload", "size", "executor", "workers", "pin", "chunk", "round", "status"]
    assert first[same].reset_index(drop=True).equals(night[same].reset_index(drop=True))
    assert read.pairs.groupby(read.pairs["run"].str[:8])["commit"].nunique().tolist() == [1, 1]
    ratio = first["parallel_seconds"].to_numpy(float) / night["parallel_seconds"].to_numpy(float)
    assert np.nanstd(np.log(ratio)) == pytest.approx(np.hypot(0.05, 0.03), rel=0.2)


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        generate(COMMITTED, 200, tmp_path / name / "journals", tmp_path / name / "asv")
    assert lines_of(tmp_path / "one") == lines_of(tmp_path / "two")


def in_cells(pairs):
    """The pairs with a result that ASV has a cell for: not NumPy on all cores, nor what a sweep
    added to its plan."""
    beside = pairs["executor"].eq("numpy-threads") | pairs["purpose"].notna()
    return pairs[pairs["status"].eq("ok") & ~beside]


def test_asvs_files_have_the_samples_of_the_journals(nights):
    """Every sample of a night is a time of its pairs; what the night did not reach is absent."""
    read = read_results(nights / "journals")
    files = sorted(iter_results_for_machine(str(nights / "asv"), "node-00"), key=lambda f: f.date)
    assert len(files) == 2
    for file in files:
        pairs = read.pairs[(read.pairs["commit"] == file.commit_hash)]
        ours = in_cells(pairs)
        for method, times in (
            ("track_seconds", ours["parallel_seconds"]),
            ("track_time_ratio", ours["parallel_seconds"] / ours["serial_seconds"]),
        ):
            samples = [
                sample
                for name in file.get_all_result_keys()
                if name.endswith(method)
                for cell in file.get_result_samples(name, file.get_result_params(name))
                for sample in cell or ()
            ]
            assert sorted(samples) == sorted(times)
    name = "task_overhead.TaskOverhead.track_overhead_per_task"
    assert name in files[0].get_all_result_keys()
    assert name not in files[1].get_all_result_keys()
    committed = json.loads(SAVED.read_text())
    measured = np.array(committed["results"][name][0], dtype=float)
    made_up = np.array(files[0].get_result_value(name, files[0].get_result_params(name)))
    assert np.nanmax(np.abs(np.log(made_up / measured))) < 0.5


@pytest.mark.parametrize(("step", "data"), [("orjson", "journals"), ("cases", "journals")])
def test_a_step_sees_every_pair(tmp_path, step, data):
    generate(COMMITTED, 200, tmp_path / "journals", tmp_path / "asv")
    assert STEPS[step](tmp_path / data)() == 200


def test_asvs_loader_sees_every_sample(nights):
    pairs = read_results(nights / "journals").pairs
    assert STEPS["asv"](nights / "asv")() == len(in_cells(pairs))


def test_without_a_file_of_asvs_there_is_no_template(tmp_path):
    with pytest.raises(InputError, match="no file of ASV's"):
        generate(tmp_path, 10, tmp_path / "journals", tmp_path / "asv")


def test_more_pairs_than_the_disk_holds_are_refused(tmp_path):
    with pytest.raises(UsageError, match="are free: choose a smaller --largest"):
        reading_curve.check_room(tmp_path, 10**12)


def python(code: str, folder: Path, **options) -> Spent:
    return spent([sys.executable, "-c", code], folder=folder, environment=os.environ, **options)


def test_memory_and_time_of_children_count(tmp_path):
    """The child does nothing itself; what it starts takes 200 MiB and a tenth of a second."""
    work = "import time; x = b'1' * 200 * 2**20; end = time.process_time() + 0.1\n"
    work += "while time.process_time() < end: pass\n" + "time.sleep(0.3)"
    cost = python(
        f"import subprocess, sys; subprocess.run([sys.executable, '-c', {work!r}]); print('done')",
        tmp_path,
    )
    assert cost.output == "done\n"
    assert cost.peak_bytes > 200 * 2**20
    assert cost.cpu_seconds > 0.1
    assert cost.wall_seconds > 0.3


def test_what_fails_or_takes_too_much_says_so(tmp_path):
    with pytest.raises(DidNotEndError, match=r"exit code 1: ValueError: no such night"):
        python("raise ValueError('no such night')", tmp_path)
    with pytest.raises(DidNotEndError, match=r"ended at .* of memory"):
        python(
            "x = b'1' * 300 * 2**20; import time; time.sleep(60)", tmp_path, most_bytes=200 * 2**20
        )


@pytest.fixture
def other_clone(tmp_path) -> Path:
    """A clone whose first commit has another ``harness`` than its second."""
    clone: Path = tmp_path / "clone"
    (clone / "harness").mkdir(parents=True)
    git = ["git", "-c", "user.name=Test", "-c", "user.email=test@example.invalid"]
    subprocess.run([*git, "init", "--quiet"], cwd=clone, check=True)
    (clone / "harness/__init__.py").write_text("")
    for word in ("old", "new"):
        (clone / "harness/__main__.py").write_text(f"import sys; print('{word}', sys.argv[1:])")
        subprocess.run([*git, "add", "--all"], cwd=clone, check=True)
        subprocess.run([*git, "commit", "--quiet", "--message", word], cwd=clone, check=True)
    return clone


def test_the_side_before_runs_the_code_of_its_commit(other_clone, tmp_path):
    """And its work tree is gone afterwards."""
    (tmp_path / "results").mkdir()
    said: list[str] = []
    with source_of(other_clone, "HEAD~1", tmp_path) as folder:
        sources = [Source(BEFORE, folder, tmp_path), Source(AFTER, other_clone, tmp_path)]
        found = compare(sources, tmp_path / "results", {"it": ("tables",)}, 2, said.append)
    outputs = {side: [run.output for run in runs] for side, runs in found.runs["it"].items()}
    new = ["new ['tables']\n"] * 2
    assert outputs == {BEFORE: ["old ['tables']\n"] * 2, AFTER: new, AGAIN: new}
    assert [text.partition(", ")[2] for text in said if "again" not in text] == [
        BEFORE,
        AFTER,
        AFTER,
        BEFORE,
    ]
    assert not folder.exists()
    listed = subprocess.run(
        ["git", "worktree", "list"], cwd=other_clone, capture_output=True, text=True
    )
    assert len(listed.stdout.splitlines()) == 1


def test_a_commit_that_the_clone_does_not_have_is_one_clear_line(other_clone, tmp_path):
    with (
        pytest.raises(UsageError, match="'abcdef' cannot be checked out") as caught,
        source_of(other_clone, "abcdef", tmp_path),
    ):
        pass
    assert "\n" not in str(caught.value)


def test_a_command_that_fails_costs_its_own_figure_alone(other_clone, tmp_path):
    (other_clone / "harness/__main__.py").write_text("raise SystemExit('broken')")
    (tmp_path / "results").mkdir()
    said: list[str] = []
    found = compare(
        [Source(AFTER, other_clone, tmp_path)],
        tmp_path / "results",
        {"it": ()},
        1,
        said.append,
        again=False,
    )
    assert found.runs == {}
    assert said[-1] == "it, after: exit code 1: broken"


def planted() -> tuple[Comparison, list[Point]]:
    found = Comparison()
    for wall in (20.0, 30.0, 40.0):
        found.add("tables", BEFORE, Spent(wall, 25.0, 1.0, 400 * 2**20))
    found.add("tables", AFTER, Spent(3.0, 2.0, 0.5, 200 * 2**20))
    found.add("tables", AGAIN, Spent(1.0, 0.5, 0.0, 100 * 2**20))
    found.add("--version", AFTER, Spent(0.2, 0.15, 0.0, 20 * 2**20))
    points = [
        Point(10_000, "orjson", 9_000_000, 0.05, 0.05, 0.01, 20 * 2**20),
        Point(10_000, "cases", 9_000_000, 0.15, 0.2, 1.2, 200 * 2**20),
        Point(10_000, "asv", 1_000_000, failure="ended at 20 GiB of memory"),
    ]
    return found, points


@pytest.mark.parametrize("form", ["simple", "pipe"])
def test_printed_costs(form, snapshot):
    """What a reader sees: medians, ratios, and what did not come to its end."""
    assert reading_table.printed(*planted(), form) == snapshot


def test_all_of_it_is_json():
    data = json.loads(json.dumps(reading_table.as_data(*planted())))
    assert [point["over_orjson"] for point in data["curve"]] == [1.0, pytest.approx(3.0), None]
    assert len(data["commands"]["tables"][BEFORE]) == 3


@pytest.mark.e2e
def test_the_curve_is_measured_and_leaves_nothing(tmp_path, monkeypatch, capsys):
    """The command itself, on the fewest pairs, with every step in a process of its own."""
    arguments = ["--part", "curve", "--smallest", "200", "--largest", "200"]
    arguments += ["--folder", str(tmp_path), "--json", str(tmp_path / "cost.json")]
    monkeypatch.setattr(sys, "argv", ["selfbench", "reading", *arguments])
    assert selfbench_main.main() == 0
    printed = capsys.readouterr().out
    assert "orjson.loads, line by line" in printed
    points = json.loads((tmp_path / "cost.json").read_text())["curve"]
    assert [(point["what"], point["failure"]) for point in points] == [
        ("orjson", None),
        ("cases", None),
        ("asv", None),
        ("compact only", None),
        ("cases compacted", None),
        ("compact", None),
        ("tables", None),
        ("screen", None),
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["cost.json"]
