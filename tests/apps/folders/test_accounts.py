"""``chunkbench account``: from the journals' job ids to accounting kept beside them, and joined."""

from __future__ import annotations

import json
import sys
from datetime import timedelta

import pytest

from harness.apps.folders import account_again
from harness.apps.folders.account_again import account_in_time
from harness.apps.folders.accounts import Outcome, account
from harness.cli import main
from harness.core.errors import InputError
from harness.core.records import Scheduler
from harness.reading.analysis.jobs.job_use import job_tables
from harness.reading.analysis.verdict.cases import cases
from harness.reading.ingest import read_results
from harness.reading.ingest.accounting.kept import read_folder
from harness.reading.ingest.accounting.listings import read
from harness.reading.report.words.job_words import sentences
from tests.apps.folders.jobs_measured import SACCT, in_job, qacct, sacct
from tests.reading.ingest.builders import RUN

pytestmark = pytest.mark.e2e

OTHER = RUN.replace("7f3a", "0001")


def answering(asked=None, **listings):
    """What a batch system with these listings answers; what it was asked is added to *asked*."""

    def ask(job, command):
        if asked is not None:
            asked.append((job, command))
        if job not in listings:
            raise InputError(f"{command} lists no such job")
        text = listings[job]
        return read(text.encode(), f"{command} {job}")

    return ask


def kept(accounted):
    """The file where the accounting of a job is kept."""
    assert accounted.path is not None
    return accounted.path


def joined(folder):
    """Results, and the tables ``cases``, ``jobs`` and ``job_cases`` of what is kept there."""
    results = read_results(folder)
    judged = cases(results.pairs, results.blocks, results.runs)
    return results, judged, *job_tables(results, judged, sentences)


def row(results):
    """The first row of ``jobs``."""
    return joined(results)[2].iloc[0].to_dict()


@pytest.fixture
def just_ended(monkeypatch):
    """Batch systems that can be asked here, about jobs that ended now; no pause between asks."""
    monkeypatch.setattr(account_again, "BOOKED_LATER", timedelta.max)
    monkeypatch.setattr(account_again, "PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(account_again, "which", lambda command: f"/usr/bin/{command}")


def booked_late(asked, times):
    """A batch system that has the job's record only when it is asked so many *times*."""

    def ask(job, command):
        asked.append(job)
        if len(asked) < times:
            raise InputError(f"{command} lists no such job")
        return read((SACCT + sacct("12")).encode(), f"{command} {job}")

    return ask


def test_what_is_booked_some_time_after_the_end_is_asked_for_again(tmp_path, just_ended):
    """The report of a night starts as soon as its sweep has ended."""
    in_job(tmp_path)
    asked: list[str] = []
    [job] = account_in_time(tmp_path, wait_seconds=60, ask=booked_late(asked, 3))
    assert (job.outcome, len(asked)) == (Outcome.KEPT, 3)


@pytest.mark.parametrize("why", ["no command", "long ago", "no time"])
def test_what_cannot_come_is_not_waited_for(tmp_path, just_ended, monkeypatch, why):
    if why == "no command":
        monkeypatch.setattr(account_again, "which", lambda command: None)
    elif why == "long ago":
        monkeypatch.setattr(account_again, "BOOKED_LATER", timedelta(0))
    in_job(tmp_path)
    asked: list[str] = []
    seconds = 0 if why == "no time" else 60
    [job] = account_in_time(tmp_path, wait_seconds=seconds, ask=booked_late(asked, 3))
    assert (job.outcome, len(asked)) == (Outcome.MISSING, 1)


def test_a_job_is_asked_for_once_and_joined_from_files_alone(tmp_path, monkeypatch):
    """40 min of CPU in 30 min on 2 cores: 66.7 %, 1 core-hour."""
    in_job(tmp_path)
    asked: list[tuple[str, str]] = []
    ask = answering(asked, **{"12": SACCT + sacct("12")})
    [first] = account(tmp_path, ask=ask)
    assert (first.outcome, first.path) == (
        Outcome.KEPT,
        tmp_path / "made-up/accounting/slurm-12.jsonl",
    )
    before = kept(first).read_bytes()
    [again] = account(tmp_path, ask=ask)
    assert again.outcome is Outcome.KNOWN
    assert asked == [("12", "sacct")]
    assert kept(first).read_bytes() == before
    monkeypatch.setenv("PATH", "")
    job = row(tmp_path)
    assert job["job"] == "slurm-12"
    assert job["cpu_efficiency"] == pytest.approx(2400 / 3600)
    assert job["cores_used"] == pytest.approx(2400 / 1800)
    assert job["core_hours"] == job["job_core_hours"] == pytest.approx(1.0)
    assert job["wait_seconds"] == 600
    assert job["memory_efficiency"] == pytest.approx(0.25)
    assert (job["state"], job["slots"], job["role"], job["cluster"]) == (
        "completed",
        2,
        "run",
        "bench",
    )
    assert "1.33 cores at work" in job["findings"]


def test_conclusions_are_verdicts_other_than_undetermined(tmp_path):
    in_job(tmp_path)
    account(tmp_path, ask=answering(**{"12": SACCT + sacct("12")}))
    _, judged, jobs, _ = joined(tmp_path)
    concluded = int((judged["verdict"].dropna() != "undetermined").sum())
    job = jobs.iloc[0]
    assert concluded > 0
    assert (job["cases"], job["conclusions"]) == (5, concluded)
    assert job["core_hours_per_conclusion"] == pytest.approx(1.0 / concluded)


def test_each_case_has_cpu_efficiency_beside_parallel_efficiency(tmp_path):
    """Pairs of 1 s of CPU; of the job's core-hours nothing is lost among its cases."""
    in_job(tmp_path)
    account(tmp_path, ask=answering(**{"12": SACCT + sacct("12")}))
    results, judged, _, of_jobs = joined(tmp_path)
    assert (judged["job"] == "slurm-12").all()
    assert of_jobs["core_hours"].sum() == pytest.approx(1.0)
    measured = of_jobs[of_jobs["rounds"] > 0]
    assert list(measured["job_cpu_efficiency"]) == pytest.approx([2 / 3] * 4)
    merged = measured.merge(judged, on=["run", "chunk"])
    assert (merged["efficiency_x"] == merged["efficiency_y"]).all()
    [row] = measured[measured["chunk"] == 1_000_000].to_dict("records")
    pairs = results.pairs
    took = pairs.loc[pairs["chunk"] == 1_000_000, "parallel_seconds"].sum()
    assert row["case_cpu_efficiency"] == pytest.approx(8 / (took * 2))


def test_a_cancelled_worker_with_no_cpu_booked_gets_what_the_harness_counted(tmp_path):
    """32 pairs of 1 s: 16 s for each of two workers' jobs, a lower bound that is said to be one."""
    in_job(tmp_path, workers=["slurm-13", "slurm-14"])
    lines = "".join(
        sacct(job, state="CANCELLED by 0", cpu="00:00:00.002", elapsed=60) for job in ("13", "14")
    )
    text = SACCT + sacct("12") + lines
    account(tmp_path, ask=answering(**dict.fromkeys(("12", "13", "14"), text)))
    jobs = joined(tmp_path)[2].set_index("job")
    for name in ("slurm-13", "slurm-14"):
        worker = jobs.loc[name]
        assert (worker["role"], worker["cpu_source"]) == ("workers", "counted by the harness")
        assert worker["cpu_seconds"] == pytest.approx(16.0)
        assert worker["cpu_efficiency"] == pytest.approx(16 / 120)
        assert worker["cpu_is_lower_bound"]
        assert "a lower bound" in worker["reason"]
        assert worker.isna()["conclusions"]
    assert jobs.loc["slurm-12", "cpu_source"] == "booked by the scheduler"


def test_a_run_resumed_in_another_job_belongs_to_both(tmp_path):
    """Conclusions count once, in the job that measured the last round."""
    in_job(tmp_path, resumed="15")
    text = SACCT + sacct("12", state="TIMEOUT") + sacct("15")
    account(tmp_path, ask=answering(**{"12": text, "15": text}))
    _, judged, jobs, of_jobs = joined(tmp_path)
    jobs = jobs.set_index("job")
    assert list(jobs.index) == ["slurm-12", "slurm-15"]
    assert set(judged["job"].dropna()) == {"slurm-12, slurm-15", "slurm-15"}
    concluded = int((judged["verdict"].dropna() != "undetermined").sum())
    assert list(jobs["conclusions"]) == [0, concluded]
    assert jobs["run_seconds"].sum() == pytest.approx(1500, abs=30)
    assert of_jobs["rounds"].sum() == judged["rounds"].sum()


def test_runs_of_one_job_share_its_core_hours_by_wall_time(tmp_path):
    in_job(tmp_path, seconds=900)
    in_job(tmp_path, run=OTHER, seconds=2700)
    account(tmp_path, ask=answering(**{"12": SACCT + sacct("12")}))
    jobs = joined(tmp_path)[2].set_index("run")
    assert jobs.loc[OTHER, "core_hours"] == pytest.approx(0.75)
    assert jobs.loc[RUN, "core_hours"] == pytest.approx(0.25)
    assert list(jobs["job_core_hours"]) == pytest.approx([1.0, 1.0])


def test_a_job_that_still_runs_is_asked_for_again(tmp_path):
    in_job(tmp_path)
    running = answering(**{"12": SACCT + sacct("12", state="RUNNING", cpu="00:00:00")})
    [first] = account(tmp_path, ask=running)
    assert first.outcome is Outcome.NOT_ENDED
    assert "run chunkbench account again" in row(tmp_path)["reason"]
    asked: list[tuple[str, str]] = []
    [second] = account(tmp_path, ask=answering(asked, **{"12": SACCT + sacct("12")}))
    assert (second.outcome, asked) == (Outcome.KEPT, [("12", "sacct")])
    lines = kept(second).read_text().splitlines()
    assert [json.loads(line)["records"][0]["state"] for line in lines] == ["running", "completed"]
    assert row(tmp_path)["state"] == "completed"


def test_an_older_record_does_not_take_the_place_of_an_ended_one(tmp_path):
    in_job(tmp_path)
    (tmp_path / "now").write_text(SACCT + sacct("12"))
    (tmp_path / "before").write_text(SACCT + sacct("12", state="RUNNING"))
    assert account(tmp_path, [str(tmp_path / "now")])[0].outcome is Outcome.KEPT
    assert account(tmp_path, [str(tmp_path / "before")])[0].outcome is Outcome.KNOWN
    assert row(tmp_path)["state"] == "completed"


def test_a_requeued_job_has_its_records_added_up(tmp_path):
    in_job(tmp_path)
    text = SACCT + sacct("12", state="NODE_FAIL", cpu="00:10:00", elapsed=600) + sacct("12")
    account(tmp_path, ask=answering(**{"12": text}))
    job = row(tmp_path)
    assert (job["records"], job["state"]) == (2, "completed")
    assert job["cpu_seconds"] == 3000
    assert job["elapsed_seconds"] == 2400
    assert job["core_hours"] == pytest.approx(2 * 2400 / 3600)
    assert job["cpu_is_lower_bound"]
    assert "put back and ran again" in job["findings"]


def test_a_job_that_was_put_back_has_not_ended(tmp_path):
    in_job(tmp_path)
    ask = answering(**{"12": SACCT + sacct("12", state="REQUEUED")})
    assert account(tmp_path, ask=ask)[0].outcome is Outcome.NOT_ENDED


def test_another_job_that_had_the_id_years_ago_is_left_out(tmp_path):
    in_job(tmp_path, scheduler=Scheduler.SGE)
    old = qacct("12", start="11/23/2019 09:14:50", cpu=1)
    [accounted] = account(tmp_path, ask=answering(**{"12": old + qacct("12")}))
    assert accounted.outcome is Outcome.KEPT
    job = row(tmp_path)
    assert (job["records"], job["cpu_seconds"]) == (1, 2400)
    assert job["core_hours"] == pytest.approx(1.0)


def test_only_records_of_another_time_are_no_record(tmp_path):
    in_job(tmp_path, scheduler=Scheduler.SGE)
    old = qacct("12", start="11/23/2019 09:14:50")
    [accounted] = account(tmp_path, ask=answering(**{"12": old}))
    assert accounted.outcome is Outcome.MISSING
    assert accounted.reason is not None
    assert "of another time" in accounted.reason
    assert "run chunkbench account" in row(tmp_path)["reason"]


@pytest.mark.parametrize(
    ("scheduler", "job", "text"),
    [
        (Scheduler.SLURM, "12_7", SACCT + sacct("12_6", cpu="00:01:00") + sacct("12_7")),
        (Scheduler.SGE, "12.7", qacct("12", "6", cpu=1) + qacct("12", "7")),
    ],
)
def test_a_task_of_an_array_is_told_from_its_siblings(tmp_path, scheduler, job, text):
    in_job(tmp_path, job, scheduler=scheduler)
    (tmp_path / "listing").write_text(text)
    [accounted] = account(tmp_path, [str(tmp_path / "listing")])
    assert accounted.outcome is Outcome.KEPT
    assert row(tmp_path)["cpu_seconds"] == 2400


def test_ids_of_another_scheduler_are_another_job(tmp_path):
    in_job(tmp_path, scheduler=Scheduler.SLURM)
    (tmp_path / "listing").write_text(qacct("12"))
    [accounted] = account(tmp_path, [str(tmp_path / "listing")])
    assert (accounted.outcome, accounted.reason) == (Outcome.MISSING, "the listings do not have it")


def test_two_machines_with_one_job_id_have_a_record_each(tmp_path):
    in_job(tmp_path)
    in_job(tmp_path, run=OTHER, machine="another")
    account(tmp_path / "made-up", ask=answering(**{"12": SACCT + sacct("12")}))
    assert len(read_folder(tmp_path / "made-up")) == 1
    assert read_folder(tmp_path / "another") == []
    jobs = joined(tmp_path)[2].set_index("run")
    assert jobs.loc[RUN, "records"] == 1
    assert jobs.loc[OTHER, "records"] == 0


def test_pbs_and_lsf_are_not_asked_but_read(tmp_path):
    in_job(tmp_path, "12.head", scheduler=Scheduler.PBS)
    [accounted] = account(tmp_path, ask=answering())
    assert (accounted.outcome, accounted.reason) == (
        Outcome.MISSING,
        "pbs is not asked: give its listing as a file",
    )


def test_a_run_outside_of_any_job_has_no_row(tmp_path):
    in_job(tmp_path, None)
    assert account(tmp_path, ask=answering()) == []
    _, judged, jobs, of_jobs = joined(tmp_path)
    assert (len(jobs), len(of_jobs)) == (0, 0)
    assert judged["job"].isna().all()


def test_a_line_cut_off_by_a_crash_is_left_out_and_a_damaged_one_named(tmp_path):
    in_job(tmp_path)
    [accounted] = account(tmp_path, ask=answering(**{"12": SACCT + sacct("12")}))
    whole = kept(accounted).read_bytes()
    kept(accounted).write_bytes(whole + b'{"v":1,"kind":"acc')
    assert len(read_folder(tmp_path / "made-up")) == 1
    kept(accounted).write_bytes(b"{}\n" + whole)
    with pytest.raises(InputError, match=r"slurm-12.jsonl, line 1: not what chunkbench account"):
        read_results(tmp_path)


@pytest.fixture
def command(tmp_path, monkeypatch, capsys):
    """Run ``chunkbench`` where the only command is a sacct that prints a file."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    (tmp_path / "bin").mkdir()
    (tmp_path / "listing").write_text(SACCT + sacct("12"))
    script = tmp_path / "bin/sacct"
    script.write_text(f"#!/bin/sh\n/bin/cat {tmp_path / 'listing'}\n")
    script.chmod(0o755)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["chunkbench", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            main()
        return stop.value.code, *capsys.readouterr()

    return run


def test_the_command_asks_keeps_and_shows(command, tmp_path):
    results = tmp_path / "results"
    in_job(results)
    in_job(results, "99", run=OTHER)
    code, out, _ = command("account", "--results", results, "--format", "json")
    second, first = json.loads(out)["jobs"]
    assert code == 1  # one of them is missing
    assert (first["job"], first["outcome"], first["runs"]) == ("slurm-12", "kept", [RUN])
    assert (second["outcome"], second["reason"]) == (
        "missing",
        "the batch system has no record of it yet",
    )
    code, out, _ = command("tables", "--all", "--results", results)
    assert code == 0
    text = " ".join(out.split())
    assert "batch jobs ==========" in text
    assert "slurm-12 completed" in text
    assert "66.7 %" in text
    assert "slurm-99: no accounting is kept for it: run chunkbench account" in text


def test_no_job_is_no_failure(command, tmp_path):
    in_job(tmp_path / "results", None)
    assert command("account", "--results", tmp_path / "results") == (
        0,
        "no journal names a batch job\n",
        "",
    )
