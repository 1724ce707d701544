"""Journals on the node's disk: nothing is lost by a kill in between, and no round counts twice."""

from __future__ import annotations

import errno
import fcntl
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest

from harness.core.errors import UsageError
from harness.core.journal_format import read_lines
from harness.core.records import End, Pair, RunInfo, Try
from harness.running.host import node_disk
from harness.running.host.node_disk import file_system, node_folder
from harness.running.measure.sweep.copied_journal import (
    COPIED,
    COPY_SECONDS,
    LEFT,
    SETTING,
    CopiedJournal,
    bring_rest,
    elsewhere,
)
from harness.running.measure.sweep.journal import JournalWriter, begin
from harness.running.measure.sweep.scripted import FakeClock
from tests.running.measure.sweeps import cases, plan, profile, run_info

CASE = cases(1 << 10)[0]
INFO = run_info(plan(profile(), [CASE])).model_copy(
    update={"t": "2026-11-23T08:15:09.120+00:00", "settings": {SETTING: COPIED}}
)
MANY = 40


def pair(number):
    return Pair(
        run="run", **CASE.model_dump(), block=0, round=number, parallel_seconds=1.0 + number
    )


@pytest.fixture
def near(tmp_path):
    folder = tmp_path / "node"
    folder.mkdir()
    return folder


@pytest.fixture
def place(tmp_path):
    return begin(tmp_path / "results/m/journal", INFO)


# --- while it is written


def test_pairs_wait_on_the_node_and_all_is_in_its_place_at_the_end(place, near):
    clock = FakeClock()
    journal = CopiedJournal(place, near, clock)
    for number in range(3):
        journal.append(pair(number))
    assert len(list(read_lines(place))) == 1
    assert len(list(read_lines(near / place.name))) == 4
    clock.spend(COPY_SECONDS)
    journal.append(pair(3))
    assert len(list(read_lines(place))) == 5
    journal.append(pair(4))
    journal.append(End(run="run"))
    journal.close()
    assert [getattr(record, "round", None) for record in read_lines(place)] == [
        None, 0, 1, 2, 3, 4, None,
    ]  # fmt: skip
    assert not list(near.iterdir())


def test_what_is_tried_is_in_its_place_before_it_may_kill_the_job(place, near):
    """The next start may be on another node, and has to know."""
    journal = CopiedJournal(place, near, FakeClock())
    journal.append(pair(0))
    tried = Try(run="run", what="first round", **CASE.model_dump())
    journal.append(tried)
    assert list(read_lines(place))[1:] == [pair(0), tried]
    journal.close()


def test_a_second_run_is_kept_out_by_the_nodes_disk_where_the_network_has_no_locks(
    place, near, monkeypatch
):
    real = fcntl.flock

    def flock(file, kind):
        number = file if isinstance(file, int) else file.fileno()
        if not Path(f"/proc/self/fd/{number}").readlink().is_relative_to(near):
            raise OSError(errno.ENOLCK, "No locks available")
        return real(file, kind)

    monkeypatch.setattr(fcntl, "flock", flock)
    journal = CopiedJournal(place, near)
    journal.append(pair(0))
    with pytest.raises(UsageError, match="is being written by another run"):
        CopiedJournal(place, near)
    journal.close()
    assert list(read_lines(place))[1:] == [pair(0)]


# --- after a kill

WRITE = """
import sys
from pathlib import Path
from harness.running.measure.sweep.copied_journal import CopiedJournal
from tests.running.measure.sweep.test_copied_journal import MANY, pair

journal = CopiedJournal(Path(sys.argv[1]), Path(sys.argv[2]))
for number in range(MANY):
    journal.append(pair(number))
print("written", flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def left(tmp_path_factory):
    """What a job that is killed by the kernel's own signal leaves on the node."""
    folder = tmp_path_factory.mktemp("killed")
    place, near = begin(folder / "journal", INFO), folder / "node"
    near.mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", WRITE, str(place), str(near)],
        cwd=Path(__file__).parents[4],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as job:
        assert job.stdout is not None
        assert job.stdout.readline() == b"written\n"
        assert not list(bring_rest(near, place.parent)), "nothing is taken from a job at work"
        job.send_signal(signal.SIGKILL)
    assert place.read_bytes() == INFO.model_dump_json().encode() + b"\n"
    return (near / place.name).read_bytes()


@pytest.fixture
def killed(place, near, left):
    """The folder on the node as a killed job leaves it, and the place of its journal."""
    (near / place.name).write_bytes(left)
    return near, place


def test_the_next_start_on_the_node_copies_what_a_killed_job_had_left(killed):
    near, place = killed
    assert len(list(read_lines(place))) == 1
    assert list(bring_rest(near, place.parent)) == [
        f"{place.stem}: {MANY} lines that a job had left on this node's disk are copied"
    ]
    assert list(read_lines(place))[1:] == [pair(number) for number in range(MANY)]
    assert not list(near.iterdir())
    assert list(bring_rest(near, place.parent)) == []


@pytest.mark.parametrize("cut", [1, 30])
def test_a_line_that_was_cut_off_in_the_copy_is_made_whole(killed, cut):
    """The job was killed while it copied."""
    near, place = killed
    line = (near / place.name).read_bytes().splitlines(keepends=True)[1]
    with place.open("ab") as file:
        file.write(line[:-cut])
    list(bring_rest(near, place.parent))
    assert list(read_lines(place))[1:] == [pair(number) for number in range(MANY)]


def test_a_journal_whose_copy_was_removed_comes_back_whole(killed):
    near, place = killed
    place.unlink()
    list(bring_rest(near, place.parent))
    assert list(read_lines(place)) == [INFO, *(pair(number) for number in range(MANY))]


def test_a_run_that_went_on_elsewhere_keeps_its_rounds_and_the_others_are_named(killed):
    near, place = killed
    other = JournalWriter(place)
    other.append(pair(0).model_copy(update={"parallel_seconds": 9.0}))
    other.close()
    before = place.read_bytes()
    [said] = bring_rest(near, place.parent)
    kept = near / f"{place.stem}{LEFT}"
    assert said.endswith(f"the last lines of that job stay in {kept}")
    assert place.read_bytes() == before
    assert len(list(read_lines(kept))) == 1 + MANY
    assert list(bring_rest(near, place.parent)) == []


def test_a_start_on_another_node_says_that_a_minute_may_be_missing():
    here = INFO.model_copy(update={"machine": INFO.machine.model_copy(update={"node": "a"})})
    assert elsewhere([here, pair(0)], "a") is None
    said = elsewhere([here, pair(0)], "b")
    assert said is not None
    assert said.startswith("run: its job was killed on another node; ")
    assert elsewhere([here, pair(0), End(run="run", status="interrupted")], "b") is None
    direct = here.model_copy(update={"settings": {}})
    assert elsewhere([direct, pair(0)], "b") is None
    assert elsewhere([], "b") is None


# --- where


class Mount(NamedTuple):
    mountpoint: str
    fstype: str


JOB = {"SLURM_JOB_ID": "7"}


@pytest.fixture
def mounted(tmp_path, monkeypatch):
    """A cluster's file systems: *kind* at ``results``, the node's own disk elsewhere."""
    monkeypatch.setattr(node_disk, "STAYS", tmp_path / "var/tmp")
    (tmp_path / "var/tmp").mkdir(parents=True)
    (tmp_path / "results").mkdir()

    def of(kind, stays="ext4"):
        mounts = [
            Mount("/", "ext4"),
            Mount(str(tmp_path / "results"), kind),
            Mount(str(tmp_path / "var"), stays),
        ]
        monkeypatch.setattr(psutil, "disk_partitions", lambda **_: mounts)
        return tmp_path / "results/m/journal"

    return of


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "lustre", "gpfs", "beegfs"])
def test_a_job_whose_results_are_on_the_network_writes_on_the_node(mounted, tmp_path, kind):
    results = mounted(kind)
    assert file_system(results) == kind
    folder = node_folder(results, JOB)
    assert folder is not None
    assert folder.is_relative_to(tmp_path / "var/tmp")
    assert folder.parent.stat().st_mode & 0o077 == 0, "for its owner alone"
    assert node_folder(results, JOB) == folder
    assert node_folder(results.parent / "other", JOB) != folder


def test_elsewhere_journals_are_written_in_their_place(mounted):
    """On a disk of the node; outside of a job, where whoever looks wants to see them; without a
    disk of the node; and where a user says so."""
    assert node_folder(mounted("xfs"), JOB) is None
    assert node_folder(mounted("lustre"), {}) is None
    assert node_folder(mounted("lustre", stays="nfs"), JOB) is None
    assert node_folder(mounted("lustre"), JOB | {"CHUNKBENCH_LOCAL": "off"}) is None


def test_a_folder_that_is_named_is_taken_or_refused_in_one_line(mounted, tmp_path):
    results = mounted("xfs")
    named = {"CHUNKBENCH_LOCAL": str(tmp_path / "scratch")}
    folder = node_folder(results, named)
    assert folder is not None
    assert folder.is_relative_to(tmp_path / "scratch")
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=r"CHUNKBENCH_LOCAL: .* cannot be written \(Not a dir"):
        node_folder(results, {"CHUNKBENCH_LOCAL": str(tmp_path / "file")})


def test_a_real_mount_is_told_by_its_type(tmp_path):
    assert file_system(Path("/proc/self")) == "proc"
    assert file_system(tmp_path / "not/there/yet") == file_system(tmp_path)


def test_the_run_line_says_that_its_journal_was_copied():
    assert RunInfo.model_validate_json(INFO.model_dump_json()).settings[SETTING] == COPIED
