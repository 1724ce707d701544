"""What engines put into shared memory, when they or the command are killed while it is in use."""

from __future__ import annotations

import shutil
import signal
from time import sleep

import psutil
import pytest

from harness.running.measure.process.shared_memory import JOBLIB_BYTES, NAME, SHARED_MEMORY

WORKS = {
    "joblib": ["faultwork:summed", "--items", "faultwork:arrays", "--on", "joblib-loky"],
    "own joblib": ["faultwork:joined", "--against", "faultwork:joined_plainly"],
    "multiprocessing": [
        *("faultwork:task", "--items", "faultwork:inputs", "--on", "multiprocessing-spawn"),
    ],
}
"""A work of somebody that uses joblib by itself, too, whichever engine is measured."""
REAPER = "harness.running.measure.process.reaper"
WHOM = ("command", "engine", "everything", "reaper as well")
CHEAP = {("command", "joblib")}
EVERY = [
    pytest.param(
        whom,
        work,
        marks=[] if (whom, work) in CHEAP else pytest.mark.fault,
        id=f"shared memory when {whom} is killed on {work}",
    )
    for whom in WHOM
    for work in WORKS
]


def shared(place):
    """What lies there for a command: files and folders whose names have its token."""
    return [path for token in place.tokens for path in SHARED_MEMORY.glob(f"*{NAME}{token}*")]


@pytest.mark.parametrize(("whom", "work"), EVERY)
def test_nothing_stays_in_shared_memory(whom, work, place, start, chance):
    """Which no end of a process empties: not where the command is killed, its engine, or at once
    all but the reapers, those included that libraries start to tidy up. Where the reapers are
    killed as well, as at the end of a batch job, the next command removes it."""
    if not SHARED_MEMORY.is_dir():
        pytest.skip("shared memory is no folder here")
    if "joblib" in work:
        pytest.importorskip("joblib")
        if shutil.disk_usage(SHARED_MEMORY).free < JOBLIB_BYTES:
            pytest.skip("joblib does not use shared memory where there is little")
    words = ["try", *WORKS[work], "--budget", "40s", "--results", str(place.results)]
    watched = start([*words, "--machine", "m"])
    watched.wait_for(lambda: place.pairs() and shared(place), "use of shared memory")
    sleep(chance.uniform(0, 0.5))
    for process in victims(watched, whom):
        try:
            process.send_signal(signal.SIGKILL)
        except psutil.NoSuchProcess:
            continue
    code = watched.wait()
    assert code == (0 if whom == "engine" else -signal.SIGKILL), watched.said()
    if whom == "reaper as well":
        assert shared(place)
        case = "empty-task/thread-pool/chunk=500/size=1000/workers=1"
        start(["trace", case, "--rounds", "1", "--results", str(place.results)]).wait()
    watched.nothing_left(killed=True)
    assert shared(place) == []


def victims(watched, whom):
    command = psutil.Process(watched.process.pid)
    if whom == "command":
        return [command]
    if whom == "engine":
        return [watched.child("process.child", "-engine")]
    below = watched.processes()
    if whom == "reaper as well":
        return [command, *below]
    return [command, *(each for each in below if REAPER not in each.cmdline())]
