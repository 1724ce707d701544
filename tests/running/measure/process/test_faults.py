"""Executors of a third party that misbehave: each costs its own case and nothing else.

The executors of :mod:`tests.running.measure.process.faulty` are installed as a distribution with
entry points, so that what is tested is also how a third party adds an executor. One sweep has
them all.
"""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import dataclass, field

import psutil
import pytest

from harness.core.errors import UnknownNameError
from harness.core.records import Case, Status
from harness.reading.analysis.verdict.verdicts import decided
from harness.reading.ingest import JournalContent, read_journal
from harness.running import executors
from harness.running.executors.serial import SerialReplay
from harness.running.host.machine import usable_cores
from harness.running.measure.process import bench, station, supervision
from harness.running.measure.process.reaper import Reaper, survivors
from harness.running.measure.sweep import session
from harness.running.plan.profiles import Profile
from harness.running.plan.sweep import SweepPlan
from tests.running.measure.process import faulty
from tests.running.measure.process.faulty import BAD

pytestmark = pytest.mark.engine

ROUNDS = 3
LIMIT_SECONDS = 2.0
CHUNKS = (250, BAD, 1000)
SIZES = {"empty-task": 1000, "random-sum": 1000}
CLASSES = [
    value
    for value in vars(faulty).values()
    if isinstance(value, type)
    and issubclass(value, SerialReplay)
    and "name" in vars(value)
    and value.__module__ == faulty.__name__
]

# What the bad case of each group, or the whole group, says.
ONE_CASE = {
    "hangs": (Status.TIMEOUT, "no answer to 'case' within 2 s"),
    "dies": (Status.FAILED, "the process died by SIGKILL"),
    "orphans": (Status.FAILED, "the process died by SIGKILL"),
    "exits": (Status.FAILED, "the process died with exit code 3: out of luck"),
    "exhausts": (Status.OUT_OF_MEMORY, "MemoryError: no room for this"),
    "raises": (Status.FAILED, "RuntimeError: what a pity"),
    "miscounts": (Status.WRONG_ANSWER, "2000 calls made instead of 1000"),
    "reseeds": (Status.WRONG_ANSWER, "where the serial replay of the same chunks gives"),
}
WHOLE_GROUP = {
    "unstartable": (Status.FAILED, "OSError: the door is locked"),
    "unpinned": (
        Status.FAILED,
        "pin not in force: 1 native threads asked, 2 found in worker process",
    ),
    "idle": (Status.FAILED, "pins not verified: 2 worker processes started, 1 took a task"),
}
WELL = ("clings", "serial-replay")


def install(folder):
    """*folder* as a place where a distribution with the bad executors is installed."""
    shutil.copy(faulty.__file__, folder / "faulty.py")
    information = folder / "faulty-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: faulty\nVersion: 1.0\n")
    rows = "".join(f"{kind.name} = faulty:{kind.__name__}\n" for kind in CLASSES)
    (information / "entry_points.txt").write_text(f"[{executors.GROUP}]\n{rows}")
    return folder


def case(executor, chunk):
    workload = "random-sum" if executor == "reseeds" else "empty-task"
    return Case(
        workload=workload, size=SIZES[workload], executor=executor, workers=1, pin="1", chunk=chunk
    )


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    folder = install(tmp_path_factory.mktemp("site"))
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        patch.setenv("PYTHONPATH", str(folder))
        executors.REGISTRY.forget_third_parties()
        yield folder
    executors.REGISTRY.forget_third_parties()


@dataclass
class Noted:
    """One sweep over all of them, what it started and what it wrote."""

    opened: list[str] = field(default_factory=list)
    reapers: list[Reaper] = field(default_factory=list)
    journal: JournalContent | None = None


@pytest.fixture(scope="module")
def sweep(installed, tmp_path_factory):
    names = [*ONE_CASE, *WHOLE_GROUP, *WELL]
    profile = Profile(
        name="faulty",
        blocks=(ROUNDS,),
        looks=None,
        slow_seconds=1e9,
        slow_rounds=1,
        most_seconds=1e9,
        limit_seconds=LIMIT_SECONDS,
        budget_seconds=None,
    )
    plan = SweepPlan(
        "faulty", profile, tuple(case(name, chunk) for name in names for chunk in CHUNKS)
    )
    noted = Noted()

    class NotedBench(bench.ProcessBench):
        def open(self, set_up, groups, number):
            noted.opened.append(set_up.executor)
            return super().open(set_up, groups, number)

    class NotedReaper(Reaper):
        def __init__(self, token, scratch):
            super().__init__(token, scratch)
            noted.reapers.append(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(station, "STOP_LIMIT_SECONDS", 1.0)
        patch.setattr(session, "ProcessBench", NotedBench)
        patch.setattr(supervision, "Reaper", NotedReaper)
        results = tmp_path_factory.mktemp("results")
        path = session.measure(plan, results, decide=decided, machine_name="m")
    noted.journal = read_journal(path)
    return noted


@pytest.fixture
def journal(sweep):
    return sweep.journal


def test_third_parties_add_executors_by_entry_point(installed):
    """The registry has them beside our own, and cannot be made to replace one of ours."""
    assert {kind.name for kind in CLASSES} == {*ONE_CASE, *WHOLE_GROUP, "clings", "ends-job"}
    assert {kind.name for kind in CLASSES} <= set(executors.REGISTRY.names())
    assert executors.lookup("hangs").__module__ == "faulty"
    row = next(row for row in executors.systems() if row["name"] == "hangs")
    assert (row["available"], row["kind"]) == (True, "control")
    with pytest.raises(UnknownNameError, match=r"hangs.*serial-replay"):
        executors.lookup("hang")


@pytest.mark.parametrize("name", ONE_CASE)
def test_a_fault_costs_one_case_and_says_why_in_one_line(journal, name):
    """Its status, its reason, and all rounds of the other cases of the same engine."""
    status, reason = ONE_CASE[name]
    lines = [pair for pair in journal.pairs if pair.executor == name]
    [bad] = [pair for pair in lines if pair.status is not Status.OK]
    assert (bad.case, bad.status) == (case(name, BAD), status)
    assert bad.reason is not None
    assert bad.reason == reason or (name == "reseeds" and reason in bad.reason)
    assert "\n" not in bad.reason
    counts = Counter((pair.chunk, pair.round) for pair in lines if pair is not bad)
    assert counts == {(chunk, n): 1 for chunk in CHUNKS if chunk != BAD for n in range(ROUNDS)}


@pytest.mark.parametrize("name", WHOLE_GROUP)
def test_an_engine_that_does_not_come_up_costs_its_group(journal, name):
    """Rule 8: neither does one whose pins do not hold, or cannot be read in every worker."""
    if name == "unpinned" and usable_cores().number < 2:
        pytest.skip("a library on one core has one thread whatever it is told")
    lines = [pair for pair in journal.pairs if pair.executor == name]
    assert [(pair.chunk, pair.status, pair.reason) for pair in lines] == [
        (chunk, *WHOLE_GROUP[name]) for chunk in CHUNKS
    ]
    assert not [block for block in journal.blocks if block.executor == name]


@pytest.mark.parametrize("name", WELL)
def test_those_beside_them_lose_nothing(journal, name):
    """All rounds, also of the one that cannot be stopped politely."""
    lines = [pair for pair in journal.pairs if pair.executor == name]
    assert Counter((pair.chunk, pair.round) for pair in lines) == {
        (chunk, number): 1 for chunk in CHUNKS for number in range(ROUNDS)
    }
    assert {pair.status for pair in lines} == {Status.OK}


def test_an_engine_is_started_again_only_where_its_process_is_lost(sweep):
    """One that answered with an error goes on; one that does not come up is not tried twice."""
    lost = {"hangs", "dies", "orphans", "exits"}
    names = [*ONE_CASE, *WHOLE_GROUP, *WELL]
    assert Counter(sweep.opened) == {name: 1 + (name in lost) for name in names}


def test_the_sweep_came_to_its_end(journal):
    assert journal.end is not None
    assert journal.end.status == "complete"
    good = len(ONE_CASE) * (len(CHUNKS) - 1) + len(WELL) * len(CHUNKS)
    assert journal.end.pairs == good * ROUNDS
    assert not journal.truncated


def test_nothing_is_left_behind(sweep, installed):
    """Rule 11: not even a daemon in a session of its own that ignores every polite signal."""
    daemons = [int(line) for line in (installed / "pids").read_text().split()]
    assert len(daemons) == 2
    assert [pid for pid in daemons if alive(pid)] == []
    [reaper] = sweep.reapers
    assert len(reaper.sessions) == 2 * len(sweep.opened)
    assert survivors(reaper.token, reaper.sessions) == []
    assert not reaper.scratch.exists()


def alive(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
