"""A sweep that is killed, or stopped, leaves a readable journal and nothing else: rule 11."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
from collections import Counter
from functools import partial
from pathlib import Path
from time import monotonic, sleep

import psutil
import pytest

from harness.core.records import Status
from harness.reading.ingest import read_journal
from harness.running.measure.process.reaper import TOKEN
from tests.running.measure.process.engines_up import CASES, EXECUTORS, ROUNDS

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]

ROOT = Path(__file__).parents[4]
START_SECONDS = 90.0
GONE_SECONDS = 15.0
STOP_SECONDS = 5.0
PROGRESS = re.compile(r"\d+/\d+ pairs, about .* left: |plan: |planned by cost: |spent: |so far: ")


def until(happened, seconds, what):
    """Wait for *happened* to give something true, and give that."""
    deadline = monotonic() + seconds
    while not (result := happened()):
        assert monotonic() < deadline, f"no {what} within {seconds} s"
        sleep(0.02)
    return result


def ignore_ctrl_c():
    """As a shell without job control starts ``command &``: it is to be heard all the same."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


class Running:
    """A sweep in a process of its own, and what it has started."""

    def __init__(self, arguments, home):
        self.errors = home / "errors"
        with self.errors.open("wb") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                cwd=ROOT,
                # A commit that does not change while this runs: another one is not resumed.
                env=os.environ | {"HOME": str(home), "ASV_COMMIT": "0" * 40},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,
                preexec_fn=ignore_ctrl_c,  # noqa: PLW1509 - one system call, no locks
            )
        self.token, self.scratch, self.seen = "", Path(), dict[int, float]()
        self.sessions = set[int]()

    def wait_for_reaper(self):
        """The reaper's arguments tell the mark of all children, and where their files are."""

        def look():
            assert self.process.poll() is None, self.errors.read_text()
            for process in self.descendants():
                words = process.cmdline()
                if "harness.running.measure.process.reaper" in words:
                    return words[-2:]
            return None

        self.token, scratch = until(look, START_SECONDS, "reaper")
        self.scratch = Path(scratch)

    def descendants(self):
        try:
            return psutil.Process(self.process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []

    def note(self):
        """Remember every process that it has now, the reaper among them; how many there are."""
        for process in [*self.descendants(), *self.marked()]:
            try:
                self.seen[process.pid] = process.create_time()
                self.sessions.add(os.getsid(process.pid))
            except (psutil.Error, OSError):
                continue
        return len(self.seen)

    def marked(self):
        marked = []
        for process in psutil.process_iter():
            try:
                if process.environ().get(TOKEN) == self.token and not _dead(process):
                    marked.append(process)
            except (psutil.Error, OSError):
                continue
        return marked

    def wait_for_processes(self, number):
        until(lambda: self.note() >= number, START_SECONDS, f"{number} processes")

    def wait_for_its_end(self, seconds):
        """Neither a process nor a file of it is left, within *seconds*."""
        until(lambda: not self.left(), seconds, "end of all processes")
        until(lambda: not self.token or not self.scratch.exists(), seconds, "end of its files")

    def left(self):
        """What is alive of it: processes seen before, of its sessions, or with its mark."""
        alive = list(self.marked())
        for process in psutil.process_iter():
            try:
                known = self.seen.get(process.pid) == process.create_time()
                if (known or os.getsid(process.pid) in self.sessions) and not _dead(process):
                    alive.append(process)
            except (psutil.Error, OSError):
                continue
        return alive


def enough(results, pairs):
    return pairs_of(results) >= pairs


def _dead(process):
    return process.status() == psutil.STATUS_ZOMBIE


def journal_of(results):
    paths = list(results.glob("m/journal/*.jsonl"))
    assert len(paths) <= 1, "a resumed run is one run"
    return read_journal(paths[0]) if paths else None


def pairs_of(results):
    journal = journal_of(results)
    return 0 if journal is None else len(journal.pairs)


@pytest.fixture
def started(tmp_path, monkeypatch):
    """Start sweeps; whatever happens, none of them outlives the test.

    Whether others are kept out is settled: a run is resumed under the same choice alone, and tests
    beside this one have processes of another user at times.
    """
    monkeypatch.setenv("CHUNKBENCH_SECURE", "off")
    running = []

    def start(*arguments):
        running.append(Running(arguments, tmp_path))
        return running[-1]

    yield start
    for sweep in running:
        sweep.process.kill()
        sweep.process.wait()
        sweep.wait_for_its_end(2 * GONE_SECONDS)


def test_a_killed_sweep_leaves_nothing_and_is_resumed(tmp_path, started, record_property):
    """Three times at a random moment, with Dask's and Ray's processes up: within 15 s none is
    left, nor a file of theirs; every pair written is read, no (case, round) comes twice, and no
    case is given up."""
    results = tmp_path / "results"
    seed = random.SystemRandom().getrandbits(32)
    record_property("seed", seed)
    print(f"seed {seed}")
    chance = random.Random(seed)
    half = len(CASES) * ROUNDS // 2  # one engine comes after the other
    # The first is in the start-up. The others may be in the first call or round of a case: no case
    # is the last of two jobs, and the system ends nothing for lack of memory.
    moments = [(0, 0.3), (chance.randint(1, half - 10), 0.5), (half + chance.randint(1, 20), 0.5)]
    engines = set()
    for attempt, (pairs, late) in enumerate(moments):
        running = started(
            "tests.running.measure.process.engines_up", str(results), *["resume"][: attempt > 0]
        )
        running.wait_for_reaper()
        until(partial(enough, results, pairs), START_SECONDS, f"{pairs} pairs")
        running.wait_for_processes(4 if attempt else 2)
        sleep(chance.uniform(0, late))  # the random moment itself
        running.note()
        assert running.process.poll() is None
        written = pairs_of(results)
        running.process.send_signal(signal.SIGKILL)
        running.process.wait(5)
        running.wait_for_its_end(GONE_SECONDS)
        journal = journal_of(results)
        assert written <= len(journal.pairs) < len(CASES) * ROUNDS
        assert journal.end is None
        engines |= {pair.executor for pair in journal.pairs[-1:]}
    assert engines == set(EXECUTORS)  # each was up when the sweep was killed

    last = started("tests.running.measure.process.engines_up", str(results), "resume")
    assert last.process.wait(150) == 0, last.errors.read_text()
    journal = journal_of(results)
    assert Counter((pair.case, pair.round) for pair in journal.pairs) == {
        (case, number): 1 for case in CASES for number in range(ROUNDS)
    }
    assert {pair.status for pair in journal.pairs} == {Status.OK}
    assert {block.executor for block in journal.blocks} == set(EXECUTORS)
    assert (journal.end.status, journal.end.pairs) == ("complete", len(journal.pairs))


@pytest.mark.parametrize(
    ("number", "moment"), [(signal.SIGINT, "rounds"), (signal.SIGTERM, "start")]
)
def test_a_stopped_sweep_ends_at_once_and_says_how_to_go_on(tmp_path, started, number, moment):
    """Ctrl-C with a LocalCluster up: 5 s, exit code 130, one line, and a journal that says so."""
    results = tmp_path / "results"
    arguments = (
        "harness",
        "settle",
        "--executor",
        "dask-distributed-processes",
        "--workers",
        "2",
        "--profile",
        "smoke",
        "--machine",
        "m",
        "--results",
        str(results),
    )
    running = started(*arguments)
    running.wait_for_reaper()
    if moment == "start":
        running.wait_for_processes(3)
    else:
        until(lambda: cluster_is_up(results), START_SECONDS, "pair on a cluster")
        running.note()
    begin = monotonic()
    running.process.send_signal(number)
    assert running.process.wait(4 * STOP_SECONDS) == 130
    assert monotonic() - begin <= STOP_SECONDS
    running.wait_for_its_end(1)
    said = [line for line in running.errors.read_text().splitlines() if not PROGRESS.match(line)]
    assert len(said) == 1
    assert said[0].startswith("chunkbench: stopped: ")
    assert "--resume" in said[0]
    journal = journal_of(results)
    assert (journal.end.status, journal.end.pairs) == ("interrupted", len(journal.pairs))

    if moment == "start":  # nothing is measured yet; the test above goes on from there
        return
    assert started(*arguments, "--resume").process.wait(150) == 0
    journal = journal_of(results)
    assert journal.end.status == "complete"
    counts = Counter((pair.case, pair.round) for pair in journal.pairs)
    assert set(counts.values()) == {1}
    assert {number for _, number in counts} == {0, 1}


def cluster_is_up(results):
    journal = journal_of(results)
    return journal and any(p.executor == "dask-distributed-processes" for p in journal.pairs)
