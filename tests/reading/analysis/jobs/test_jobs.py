"""Figures and findings of jobs: the lesson's three as worked out by hand, and each rule's edge."""

from __future__ import annotations

import pytest

from harness.reading.analysis.jobs.efficiency import Finding, efficiency
from harness.reading.ingest.accounting.job import Job, ListingKind, State
from harness.reading.ingest.accounting.listings import read_file
from tests.reading.ingest.accounting.listed import FOLDER

LESSON = {job.job_id: efficiency(job) for job in read_file(FOLDER / "lesson.qacct")}


def efficiency_of(**fields):
    """The efficiency of a job of 8 slots that ran 1000 s, unless told otherwise."""
    known = {"job_id": "1", "source": ListingKind.QACCT, "file": "f", "line": 1, "slots": 8}
    known |= {"state": State.COMPLETED, "elapsed_seconds": 1000.0, "cpu_seconds": 7900.0}
    return efficiency(Job.model_validate(known | fields))


@pytest.mark.parametrize(
    ("job", "share", "cores", "first"),
    [
        ("3526684", 0.951, 0.95, Finding.USED_WELL),
        ("3524073", 0.873, 6.98, Finding.USED_WELL),
        ("3524046", 0.131, 1.05, Finding.ONE_CORE_SHARED),
    ],
)
def test_the_lessons_jobs(job, share, cores, first):
    assert LESSON[job].cpu_efficiency == pytest.approx(share, abs=5e-4)
    assert LESSON[job].cores_used == pytest.approx(cores, abs=5e-3)
    assert LESSON[job].findings[0] is first


def test_a_worker_killed_after_its_job_is_no_lack_of_memory():
    assert Finding.AFTER_JOB in LESSON["3526684"].findings
    assert Finding.OUT_OF_MEMORY not in LESSON["3526684"].findings


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, Finding.USED_WELL),
        ({"involuntary_switches": 790_000}, Finding.CROWDED),
        ({"cpu_seconds": 9000.0}, Finding.MORE_CORES),
        ({"cpu_seconds": 3000.0}, Finding.FEW_CORES),
        ({"cpu_seconds": 1000.0}, Finding.ONE_CORE),
        ({"cpu_seconds": 1000.0, "involuntary_switches": 4000}, Finding.ONE_CORE),
        ({"cpu_seconds": 1000.0, "involuntary_switches": 90_000}, Finding.ONE_CORE_SHARED),
        ({"cpu_seconds": 100.0}, Finding.IDLE),
        ({"cpu_seconds": None}, Finding.CPU_UNKNOWN),
        ({"elapsed_seconds": None}, Finding.CPU_UNKNOWN),
        ({"slots": None}, Finding.SLOTS_UNKNOWN),
        ({"cpu_seconds": 0.0}, Finding.NOTHING_BOOKED),
        (
            {"state": State.CANCELLED, "cpu_is_lower_bound": True, "cpu_seconds": 0.04},
            Finding.NOTHING_BOOKED,
        ),
        ({"state": State.TIMEOUT, "cpu_is_lower_bound": True}, Finding.LOWER_BOUND),
        ({"state": State.TIMEOUT}, Finding.TIMEOUT),
        ({"state": State.KILLED, "exit_status": 137}, Finding.KILLED),
        ({"state": State.KILLED, "failed": "resources over limit"}, Finding.OVER_LIMIT),
        ({"state": State.FAILED, "exit_status": 1}, Finding.FAILED),
        ({"state": State.RUNNING}, Finding.NOT_ENDED),
        ({"state": State.OUT_OF_MEMORY}, Finding.OUT_OF_MEMORY),
        ({"elapsed_seconds": 21.0, "cpu_seconds": 146.0}, Finding.SHORT),
        ({"elapsed_seconds": 9.0, "cpu_seconds": 70.0}, Finding.TOO_SHORT),
        ({"nodes": 4, "nodes_booked": 1, "cpu_is_lower_bound": True}, Finding.SOME_NODES),
        ({"wait_seconds": 1001.0}, Finding.LONG_WAIT),
        ({"attempt": 2, "attempts": 2}, Finding.SEVERAL_RECORDS),
        ({"truncated": ("State",)}, Finding.TRUNCATED),
        ({"max_memory_bytes": 4e9, "requested_memory_bytes": 8.1e9}, Finding.MEMORY_LITTLE),
        ({"max_memory_bytes": 7.9e9, "requested_memory_bytes": 8e9}, Finding.MEMORY_TIGHT),
        ({"max_memory_bytes": 9e9, "requested_memory_bytes": 8e9}, Finding.MEMORY_ABOVE),
    ],
)
def test_each_finding(fields, expected):
    assert expected in efficiency_of(**fields).findings


@pytest.mark.parametrize(
    "fields",
    [
        {"wait_seconds": 999.0},
        {"max_memory_bytes": 6e9, "requested_memory_bytes": 8e9},
        {"max_memory_bytes": 1e6, "requested_memory_bytes": 5e8},  # not worth a remark
        {"max_memory_bytes": 1e9, "requested_memory_bytes": 8e9, "memory_of": "largest task"},
        # No more than was asked for is known, if its tasks were not all as large as the largest.
        {
            "max_memory_bytes": 9e9,
            "requested_memory_bytes": 8e9,
            "memory_of": "tasks like the largest",
        },
    ],
)
def test_a_job_that_used_what_it_asked_for_is_told_nothing_else(fields):
    assert efficiency_of(**fields).findings == (Finding.USED_WELL,)


def test_of_a_lower_bound_nothing_is_concluded_from_its_being_low():
    low = efficiency_of(state=State.TIMEOUT, cpu_is_lower_bound=True, cpu_seconds=1000.0)
    assert low.findings == (Finding.LOWER_BOUND, Finding.TIMEOUT)


def test_no_figure_is_made_of_what_is_not_known():
    none = efficiency_of(cpu_seconds=None, max_memory_bytes=None, requested_memory_bytes=1e9)
    assert (none.cpu_efficiency, none.cores_used, none.memory_efficiency) == (None, None, None)
    assert efficiency_of(elapsed_seconds=0.0, cpu_seconds=0.0).cpu_efficiency is None


USED = {"max_memory_bytes": 2e9, "requested_memory_bytes": 64e9}


@pytest.mark.parametrize(
    "fields",
    [
        {"memory_of": "largest task"},
        {"memory_of": "largest step"},
        {"memory_of": "some nodes"},
        {"elapsed_seconds": 59.0, "cpu_seconds": 400.0},
        {"state": State.FAILED, "exit_status": 1},
        {"state": State.CANCELLED},
        {"state": State.TIMEOUT},
        {"state": State.UNKNOWN},
        {"state": State.KILLED, "failed": "100 : assumedly after job", "exit_status": 137},
        {"max_memory_bytes": 4e8},
    ],
)
def test_no_memory_is_advised_from_a_part_of_a_job_or_from_too_little(fields):
    """Who follows such advice has the next job killed."""
    assert efficiency_of(**(USED | fields)).advised_memory_bytes is None


def test_a_fifth_more_than_was_seen_is_advised_to_a_job_that_ran_to_its_end():
    assert efficiency_of(**USED).advised_memory_bytes == pytest.approx(2.4e9)
    worker = {"name": "dask-worker", "failed": "100 : assumedly after job", "exit_status": 137}
    ended = efficiency_of(state=State.KILLED, **(USED | worker))
    assert ended.advised_memory_bytes == pytest.approx(2.4e9)


def test_nothing_is_said_of_the_cores_of_a_run_of_seconds():
    assert efficiency_of(elapsed_seconds=1.0, cpu_seconds=0.0).findings == (Finding.TOO_SHORT,)
