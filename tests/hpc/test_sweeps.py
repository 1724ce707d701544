"""Sweeps as jobs of real batch systems: submitted, split, killed, resumed."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from harness.core.records import Status
from harness.reading.ingest.journals import JournalContent, read_journal
from tests.hpc.daemons import Daemons, wait_for

pytestmark = [pytest.mark.hpc, pytest.mark.timeout(900, func_only=True)]

ROOT = Path(__file__).parents[2]
BEGIN_SECONDS = 180
END_SECONDS = 300
EXIT = "\nexit_status"
SHORT = ("--budget", "2m", "--workers", "2")
SMOKE = ("--profile", "smoke", *SHORT, "--machine", "cluster")


@pytest.fixture
def results(tmp_path: Path) -> Path:
    return tmp_path / "results"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone of its own, so that what is measured may go to the results folder in it; that of
    others is left out."""
    folder = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", "--shared", str(ROOT), str(folder)], check=True)
    shutil.rmtree(folder / "results")
    return folder


def typed(
    scheduler: Daemons, results: Path, *options: str, folder: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    """``chunkbench submit`` as a user types it in *folder*, where *results* may be the default."""
    line = [str(Path(sys.executable).parent / "chunkbench"), "submit", *options, "--format", "json"]
    if results != folder / "results":
        line += ["--results", str(results)]
    home = results.parent / "home"
    home.mkdir(exist_ok=True)
    return subprocess.run(
        line,
        cwd=folder,
        env=scheduler.full({"HOME": str(home)}),
        capture_output=True,
        text=True,
        timeout=120,
        stdin=subprocess.DEVNULL,
    )


def answer(done: subprocess.CompletedProcess[str]) -> dict[str, list[str]]:
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def submit(scheduler: Daemons, results: Path, *options: str, folder: Path = ROOT) -> list[str]:
    """The ids of the jobs that were submitted."""
    return answer(typed(scheduler, results, *options, folder=folder))["jobs"]


def cells(results: Path) -> tuple[Path, dict[str, list[object]]]:
    """ASV's file, and the values of each benchmark in it."""
    [path] = [p for p in results.glob("cluster/*.json") if p.name != "machine.json"]
    content = json.loads(path.read_text())
    columns = content["result_columns"]
    rows = {name: dict(zip(columns, row, strict=False)) for name, row in content["results"].items()}
    return path, {name: [row["result"], row.get("samples")] for name, row in rows.items()}


def journals(results: Path) -> list[JournalContent]:
    return [read_journal(path) for path in sorted(results.glob("*/journal/*.jsonl"))]


def measured(results: Path) -> int:
    return sum(len(journal.pairs) for journal in journals(results))


def ends(journal: JournalContent) -> list[str]:
    """How the run ended each time that it did."""
    lines = map(json.loads, journal.path.read_text().splitlines())
    return [line["status"] for line in lines if line["kind"] == "end"]


def twice(journal: JournalContent) -> list[object]:
    """Rounds of a case that were measured more than once."""
    seen = [(pair.case, pair.round) for pair in journal.pairs if pair.round is not None]
    return [one for one in set(seen) if seen.count(one) > 1]


def logs(results: Path) -> str:
    paths = [path for path in (results / "batch").iterdir() if ".sh" not in path.name[:-1]]
    return "\n".join(f"{p}: {p.read_text(errors='replace')[-3000:]}" for p in paths if p.is_file())


@pytest.mark.parametrize(
    "ends_at",
    [
        pytest.param("a warning", id="warned"),
        pytest.param("its walltime", id="walltime", marks=pytest.mark.full),
    ],
)
def test_a_slurm_job_ends_its_journal_in_time_requeues_itself_and_goes_on(slurm, results, ends_at):
    """A night that needs more than its walltime, and ends where its budget does; or a short sweep
    to which the warning of a walltime is sent. The job was given nothing of its submitter's
    environment, all of a node's memory, a walltime as schedulers write it, and a shell that ends at
    errors; ASV's file has the name of the login node alone."""
    warned = ends_at == "a warning"
    home = results.parent / "home"
    home.mkdir()
    (home / ".asv-machine.json").write_text(json.dumps({"version": 1, "login1": {}}))
    sets = (f"export HOME={home} PYTHONPATH={ROOT}", "set -e")
    options = ["--memory", "0", "--line=--export=NONE", *SHORT]
    options += ["--walltime", "00:30:00" if warned else "00:02:00"]
    options += ["--profile", "smoke"] if warned else ["--profile", "nightly", "--anyway"]
    options += [word for line in sets for word in ("--before", line)]
    job, report = submit(slurm, results, "--scheduler", "slurm", "--suite", "futures", *options)
    wait_for("the first pairs", lambda: measured(results) > 0, BEGIN_SECONDS)
    if warned:
        slurm.told("scancel", "--batch", "--signal=USR1", job)
    wait_for("the job to be in the queue again", lambda: slurm.state(job) == "PENDING", 120)
    assert slurm.state(report) == "PENDING"
    assert slurm.wait(job, 2 * END_SECONDS) == "COMPLETED", logs(results)
    [journal] = journals(results)
    *stopped, last = ends(journal)
    whole = "complete" if warned else "out of budget"
    assert (set(stopped), last) == ({"interrupted"}, whole), logs(results)
    assert stopped
    assert "Restarts=0" not in slurm.told("scontrol", "show", "job", job)
    assert twice(journal) == []
    assert (journal.info.job or "").removeprefix("slurm-") == job
    machine = journal.info.machine
    assert machine.cores_usable == 2
    assert machine.name.startswith("bench-debug-")
    assert (machine.node, len(machine.node or "")) != (None, 0)
    assert not list((results / "batch").glob("*.begun"))
    assert slurm.wait(report, END_SECONDS) == "COMPLETED", logs(results)
    assert list(results.glob(f"bench-debug-*/accounting/slurm-{job}.jsonl")), logs(results)
    assert (results.parent / "tables" / "cases.csv").is_file(), logs(results)
    assert (results.parent / "tables" / "jobs.csv").is_file(), logs(results)
    assert (results.parent / "site" / "index.html").is_file(), logs(results)


@pytest.mark.full
@pytest.mark.parametrize("name", ["TERM", "INT"])
def test_a_signal_to_all_processes_of_a_job_ends_its_journal_and_costs_no_case(
    slurm, results, name
):
    """As at a walltime, a preemption or ``scancel``: the sweep's children get it as well. The next
    submission of the night goes on."""
    options = ("--scheduler", "slurm", "--suite", "futures", *SMOKE)
    job, report = submit(slurm, results, *options)
    wait_for("the first pairs", lambda: measured(results) > 0, BEGIN_SECONDS)
    slurm.told("scancel", f"--signal={name}", job)
    assert slurm.wait(job, 60) == "FAILED", logs(results)
    [journal] = journals(results)
    assert ends(journal) == ["interrupted"], logs(results)
    assert not [pair for pair in journal.pairs if "died" in (pair.reason or "")]
    slurm.told("scancel", report)
    job, report = submit(slurm, results, *options)
    assert slurm.wait(job, END_SECONDS) == "COMPLETED", logs(results)
    slurm.told("scancel", report)
    [journal] = journals(results)
    assert ends(journal) == ["interrupted", "complete"], logs(results)
    assert twice(journal) == []


@pytest.mark.full
def test_a_preempted_slurm_job_ends_its_journal_is_requeued_and_goes_on(slurm, results):
    """A job of a partition that goes first takes its node: it has 30 s to end, and is then put back
    into the queue."""
    options = ("--scheduler", "slurm", "--queue", "spare", "--suite", "futures", *SMOKE)
    job, report = submit(slurm, results, *options, "--line=--nodelist=n1", "--line=--exclusive")
    wait_for("the first pairs", lambda: measured(results) > 0, BEGIN_SECONDS)
    line = ("--partition=urgent", "--nodelist=n1", "--exclusive", "--output=/dev/null")
    urgent = slurm.submit(*line, "--wrap", "sleep 5")
    wait_for("the job to be in the queue again", lambda: slurm.state(job) == "PENDING", 90)
    [journal] = journals(results)
    assert ends(journal) == ["interrupted"], logs(results)
    assert slurm.wait(urgent, 60) == "COMPLETED"
    assert slurm.wait(job, END_SECONDS) == "COMPLETED", logs(results)
    slurm.told("scancel", report)
    [journal] = journals(results)
    assert ends(journal) == ["interrupted", "complete"], logs(results)
    assert "Restarts=1" in slurm.told("scontrol", "show", "job", job)
    assert twice(journal) == []
    assert not [pair for pair in journal.pairs if "killed" in (pair.reason or "")]


@pytest.mark.full
def test_tasks_of_a_slurm_array_fill_one_folder_from_two_nodes(slurm, results):
    """Each measures its part of the suites; ASV's one file has the cells of both."""
    suites = ("futures", "task_grain")
    asked = [word for suite in suites for word in ("--suite", suite)]
    job, report = submit(slurm, results, "--scheduler", "slurm", "--array", "2", *asked, *SMOKE)
    assert slurm.wait(report, 2 * END_SECONDS) == "COMPLETED", logs(results)
    assert slurm.state(job) == "COMPLETED", logs(results)
    assert {journal.info.suite for journal in journals(results)} == set(suites)
    assert {tuple(ends(journal)) for journal in journals(results)} == {("complete",)}
    _, filled = cells(results)
    assert {name.partition(".")[0] for name in filled} == set(suites)
    nodes = ("sacct", "-n", "-P", "-X", "-j", job, "-o", "NodeList")
    wait_for("both nodes", lambda: set(slurm.told(*nodes).split()) == set(slurm.nodes), 60, 1)
    assert (results.parent / "site" / "index.html").is_file(), logs(results)


def test_what_asv_was_not_given_by_a_stopped_job_is_given_at_the_next_start(results):
    """Stopped between the end of the journal and ASV's file: the same cells, nothing measured."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    line = [
        str(Path(sys.executable).parent / "chunkbench"),
        "run",
        "--suite",
        "futures",
        "--profile",
        "smoke",
        "--machine",
        "cluster",
        "--results",
        str(results),
        "--resume",
        "--since",
        now,
    ]

    def start() -> tuple[Path, str, bytes]:
        done = subprocess.run(
            line,
            cwd=ROOT,
            env={**os.environ, "HOME": str(results.parent)},
            capture_output=True,
            text=True,
            timeout=END_SECONDS,
            stdin=subprocess.DEVNULL,
        )
        assert done.returncode == 0, done.stderr
        path, filled = cells(results)
        [journal] = journals(results)
        return path, repr(filled), journal.path.read_bytes()

    path, *before = start()
    path.unlink()
    assert start() == (path, *before)


def processes(variable: str, job: str) -> list[psutil.Process]:
    """All processes of a job, by what its scheduler put into their environment."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get(variable) == job and process.pid != os.getpid():
                found.append(process)
    return found


def kill_hard(variable: str, job: str) -> int:
    """Kill all processes of a job at once, as a crash does; how many there were."""
    found = processes(variable, job)
    for process in found:
        with contextlib.suppress(psutil.Error):
            process.kill()
    return len(found)


def test_a_grid_engine_array_killed_in_mid_sweep_goes_on_when_it_is_submitted_again(
    grid_engine, clone
):
    """Its tasks fill the clone's own results folder from nodes without Git; no round is measured
    twice, nothing is left out, and ASV's one file has the cells of all."""
    results, bare = clone / "results", clone.parent / "bare"
    bare.mkdir()
    (bare / "git").write_text("#!/bin/sh\nexit 127\n")
    (bare / "git").chmod(0o755)
    suites = ("futures", "task_grain")
    asked = [word for suite in suites for word in ("--suite", suite)]
    no_git = ("--before", f"export PATH={bare}:$PATH")
    options = ("--scheduler", "sge", "--array", "2", *asked, *SMOKE, *no_git)
    first, _ = submit(grid_engine, results, *options, folder=clone)
    wait_for("the first pairs", lambda: measured(results) > 0, BEGIN_SECONDS)
    assert kill_hard("JOB_ID", first) > 1
    grid_engine.wait(first, BEGIN_SECONDS)
    before = measured(results)
    assert list((results / "batch").glob("*.begun")), logs(results)
    second, report = submit(grid_engine, results, *options, folder=clone)
    assert grid_engine.wait(report, 2 * END_SECONDS)["exit_status"] == "0", logs(results)
    row = grid_engine.wait(second, 30)
    assert (row["exit_status"], row["slots"]) == ("0", "2"), logs(results)
    found = sorted(journals(results), key=lambda journal: journal.info.suite)
    assert [journal.info.suite for journal in found] == sorted(suites), logs(results)
    assert {ends(journal)[-1] for journal in found} == {"complete"}, logs(results)
    assert measured(results) > before
    assert [twice(journal) for journal in found] == [[], []]
    assert not [pair for one in found for pair in one.pairs if "killed" in (pair.reason or "")]
    assert {journal.info.machine.cores_usable for journal in found} == {2}
    assert not list((results / "batch").glob("*.begun"))
    path, filled = cells(results)
    assert {(journal.info.commit or "?")[:8] for journal in found} == {path.name[:8]}
    assert {name.partition(".")[0] for name in filled} == set(suites)
    assert "imports" in logs(results)
    assert not re.search(r" -[0-9.]+ m?s for ASV and imports", logs(results))
    assert (clone / "site" / "index.html").is_file(), logs(results)


@pytest.mark.full
def test_a_warned_grid_engine_job_puts_itself_back_into_the_queue_and_goes_on(grid_engine, results):
    """What its soft limit (``s_rt``) sends to the job's processes is sent here in mid-sweep."""
    job, report = submit(grid_engine, results, "--scheduler", "sge", "--suite", "futures", *SMOKE)
    wait_for("the first pairs", lambda: measured(results) > 0, BEGIN_SECONDS)
    [script] = [p for p in processes("JOB_ID", job) if "job_scripts" in " ".join(p.cmdline())]
    os.killpg(os.getpgid(script.pid), signal.SIGUSR1)
    listed = lambda: grid_engine.ask("qacct", "-j", job).stdout  # noqa: E731
    wait_for("both starts to be accounted for", lambda: listed().count(EXIT) > 1, END_SECONDS, 1)
    row = grid_engine.wait(job, 30)
    assert row["exit_status"] == "0", logs(results)
    [journal] = journals(results)
    assert ends(journal) == ["interrupted", "complete"], logs(results)
    assert twice(journal) == []
    assert grid_engine.wait(report, END_SECONDS)["exit_status"] == "0", logs(results)
    assert list(results.glob(f"cluster/accounting/sge-{job}.jsonl")), logs(results)
    assert (results.parent / "site" / "index.html").is_file(), logs(results)


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("grid_engine", ("sge", "--pe", "none-such"), 'parallel environment "none-such" does not'),
        ("slurm", ("slurm", "--queue", "none-such"), "invalid partition specified: none-such"),
    ],
)
def test_a_refused_job_costs_one_line_with_the_words_of_the_scheduler(
    request, results, name, options, words
):
    done = typed(request.getfixturevalue(name), results, "--scheduler", *options, *SMOKE)
    assert done.returncode == 2
    [line] = done.stderr.splitlines()
    assert words in line


def test_the_lines_for_cron_submit_to_grid_engine_with_no_more_than_cron_gives(
    grid_engine, results
):
    """What a crontab sets before its lines, and the shell that it runs them with."""
    options = ("--scheduler", "sge", "--every", "night", *SMOKE)
    *settings, line = answer(typed(grid_engine, results, *options))["lines"]
    night = line.split(None, 5)[5]
    given = dict(setting.split("=", 1) for setting in settings)
    given |= {"HOME": str(results.parent), "PATH": "/usr/bin:/bin", "SHELL": "/bin/sh"}
    done = subprocess.run(
        ["/bin/sh", "-c", night],
        cwd="/",
        env=given,
        capture_output=True,
        text=True,
        timeout=120,
        stdin=subprocess.DEVNULL,
    )
    jobs = answer(done)["jobs"]
    grid_engine.told("qdel", *jobs)
    wait_for("the jobs to leave", lambda: not any(map(grid_engine.state, jobs)), 60)


def has_gone_on(grid_engine, job, report, results):
    """The *job* that was stopped once comes to its end, and its journal is whole."""
    listed = lambda: grid_engine.ask("qacct", "-j", job).stdout  # noqa: E731
    wait_for("both starts to be accounted for", lambda: listed().count(EXIT) > 1, END_SECONDS, 1)
    assert grid_engine.wait(job, 30)["exit_status"] == "0", logs(results)
    grid_engine.ask("qdel", report)
    [journal] = journals(results)
    assert ends(journal) == ["interrupted", "complete"], logs(results)
    assert twice(journal) == []


@pytest.mark.full
def test_a_grid_engine_job_that_is_suspended_puts_itself_back_into_the_queue_and_goes_on(
    grid_engine, results
):
    """It is told some time before it is stopped: the engines of a sweep are no group of processes
    that a scheduler could stop as a whole."""
    job, report = submit(grid_engine, results, "--scheduler", "sge", "--suite", "futures", *SMOKE)
    wait_for("the first pairs", lambda: measured(results) > 0, BEGIN_SECONDS)
    grid_engine.told("qmod", "-sj", job)
    listed = lambda: grid_engine.ask("qacct", "-j", job).stdout  # noqa: E731
    wait_for("its first start to end", lambda: listed().count(EXIT) > 0, 90, 1)
    [journal] = journals(results)
    assert ends(journal) == ["interrupted"], logs(results)
    grid_engine.ask("qmod", "-usj", job)
    has_gone_on(grid_engine, job, report, results)


@pytest.mark.full
def test_a_grid_engine_job_with_a_checkpoint_environment_moves_and_goes_on(grid_engine, results):
    """The journal is the checkpoint; the command by which its site moves a job tells the job."""
    described = grid_engine.folder / "checkpoint"
    described.write_text(
        "ckpt_name journal\ninterface APPLICATION-LEVEL\nckpt_command none\n"
        "migr_command /bin/kill -USR1 $job_pid\n"
        "restart_command none\nclean_command none\nckpt_dir /tmp\nsignal none\nwhen xsr\n"
    )
    grid_engine.told("qconf", "-Ackpt", str(described))
    grid_engine.told("qconf", "-aattr", "queue", "ckpt_list", "journal", "main.q")
    options = ("--scheduler", "sge", "--suite", "futures", "--line=-ckpt journal", *SMOKE)
    job, report = submit(grid_engine, results, *options)
    wait_for("the first pairs", lambda: measured(results) > 0, BEGIN_SECONDS)
    grid_engine.told("qmod", "-sj", job)
    listed = lambda: grid_engine.ask("qacct", "-j", job).stdout  # noqa: E731
    wait_for("its first start to end", lambda: listed().count(EXIT) > 0, 120, 1)
    grid_engine.ask("qmod", "-usj", job)
    has_gone_on(grid_engine, job, report, results)


@pytest.mark.full
def test_ray_comes_up_in_a_job_of_grid_engine_with_the_folder_that_it_makes(grid_engine, results):
    """``/tmp/1234567.1.main.q`` is too long a name for Ray's sockets; the log says what is taken
    instead."""
    ray = ("--executor", "ray-tasks", "--sweep-workers", "2", "--budget", "5m")
    options = ("--scheduler", "sge", "--suite", "futures", *SMOKE, *ray)
    job, report = submit(grid_engine, results, *options)
    assert grid_engine.wait(job, END_SECONDS)["exit_status"] == "0", logs(results)
    grid_engine.told("qdel", report)
    said = f"scratch files go to /tmp: paths of sockets in /tmp/{job}.1.main.q would have"
    assert said in logs(results)
    [journal] = journals(results)
    assert {pair.executor for pair in journal.pairs} == {"ray-tasks"}
    left_out = {pair.reason for pair in journal.pairs if pair.status is not Status.OK}
    assert left_out <= {"ray-tasks has no delayed", "ray-tasks has no map"}, logs(results)
    assert [pair for pair in journal.pairs if pair.status is Status.OK], logs(results)


@pytest.mark.full
def test_journals_of_a_job_are_written_on_the_nodes_disk_and_survive_its_death(
    grid_engine, results, tmp_path
):
    """Killed in mid-sweep with lines that the results folder lacks: the next start has them all."""
    local = tmp_path / "disk"
    local.mkdir()
    named = ("--before", f"export CHUNKBENCH_LOCAL={local}")
    options = ("--scheduler", "sge", "--suite", "futures", *SMOKE, *named)
    first, report = submit(grid_engine, results, *options)
    near = lambda: [read_journal(path) for path in local.glob("*/*/*.jsonl")]  # noqa: E731
    ahead = lambda: [one for one in near() if len(one.pairs) > measured(results)]  # noqa: E731
    wait_for("lines that wait on the node", ahead, BEGIN_SECONDS)
    assert kill_hard("JOB_ID", first) > 1
    grid_engine.wait(first, BEGIN_SECONDS)
    [left] = near()
    grid_engine.told("qdel", report)
    second, report = submit(grid_engine, results, *options)
    assert grid_engine.wait(second, END_SECONDS)["exit_status"] == "0", logs(results)
    grid_engine.told("qdel", report)
    assert "that a job had left on this node's disk are copied" in logs(results)
    [journal] = journals(results)
    assert journal.pairs[: len(left.pairs)] == left.pairs
    assert ends(journal) == ["complete"], logs(results)
    assert twice(journal) == []
    assert not near()
