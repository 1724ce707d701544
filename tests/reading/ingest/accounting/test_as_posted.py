"""Listings as people post them: parts missing, pasted with a margin, of jobs that ended badly."""

from __future__ import annotations

import pytest

from harness.core.errors import InputError
from harness.reading.analysis.jobs.efficiency import Finding, efficiency
from harness.reading.ingest.accounting.job import MemoryOf, State
from harness.reading.ingest.accounting.listings import read
from tests.reading.ingest.accounting.listed import FILES, FOLDER, jobs

GIB = 2.0**30


def test_bjobs_gives_times_between_dates_without_a_year():
    listed = jobs("dated.lsf")
    done = listed["501"]
    assert (done.state, done.slots, done.nodes, done.name) == (State.COMPLETED, 4, 1, "stencil")
    assert (done.elapsed_seconds, done.wait_seconds, done.cpu_seconds) == (600, 60, 1800.5)
    assert done.max_memory_bytes == 3 * GIB
    running = listed["503"]
    assert (running.state, running.elapsed_seconds, running.slots) == (State.RUNNING, 3600, 3)
    assert (running.cpu_is_lower_bound, running.max_memory_bytes) == (True, GIB / 2)


def test_bhist_counts_the_time_that_a_job_ran_not_that_it_was_suspended():
    done = jobs("history.lsf")["601"]
    assert (done.elapsed_seconds, done.cpu_seconds, done.slots) == (1000, 6000, 8)
    assert (done.state, done.max_memory_bytes) == (State.COMPLETED, 5 * GIB)
    assert done.started == "2021-12-31T23:50:06"


def test_a_kill_on_lsf_is_told_by_its_words_and_by_the_run_limit():
    assert (jobs("dated.lsf")["502"].state, jobs("dated.lsf")["502"].exit_status) == (
        State.TIMEOUT,
        137,
    )
    assert jobs("history.lsf")["602"].state is State.CANCELLED


def test_a_table_of_bacct_that_contradicts_its_dates_is_not_believed():
    text = (FOLDER / "jobs.lsf").read_text().replace("14            140", "14             14")
    (job,) = (job for job in read(text.encode(), "f") if job.job_id == "124")
    assert job.elapsed_seconds is None
    assert "contradict each other" in job.notes[0]


@pytest.mark.parametrize(
    ("job_id", "slots", "nodes"),
    [
        ("301", 7, 2),  # ranges of TORQUE; its Resource_List.ncpus is a default of 1
        ("302", 8, 2),  # exec_vnode, whose vnodes are parts of a node
        ("303", 1, 1),  # the number of a core, not their number
        ("304", 64, 4),
        ("305", 2, 1),  # of a mail
    ],
)
def test_cores_of_pbs_are_read_from_where_they_stand(job_id, slots, nodes):
    job = jobs("granted.pbs")[f"{job_id}.server"]
    assert (job.slots, job.nodes) == (slots, nodes)


def test_memory_for_each_slot_of_pbs_is_asked_for_by_the_slot():
    job = jobs("granted.pbs")["303.server"]
    assert (job.requested_memory_bytes, job.requested_per) == (4000 * 2**20, "slot")


def test_a_kill_on_pbs_is_told_by_its_words_its_number_and_the_walltime():
    listed = jobs("granted.pbs")
    assert listed["301.server"].state is State.TIMEOUT  # 271, after the hour that it asked for
    # The same number: TORQUE's limits, and a user that PBS Professional does not know.
    assert Finding.OVER_LIMIT in efficiency(listed["305.server"]).findings
    assert listed["302.server"].state is State.FAILED
    assert listed["306.server"].state is State.OUT_OF_MEMORY


def test_tracejob_is_read_from_the_lines_that_hold_figures():
    job = jobs("traced.pbs")["401.server"]
    assert (job.cpu_seconds, job.elapsed_seconds, job.slots) == (2280, 600, 4)
    assert (job.state, job.requested_seconds) == (State.COMPLETED, 3600)


@pytest.mark.parametrize(
    ("job_id", "state"),
    [
        ("51", State.TIMEOUT),
        ("52", State.OUT_OF_MEMORY),
        ("53", State.TIMEOUT),  # one of three limits, and its time was over
        ("54", State.KILLED),  # one of three
        ("55", State.CANCELLED),
    ],
)
def test_a_kill_on_grid_engine_is_told_by_its_words_and_the_time_asked_for(job_id, state):
    assert jobs("ended.qacct")[job_id].state is state


def test_cpu_that_was_not_booked_is_not_idleness_on_any_system():
    """Of killed jobs, and of jobs of which one node alone was booked."""
    listed = jobs("ended.qacct") | jobs("granted.pbs") | jobs("steps.sacct-parsable")
    for job_id in ("51", "304.server", "902"):
        judged = efficiency(listed[job_id])
        assert judged.job.cpu_is_lower_bound
        assert not {Finding.IDLE, Finding.FEW_CORES, Finding.ONE_CORE} & set(judged.findings)
        assert judged.advised_memory_bytes is None
    # Booked on both of its nodes: then it did wait.
    assert Finding.FEW_CORES in efficiency(listed["903"]).findings


def test_what_grid_engine_counted_while_a_job_ran_is_whole_though_it_was_killed():
    assert not jobs("dialects.qacct")["42.7"].cpu_is_lower_bound
    assert not jobs("lesson.qacct")["3526684"].cpu_is_lower_bound


def test_memory_of_tasks_is_that_of_the_largest_times_their_number_or_a_lower_bound():
    listed = jobs("steps.sacct-parsable")
    assert (listed["901"].max_memory_bytes, listed["901"].memory_of) == (
        8 * 1500 * 2**20,
        MemoryOf.TASKS_LIKE_LARGEST,
    )
    text = (FOLDER / "steps.sacct-parsable").read_text().replace("NTasks", "Partition")
    unknown = {job.job_id: job for job in read(text.encode(), "f")}["901"]
    assert (unknown.max_memory_bytes, unknown.memory_of) == (1500 * 2**20, MemoryOf.LARGEST_TASK)
    assert efficiency(unknown).advised_memory_bytes is None


def test_steps_side_by_side_need_more_than_the_largest():
    job = jobs("steps.sacct-parsable")["904"]
    assert (job.max_memory_bytes, job.memory_of) == (8 * GIB, MemoryOf.LARGEST_STEP)


def test_memory_of_one_node_of_ten_is_a_lower_bound():
    job = jobs("steps.sacct-parsable")["902"]
    assert (job.memory_of, job.nodes_booked) == (MemoryOf.SOME_NODES, 1)


def test_a_step_says_why_its_job_failed():
    assert jobs("steps.sacct-parsable")["905"].state is State.OUT_OF_MEMORY


def test_seff_without_a_line_has_the_figures_that_follow_from_the_others():
    listed = jobs("rounded.seff")
    assert (listed["801"].elapsed_seconds, listed["801"].slots) == (600, 8)
    assert (listed["802"].slots, listed["802"].cpu_seconds) == (16, 2400)


def test_sacct_without_its_dashes_is_read_by_its_headings():
    listed = jobs("unruled.sacct-padded")
    first, empty, by = listed["7001_1"], listed["7001_2"], listed["7001_3"]
    assert (first.cpu_seconds, first.slots, first.elapsed_seconds) == (2400, 8, 600)
    assert efficiency(first).cpu_efficiency == pytest.approx(0.5)
    assert (empty.cpu_seconds, empty.slots) == (None, 8)
    assert (by.state, by.cpu_seconds) == (State.CANCELLED, 600)


def test_sacct_whose_spaces_were_lost_is_read_where_no_cell_is_empty():
    text = (FOLDER / "unruled.sacct-padded").read_text().splitlines()
    first = [" ".join(line.split()) for line in text[:2]]
    assert efficiency(read("\n".join(first).encode(), "f")[0]).cpu_efficiency == pytest.approx(0.5)
    empty = [text[0], " ".join(text[2].split())]
    with pytest.raises(InputError, match="f:2: the row does not stand in the columns"):
        read("\n".join(empty).encode(), "f")


@pytest.mark.parametrize("margin", ["        ", "\t", "> ", "## "])
@pytest.mark.parametrize(
    "path", [path for path in FILES if path.suffix != ".sacct-json"], ids=lambda path: path.name
)
def test_a_listing_with_a_margin_is_the_listing(path, margin):
    text = path.read_text()
    moved = "$ the command\n" + "".join(margin + line for line in text.splitlines(keepends=True))
    expected = [job.model_copy(update={"line": job.line + 1}) for job in read(text.encode(), "f")]
    assert read(moved.encode(), "f") == expected


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("  JOBID PARTITION  NAME  USER ST  TIME  NODES", "squeue"),
        ("JobId=12 JobName=x", "scontrol show job"),
        ("JOBID   USER    STAT  QUEUE", "bjobs or bhist without -l"),
        ("Job id            Name             User", "qstat without -f"),
        ("job-ID  prior   name       user", "qstat of Grid Engine"),
        ("Used CPU time       : 00:02:00 (efficiency: 95.24%)", "jobinfo"),
        ("State: Completed Completion Code: 0", "checkjob"),
    ],
)
def test_a_listing_that_is_not_read_is_named_with_what_to_give_instead(text, name):
    with pytest.raises(InputError, match=f"f:2: this is a listing of {name}, which is not read"):
        read(f"$ command\n{text}\n1 2 3\n".encode(), "f")
