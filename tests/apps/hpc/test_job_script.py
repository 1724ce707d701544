"""A job script as a shell runs it, with programs in the place of chunkbench and the scheduler's."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from harness.apps.hpc.batch_systems import BatchSystem
from harness.apps.hpc.job_request import NIGHT_HOURS, JobRequest
from harness.apps.hpc.scripts import scripts

NOTE = """#!/bin/bash
[ -z "${OMP_NUM_THREADS:-}" ] || pinned=pinned
echo "$(basename "$0") $* ${pinned:-}" >>"$NOTES"
"""
CHUNKBENCH = f"""{NOTE}
trap 'echo stopped >>"$NOTES"; exit 130' USR1
[ "$1" = run ] || exit 0
for _ in $(seq "${{LASTS:-0}}"); do sleep 0.05; done
exit "${{CODE:-0}}"
"""
SRUN = """#!/bin/bash
export_all= words=()
for word; do case "$word" in
    --export=ALL) export_all=yes ;;
    --*=*) ;;
    *) break ;;
esac; shift; done
[ -n "$export_all" ] || exec env -i NOTES="$NOTES" "$@"
exec "$@"
"""

QSUB = f"""{NOTE}
echo 13.server
"""
"""A batch system that takes each job."""


class Machine:
    """A folder with the programs, what they were told, and the scripts of one job."""

    def __init__(self, folder: Path, scheduler: BatchSystem, **asked: object) -> None:
        self.folder, self.notes = folder, folder / "notes"
        self.results = folder / "results"
        bin_folder = folder / "bin"
        bin_folder.mkdir(exist_ok=True)
        programs = {"chunkbench": CHUNKBENCH, "srun": SRUN, "scontrol": NOTE, "qsub": QSUB}
        for name, text in programs.items():
            (bin_folder / name).write_text(text)
            (bin_folder / name).chmod(0o755)
        python = bin_folder / "python"
        job = JobRequest(scheduler, folder, self.results, python=python, **asked)  # type: ignore[arg-type]
        (self.results / "batch").mkdir(parents=True, exist_ok=True)
        self.script = next(iter(scripts(job).values()))
        self.mark = self.results / "batch" / "chunkbench.begun"

    def start(self, job: str = "12", **more: str) -> subprocess.Popen[str]:
        """Start the script as its scheduler does; *job* is the id."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        names = ("SLURM_JOB_ID", "JOB_ID", "PBS_JOBID", "LSB_JOBID")
        ids = {**dict.fromkeys(names, job), "NOTES": str(self.notes)}
        return subprocess.Popen(
            ["bash", "-c", self.script],
            env=kept | ids | more,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, job: str = "12", **more: str) -> tuple[int, str]:
        """Run it to its end; exit code and what it said."""
        started = self.start(job, **more)
        said, _ = started.communicate(timeout=20)
        return started.returncode, said

    def told(self) -> list[str]:
        return self.notes.read_text().splitlines() if self.notes.exists() else []

    def since(self) -> list[str]:
        """The moment that each start of the sweep was told."""
        return [
            line.partition("--since ")[2].split()[0] for line in self.told() if "--since" in line
        ]


@pytest.fixture
def machine(tmp_path: Path) -> Callable[..., Machine]:
    return lambda scheduler, **asked: Machine(tmp_path, BatchSystem(scheduler), **asked)


def signalled(machine: Machine, number: int) -> tuple[int, str]:
    """Send *number* to the script when its sweep is at work; exit code and what it said."""
    started = machine.start(LASTS="200")
    deadline = time.monotonic() + 10
    while not machine.told() and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.1)
    started.send_signal(number)
    said, _ = started.communicate(timeout=10)
    return started.returncode, said


@pytest.mark.parametrize("scheduler", ["slurm", "sge", "pbs", "lsf"])
def test_a_sweep_that_comes_to_its_end_leaves_the_report_to_its_own_job(machine, scheduler):
    here = machine(scheduler)
    code, said = here.run()
    assert (code, said) == (0, "")
    [line] = here.told()
    assert line.startswith("chunkbench run ")
    assert not here.mark.exists()


@pytest.mark.parametrize("before", [(), ("set -e",), ("set -eu -o pipefail",)])
@pytest.mark.parametrize("scheduler", ["slurm", "sge", "lsf"])
def test_a_warned_job_stops_its_sweep_and_goes_back_into_the_queue(machine, scheduler, before):
    """Also where a line before it, or what ``module load`` reads, has the shell end at errors."""
    here = machine(scheduler, before=before)
    code, said = signalled(here, signal.SIGUSR1)
    assert "stopped" in here.told(), said
    if scheduler == "slurm":
        assert here.told()[-1].split()[:3] == ["scontrol", "requeue", "12"]
    else:
        assert code == 99
    assert here.mark.exists()


def of_pbs(machine, **asked):
    """A job of PBS that warned itself after two seconds and was stopped by that; its exit code."""
    here = machine("pbs", budget_seconds=1.0, walltime_seconds=2.0, **asked)
    code, said = here.run(LASTS="400", CHUNKBENCH_TASK="2")
    assert "not submitted again" not in said
    return here, code


def test_under_pbs_a_job_warns_itself_and_is_submitted_again_by_itself(machine):
    """Neither does the scheduler: it would give a job 10 s, and no user may put it back. The job
    after it is told whose it is, so that the night is the same, however long the queue is."""
    here, code = of_pbs(machine)
    batch = here.results / "batch"
    _, stopped, again, report = here.told()
    assert (code, stopped) == (130, "stopped")
    assert again.split()[1:] == (
        f"-W depend=afterany:12 -v CHUNKBENCH_JOB=12 {batch}/chunkbench.sh pinned".split()
    )
    assert report.split()[1:] == (
        f"-W depend=afterany:13.server {batch}/chunkbench-report.sh pinned".split()
    )
    then = here.since()
    here.run("13", CHUNKBENCH_JOB="12")
    assert here.since() == [*then, *then]


def test_under_pbs_a_task_that_is_stopped_is_submitted_again_as_that_task(machine):
    """And its part of the suites is named by the number that it was handed."""
    here, _ = of_pbs(machine, tasks=3)
    first, _, again, _ = here.told()
    assert "--share 2/3" in first
    assert "-v CHUNKBENCH_JOB=12,CHUNKBENCH_TASK=2" in again


def test_a_job_that_is_ended_stops_its_sweep_and_does_not_requeue_itself(machine):
    here = machine("slurm")
    code, _ = signalled(here, signal.SIGTERM)
    assert code == 130
    assert "stopped" in here.told()
    assert not [line for line in here.told() if line.startswith("scontrol requeue")]
    assert here.mark.exists()


def test_a_job_that_makes_room_for_another_one_goes_back_into_the_queue(machine):
    """SLURM says by TERM alone that it is preempted, as it does where a user ends the job."""
    here = machine("slurm")
    said = "\necho '   PreemptEligibleTime=2026-11-29T21:00:00 PreemptTime=2026-11-29T21:01:00'\n"
    (here.folder / "bin" / "scontrol").write_text(NOTE + said)
    signalled(here, signal.SIGTERM)
    assert here.told()[-1].split()[:3] == ["scontrol", "requeue", "12"]
    assert here.mark.exists()


@pytest.mark.parametrize("scheduler", ["slurm", "sge"])
def test_a_job_whose_sweep_was_killed_goes_back_into_the_queue(machine, scheduler):
    """For lack of memory the kernel may end a step, and not the script that started it: one case
    costs itself, and not the night."""
    here = machine(scheduler)
    code, _ = here.run(CODE="137")
    if scheduler == "slurm":
        assert here.told()[-1].split()[:3] == ["scontrol", "requeue", "12"]
    else:
        assert code == 99
    assert here.mark.exists()


@pytest.mark.parametrize("before", [(), ("set -e",)])
def test_a_sweep_that_fails_at_once_gives_its_exit_code(machine, before):
    here = machine("sge", before=before)
    for _ in range(5):
        code, said = here.run(CODE="2")
        assert (code, said) == (2, "")


def test_the_sweep_has_the_environment_also_where_the_job_was_given_none(machine):
    """``--export=NONE`` holds for steps as well, unless they are told otherwise: no pin, and no
    chunkbench to be found."""
    here = machine("slurm")
    assert here.run()[0] == 0
    [line] = here.told()
    assert line.endswith("pinned")


def aged(machine: Machine, hours: float) -> None:
    then = time.time() - 3600 * hours
    os.utime(machine.mark, (then, then))


def begun(machine: Machine) -> str:
    """A sweep that job 12 began two days ago, and that was killed."""
    moment = "2026-11-27T22:00:00Z"
    machine.mark.write_text(f"{moment}\n12 n1\n")
    return moment


def test_the_same_job_goes_on_however_long_it_waited_in_the_queue(machine):
    here = machine("slurm")
    moment = begun(here)
    aged(here, 48)
    here.run("12")
    assert here.since() == [moment]


def test_a_job_that_is_submitted_again_in_the_same_night_goes_on(machine):
    here = machine("sge")
    moment = begun(here)
    aged(here, NIGHT_HOURS - 1)
    here.run("13")
    assert here.since() == [moment]


def test_the_next_night_is_a_run_of_its_own(machine):
    """Rounds of two nights are not pooled: what was killed stays as it is, and is said."""
    here = machine("slurm")
    moment = begun(here)
    aged(here, NIGHT_HOURS + 1)
    code, said = here.run("13", CODE="2")
    [since] = here.since()
    assert datetime.now(UTC) - datetime.fromisoformat(since) < timedelta(seconds=60)
    assert moment in said
    assert "another night" in said
    [start] = here.mark.read_text().splitlines()[1:]
    assert start.startswith("13 ")
    assert code == 2


def test_an_old_night_is_gone_on_with_where_that_is_asked_for(machine):
    here = machine("slurm", resume=True)
    moment = begun(here)
    aged(here, 240)
    here.run("13")
    assert here.since() == [moment]


def test_the_local_script_reports_by_itself(machine):
    here = machine("local")
    assert here.run()[0] == 0
    assert [line.split()[1] for line in here.told()] == ["run", "tables", "publish"]
