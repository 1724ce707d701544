"""What each listing says of a job, figure by figure: the cases that break parsers (method.md)."""

from __future__ import annotations

import json

import pytest

from harness.core.errors import InputError
from harness.reading.ingest.accounting import values
from harness.reading.ingest.accounting.job import MemoryOf, State
from harness.reading.ingest.accounting.listings import read
from tests.reading.ingest.accounting.listed import FOLDER, jobs

GIB = 2.0**30


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("766s", 766),
        ("0.040s", 0.04),
        ("131.792", 131.792),
        ("1006.00 sec.", 1006),
        ("02:06.500", 126.5),
        ("00:02:06", 126),
        ("40-00:00:00", 40 * 86400),
        ("1-02", 93600),
    ],
)
def test_durations(text, seconds):
    assert values.seconds(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("4.879KB", 4.879 * 1024),
        ("18.891GB", 18.891 * GIB),
        ("13.432G", 13.432 * GIB),
        ("1934000K", 1934000 * 1024),
        ("123kb", 123 * 1024),
        ("1000kw", 8 * 1024 * 1000),
        ("0.000B", 0),
        ("1934 MB", 1934 * 2**20),
    ],
)
def test_sizes(text, size):
    assert values.size(text) == pytest.approx(size)


def test_a_lower_case_prefix_is_decimal_in_requests_of_grid_engine():
    assert values.size("24g", lower_is_decimal=True) == 24e9
    assert values.size("24G", lower_is_decimal=True) == 24 * GIB


def test_the_dates_of_qacct_are_the_same_moment_and_1970_is_never():
    dates = ["Thu Feb 24 12:48:24 2022", "02/24/2022 12:48:24.000", "2022-02-24 12:48:24"]
    dates.append("20220224-12:48:24")
    assert len({values.moment(date) for date in dates}) == 1
    assert values.moment("Thu Jan  1 01:00:00 1970") is None


@pytest.mark.parametrize(
    ("start", "end", "seconds"),
    [
        ("Mon Feb 28 23:59:00 2022", "Tue Mar  1 00:01:00 2022", 120),
        ("Mon Feb 28 23:59:00", "Tue Mar  1 00:01:00", 120),  # of no leap year
        ("Wed Feb 28 23:59:00", "Fri Mar  1 00:01:00", 86520),  # of a leap year
        ("Fri Dec 31 23:59:00", "Sat Jan  1 00:01:00", 120),
        ("Tue Mar  1 00:01:00 2022", "Mon Feb 28 23:59:00 2022", None),
        ("Mon Feb 28 10:00:00", "Mon Feb 30 10:00:00", None),
    ],
)
def test_dates_without_a_year_are_told_apart_by_their_days_of_the_week(start, end, seconds):
    assert values.seconds_apart(start, end) == seconds


def test_the_lessons_worker_used_cpu_not_ru_utime_and_ended_after_the_job():
    job = jobs("lesson.qacct")["3526684"]
    assert (job.cpu_seconds, job.elapsed_seconds, job.slots) == (728.84, 766, 1)
    assert (job.exit_status, job.failed) == (137, "100 : assumedly after job")
    assert job.max_memory_bytes == pytest.approx(18.891 * GIB)
    # Its ru_ fields saw 0.085 s of 728 s: so its 38 switches are not those of the job.
    assert job.involuntary_switches is None


def test_the_lessons_request_is_per_slot():
    job = jobs("lesson.qacct")["3524046"]
    assert (job.requested_each_bytes, job.requested_per) == (24 * GIB, "slot")
    assert job.requested_memory_bytes == 192 * GIB
    assert (job.involuntary_switches, job.wait_seconds) == (30366, 14)


def test_qacct_keeps_requeues_apart_and_adds_up_parallel_tasks():
    listed = jobs("dialects.qacct")
    assert listed["41 run 1"].state is State.REQUEUED
    assert listed["41 run 2"].cpu_seconds == 590
    assert listed["41 run 2"].requested_memory_bytes == 2e9
    mpi = listed["43"]
    assert (mpi.cpu_seconds, mpi.slots, mpi.nodes, mpi.elapsed_seconds) == (372, 4, 2, 102)
    assert (mpi.memory_of, mpi.requested_memory_bytes) == ("tasks", 16 * GIB)


def test_parallel_tasks_without_a_name_are_those_that_ran_at_one_time():
    text = (FOLDER / "dialects.qacct").read_text()
    lines = [line for line in text.splitlines() if not line.startswith("pe_taskid")]
    (mpi,) = (job for job in read("\n".join(lines).encode(), "f") if job.job_id == "43")
    assert (mpi.cpu_seconds, mpi.attempts) == (372, 1)


def test_a_listing_pasted_twice_is_read_once():
    text = (FOLDER / "lesson.qacct").read_bytes()
    once, twice = read(text, "f"), read(text + text, "f")
    assert [job.cpu_seconds for job in twice] == [job.cpu_seconds for job in once]
    assert "read once" in twice[0].notes[-1]


def test_qacct_gives_the_time_of_killed_and_the_absence_of_never_started_jobs():
    listed = jobs("dialects.qacct")
    assert (listed["42.7"].elapsed_seconds, listed["42.7"].state) == (600, State.TIMEOUT)
    assert listed["42.7"].max_memory_bytes is None
    assert listed["42.7"].requested_memory_bytes is None  # INFINITY
    altair = listed["45"]
    assert (altair.elapsed_seconds, altair.involuntary_switches) == (314.272, 117557)
    assert altair.requested_memory_bytes is None  # submit_cmd is no category
    assert (listed["44"].wait_seconds, listed["44"].state) == (None, State.FAILED)


def test_sacct_takes_cpu_of_the_job_alone_and_memory_of_its_largest_step():
    job = jobs("jobs.sacct-parsable")["3526684"]
    assert (job.cpu_seconds, job.elapsed_seconds) == (1006.5, 126)
    assert job.max_memory_bytes == 1934000 * 1024
    assert (job.requested_memory_bytes, job.requested_per) == (8 * 4000 * 2**20, "slot")


def test_sacct_requests_per_node_and_memory_of_as_many_tasks_as_the_largest():
    job = jobs("jobs.sacct-parsable")["3526690"]
    assert (job.requested_memory_bytes, job.requested_per) == (2 * 10000 * 2**20, "node")
    assert (job.max_memory_bytes, job.elapsed_seconds) == (40 * GIB, 93600)
    assert job.memory_of is MemoryOf.TASKS_LIKE_LARGEST


def test_sacct_states_with_suffix_requeues_arrays_and_a_name_with_a_bar():
    listed = jobs("jobs.sacct-parsable")
    assert listed["3526691"].state is State.CANCELLED
    assert listed["3526691"].cpu_is_lower_bound
    assert (listed["3526692"].state, listed["3526692"].exit_status) == (State.OUT_OF_MEMORY, None)
    assert listed["3526693 run 1"].state is State.NODE_FAILED
    assert listed["3526693 run 2"].cpu_seconds == 590
    assert listed["3526694_3"].name == "a|b"
    assert (listed["3526694_[4-9]"].state, listed["3526694_[4-9]"].wait_seconds) == (
        State.PENDING,
        None,
    )


def test_steps_without_their_job_are_added_up_and_that_is_said():
    text = (
        "JobID|State|TotalCPU|Elapsed\n7.0|COMPLETED|00:10|00:00:20\n7.1|COMPLETED|00:05|00:00:09\n"
    )
    (job,) = read(text.encode(), "f")
    assert (job.cpu_seconds, job.elapsed_seconds) == (15, 20)
    assert "row of the job is missing" in job.notes[0]


def test_padded_columns_are_read_as_far_as_they_go_and_what_was_cut_is_named():
    listed = jobs("jobs.sacct-padded")
    assert listed["3526684"].cpu_seconds == 1006.5
    assert listed["3526684"].truncated == ()
    assert listed["3526692"].state is State.OUT_OF_MEMORY
    assert listed["3526695"].state is State.CANCELLED
    assert (listed["3526696"].cpu_seconds, listed["3526696"].truncated) == (None, ("TotalCPU",))
    # Job or step? The shortened id does not say, so that nothing is added up.
    assert listed["35266970_12+"].cpu_seconds == 60
    assert listed["35266970_12+"].truncated == ("JobID",)
    assert "were not read: 1" in listed["35266970_12+"].notes[0]


def test_padded_and_parsable_and_json_agree_on_a_job():
    names = ("sacct-padded", "sacct-parsable", "sacct-json")
    same = [jobs(f"jobs.{name}")["3526684"] for name in names]
    for name in ("state", "slots", "elapsed_seconds", "max_memory_bytes"):
        assert len({getattr(job, name) for job in same}) == 1


def test_json_of_old_and_new_slurm():
    listed = jobs("jobs.sacct-json")
    new, old = listed["3526684"], listed["3526698_7"]
    assert new.cpu_seconds == pytest.approx(1006.0005)
    assert (new.requested_memory_bytes, new.wait_seconds) == (32000 * 2**20, 14)
    assert (old.state, old.slots, old.nodes) == (State.OUT_OF_MEMORY, 2, 2)
    assert (old.max_memory_bytes, old.memory_of) == (4290560000, "tasks")


def test_an_error_in_json_names_the_line_of_its_job():
    content = json.loads((FOLDER / "jobs.sacct-json").read_text())
    content["jobs"][1]["time"]["elapsed"] = -5
    text = json.dumps(content, indent=1)
    line = text[: text.index('"job_id": 3526699')].count("\n") + 1
    with pytest.raises(InputError, match=f"f:{line}: Elapsed '-5'"):
        read(text.encode(), "f")


def test_seff():
    listed = jobs("jobs.seff")
    job = listed["3526684"]
    assert (job.slots, job.cpu_seconds, job.elapsed_seconds) == (8, 132, 126)
    assert (job.requested_memory_bytes, job.requested_each_bytes) == (16 * GIB, 2 * GIB)
    assert job.memory_of is MemoryOf.SOME_NODES  # no more CPU time than one of its two nodes has
    assert (listed["3526694_1"].state, listed["3526694_1"].max_memory_bytes) == (
        State.CANCELLED,
        None,
    )
    assert (listed["3526696"].state, listed["3526696"].cpu_seconds) == (State.PENDING, None)


def test_pbs_in_its_three_forms():
    listed = jobs("jobs.pbs")
    qstat, mail, log = (listed[f"{number}.server"] for number in (123, 124, 125))
    # The folded Variable_List holds what looks like a field.
    assert (qstat.cpu_seconds, qstat.slots, qstat.wait_seconds) == (1006, 8, 14)
    assert (mail.slots, mail.requested_memory_bytes) == (8, 8 * GIB)
    assert (mail.max_memory_bytes, mail.state) == (8 * 1024 * 1000, State.KILLED)
    assert (log.state, log.elapsed_seconds, log.wait_seconds) == (State.TIMEOUT, 126, 14)


def test_lsf_report_and_bacct():
    listed = jobs("jobs.lsf")
    report, bacct = listed["123"], listed["124"]
    assert (report.cpu_seconds, report.elapsed_seconds, report.wait_seconds) == (1006, 126, 14)
    assert (report.slots, report.nodes) == (16, 2)
    assert report.requested_memory_bytes == 16 * GIB
    assert (bacct.state, bacct.slots, bacct.elapsed_seconds) == (State.OUT_OF_MEMORY, 8, 126)
    assert bacct.max_memory_bytes == 1934 * 2**20
    old = listed["125"]
    assert (old.slots, old.nodes, old.elapsed_seconds, old.wait_seconds) == (3, 2, 67, 50)
    assert old.max_memory_bytes is None
