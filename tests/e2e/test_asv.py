"""ASV as its own users run it, in a fresh clone on a branch with an odd name."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from harness.reading.ingest import read_results
from tests.apps.asv.asv_site import missing_for_browser, open_asv_site

pytestmark = [pytest.mark.asv, pytest.mark.e2e, pytest.mark.timeout(900)]

ROOT = Path(__file__).resolve().parents[2]
IDENTITY = ("-c", "user.name=Test", "-c", "user.email=test@example.invalid")
CASE = ["executor", "workers", "pin", "chunk"]
METRICS = ("track_time_ratio", "track_seconds", "track_overhead_per_task")


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *IDENTITY, *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture(scope="module")
def environment(tmp_path_factory) -> dict[str, str]:
    """A user's environment with an empty home, and time enough on a busy machine."""
    home = tmp_path_factory.mktemp("home")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CHUNKBENCH")}
    return kept | {"HOME": str(home), "CHUNKBENCH_PROFILE": "smoke", "CHUNKBENCH_BUDGET": "2m"}


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(("many_vs_few_chunks", "task_overhead"), id="two suites"),
        pytest.param((), id="every suite", marks=pytest.mark.full),
    ],
)
def asked_for(request) -> tuple[str, ...]:
    """The suites that the clone has; where none is named, all of them."""
    suites: tuple[str, ...] = request.param
    return suites


@pytest.fixture(scope="module")
def clone(tmp_path_factory, asked_for) -> Path:
    """The working tree as one commit on a branch of its own, with the suites asked for."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: ASV measures commits")
    folder: Path = tmp_path_factory.mktemp("clone")
    listed = git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard").splitlines()
    for name in listed:
        if not name.startswith("results/") and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    for suite in folder.glob("benchmarks/[a-z]*.py"):
        if asked_for and suite.stem not in asked_for:
            suite.unlink()
    git(folder, "init", "--quiet", "--initial-branch", "feature/odd.name-1")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "One")
    return folder


def asv(clone: Path, environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "asv", *arguments],
        cwd=clone,
        env=environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=600,
    )
    assert done.returncode == 0, f"asv {arguments}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def measured(clone: Path, environment) -> Path:
    """Two commits measured with bare ``asv run``, the second one in one suite only."""
    asv(clone, environment, "machine", "--yes")
    asv(clone, environment, "run")
    git(clone, "commit", "--quiet", "--allow-empty", "--message", "Two")
    asv(clone, environment, "run", "--bench", r"^task_overhead\.", "--record-samples")
    return clone


def stored(clone: Path, commit: str) -> dict[str, Any]:
    """What ASV keeps of the commit, in the one file that there is."""
    (file,) = clone.glob(f"results/*/{commit[:8]}-*.json")
    content: dict[str, Any] = json.loads(file.read_text())
    return content


def test_a_bare_asv_run_leaves_results_journals_and_a_clean_clone(measured, asked_for):
    """``asv machine --yes && asv run`` measures every suite, and what it writes is ignored."""
    journals = read_results(measured / "results").journals
    suites = asked_for or [path.stem for path in (ROOT / "benchmarks").glob("[a-z]*.py")]
    assert sorted(journal.info.suite for journal in journals) == sorted([*suites, "task_overhead"])
    assert all(journal.end and journal.end.status == "complete" for journal in journals)
    heads = git(measured, "rev-list", "--reverse", "HEAD").splitlines()
    assert {journal.info.commit for journal in journals} == set(heads)
    assert git(measured, "status", "--porcelain") == ""


def test_asv_show_prints_a_number_for_every_case_with_a_result(measured, environment):
    """``asv show`` of the first commit has the three metrics, and n/a only where none is known:
    each case with a round in the journal has seconds and a ratio."""
    first = git(measured, "rev-list", "--max-parents=0", "HEAD")
    shown = asv(measured, environment, "show", first)
    results = stored(measured, first)["results"]
    unknown = {name: sum(value != value for value in values[0]) for name, values in results.items()}
    assert shown.count("n/a") == sum(unknown.values())
    pairs = read_results(measured / "results").pairs
    ran = pairs[(pairs["commit"] == first) & (pairs["status"] == "ok")]
    ran = ran[ran["executor"] != "numpy-threads"]  # measured beside the suite's cells, in none
    cases = len(ran[["suite", "workload", *CASE]].drop_duplicates())
    for metric in METRICS:
        assert f"many_vs_few_chunks.ManyVsFewChunks.{metric}" in shown
        known = sum(
            len(values[0]) - unknown[name]
            for name, values in results.items()
            if name.endswith(metric)
        )
        assert known == cases or metric == "track_overhead_per_task"
    assert "dask-threads" in shown
    assert "ray-tasks" in shown
    assert "failed" not in shown


def test_asv_compare_sets_two_commits_side_by_side(measured, environment):
    """``asv compare`` finds both commits' figures of the suite that both have."""
    compared = asv(measured, environment, "compare", "HEAD~1", "HEAD")
    line = next(
        line for line in compared.splitlines() if "task_overhead" in line and "dask-threads" in line
    )
    assert "track_" in line


def test_samples_of_our_metrics_are_the_rounds_of_the_journal(measured):
    """With ``--record-samples`` ASV keeps one sample a round: TP/T1 of the journal's pairs."""
    head = git(measured, "rev-parse", "HEAD")
    content = stored(measured, head)
    rows = [
        dict(zip(content["result_columns"], row, strict=False))
        for name, row in content["results"].items()
        if name.startswith("task_overhead.") and name.endswith(".track_time_ratio")
    ]
    samples = [sorted(one) for row in rows for one in row["samples"] if one]
    pairs = read_results(measured / "results").pairs
    mine = pairs[(pairs["commit"] == head) & (pairs["status"] == "ok")]
    ratios = mine["parallel_seconds"] / mine["serial_seconds"]
    rounds = ratios.groupby([mine["executor"], mine["workers"], mine["chunk"]]).apply(sorted)
    assert sorted(samples) == sorted(rounds)


def test_what_asv_saved_is_rebuilt_value_by_value(measured, environment, tmp_path):
    """Every cell with a value, and its samples where ASV keeps those."""
    head = git(measured, "rev-parse", "HEAD")
    subprocess.run(
        [sys.executable, "-m", "harness", "asv-export", "--results", "results", "--out", tmp_path],
        cwd=measured,
        env=environment | {"PYTHONPATH": str(measured)},
        check=True,
        capture_output=True,
    )
    for commit in git(measured, "rev-list", "HEAD").splitlines():
        [rebuilt] = tmp_path.glob(f"*/{commit[:8]}-*.json")
        mine, saved = cells(json.loads(rebuilt.read_text())), cells(stored(measured, commit))
        assert mine.keys() == saved.keys()
        for cell, told in saved.items():
            assert mine[cell][0] == told[0], cell
            assert commit != head or sorted(mine[cell][1]) == sorted(told[1]), cell


def cells(content: dict[str, Any]) -> dict[tuple[str, ...], tuple[float, list[float]]]:
    """Value and samples of each benchmark and its parameters that have a value."""
    found = {}
    for name, row in content["results"].items():
        told = dict(zip(content["result_columns"], row, strict=False))
        samples = told.get("samples") or itertools.repeat(None)
        for cell, value, of in zip(
            itertools.product(*told["params"]), told["result"], samples, strict=False
        ):
            if value is not None and value == value:
                found[name, *cell] = (value, of or [])
    return found


@pytest.mark.skipif(missing_for_browser() is not None, reason=missing_for_browser() or "")
def test_asv_publish_makes_a_site_whose_graphs_draw(measured, environment):
    """The site of the two commits opens in Chromium without an error and plots our metrics."""
    asv(measured, environment, "publish")
    with open_asv_site(measured / "site" / "asv") as site:
        site.page.wait_for_selector(".benchmark-container")
        site.page.goto(f"{site.url}/index.html#task_overhead.TaskOverhead.track_time_ratio")
        plot = "jQuery('#main-graph').data('plot')"
        site.page.wait_for_function(f"{plot} && {plot}.getData().length > 0")
        points = site.page.evaluate(
            f"{plot}.getData().flatMap(one => one.data.filter(p => p[1] !== null)).length"
        )
    assert points > 0
    assert site.errors == []
    assert site.refused == []


def processes_of(clone: Path) -> list[str]:
    """Command lines of live processes that run from the clone or its ASV environment."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            line = " ".join(process.cmdline())
            if str(clone) in line and process.status() != psutil.STATUS_ZOMBIE:
                found.append(line)
    return found


def test_suites_that_run_as_one_share_their_start_ups_and_have_cells_of_their_own(
    measured, environment
):
    """``chunkbench run`` starts each set-up once for two suites; each has a journal, and ASV's file
    the figures of both."""
    line = [sys.executable, "-m", "harness", "run", "--profile", "smoke", "--machine", "as-one"]
    for option, names in (
        ("--suite", ("task_overhead", "many_vs_few_chunks")),
        ("--executor", ("thread-pool", "process-pool")),
    ):
        line += [word for name in names for word in (option, name)]
    done = subprocess.run(line, cwd=measured, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    read = read_results(measured / "results" / "as-one")
    measured_suites = {journal.info.suite for journal in read.journals}
    assert measured_suites == {"task_overhead", "many_vs_few_chunks"}
    set_up = ["executor", "workers", "pin"]
    started = read.blocks[[*set_up, "block"]].drop_duplicates()
    assert set(started["executor"]) >= {"process-pool", "thread-pool"}
    assert not started.duplicated(set_up).any()
    (file,) = (measured / "results" / "as-one").glob("*-*.json")
    content = json.loads(file.read_text())
    for name, executor in (
        ("task_overhead.TaskOverhead.track_seconds", "thread-pool"),
        ("many_vs_few_chunks.ManyVsFewChunks.track_seconds", "process-pool"),
    ):
        assert any(value for value in content["results"][name][0] if value), (name, executor)


@pytest.mark.parametrize(
    "victim", ["chunkbench run", pytest.param("asv run", marks=pytest.mark.full)]
)
def test_a_killed_chunkbench_run_leaves_no_process_and_resumes(measured, environment, victim):
    """``kill -9`` of ``chunkbench run``, or of the ASV below it, in mid-sweep: within 15 s nothing
    is left running, the journal is whole, and ``--resume`` measures just what is missing."""
    machine = victim.replace(" ", "-")
    line = [
        sys.executable,
        "-m",
        "harness",
        "run",
        "--profile",
        "smoke",
        "--machine",
        machine,
        "--suite",
        "many_vs_few_chunks",
        *(["--isolated"] if victim == "asv run" else []),
    ]
    front = subprocess.Popen(
        line,
        cwd=measured,
        env=environment,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    assert front.stderr is not None
    stop_at = random.randint(1, 40)
    for said in front.stderr:
        done = said.partition("/")[0]  # other lines tell the plan
        if done.isdigit() and int(done) >= stop_at:
            break
    below = psutil.Process(front.pid).children()
    target = (
        front.pid
        if victim == "chunkbench run"
        else max(below, key=lambda process: "asv" in process.cmdline()).pid
    )
    os.kill(target, signal.SIGKILL)
    front.wait(15)
    deadline = time.monotonic() + 15
    while (left := processes_of(measured)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == []
    (path,) = (measured / "results" / machine / "journal").glob("*.jsonl")
    before = read_results(path).pairs
    resumed = subprocess.run(
        [*line, "--resume"], cwd=measured, env=environment, capture_output=True
    )
    assert resumed.returncode == 0, resumed.stderr[-2000:]
    after = read_results(path)
    assert after.journals[0].end is not None
    assert after.journals[0].end.status == "complete"
    ok = after.pairs[after.pairs["status"] == "ok"]
    assert not ok.duplicated(["executor", "workers", "pin", "chunk", "round"]).any()
    assert len(ok) == 2 * ok.groupby(["executor", "workers", "pin", "chunk"]).ngroups
    assert len(before) < len(after.pairs)
    assert after.pairs.head(len(before)).equals(before)
