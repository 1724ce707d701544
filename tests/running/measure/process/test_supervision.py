"""What is left when supervised work ends or is stopped: nothing, and what was to be done last."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from time import sleep

import pytest

from harness.core.stop_signals import STOPPING, stopped_by_signals
from harness.running.measure.process.reaper import TOKEN, module_path
from harness.running.measure.process.shared_memory import SHARED_MEMORY
from harness.running.measure.process.supervision import supervised


@pytest.fixture(autouse=True)
def _as_in_a_terminal():
    """Whatever the tests were started with: under ``nohup`` the hang-up is ignored."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


def test_the_scratch_folder_is_gone_before_the_last_thing_is_done():
    afterwards, left = ExitStack(), []
    with supervised(afterwards=afterwards) as reaper:
        assert reaper.scratch.is_dir()
        afterwards.callback(lambda: left.append(reaper.scratch.exists()))
    assert left == [False]


@pytest.mark.parametrize("number", STOPPING)
def test_a_signal_stops_the_work_and_the_last_thing_is_done_all_the_same(number):
    """What a terminal, a shell and batch systems send."""
    before, done = signal.getsignal(number), []
    afterwards = ExitStack()

    def work():
        with supervised(afterwards=afterwards):
            afterwards.callback(lambda: done.append(signal.getsignal(signal.SIGINT)))
            os.kill(os.getpid(), number)
            sleep(10)

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done == [signal.SIG_IGN]  # a second Ctrl-C would not have cut it short
    assert signal.getsignal(number) is before
    assert signal.getsignal(signal.SIGINT) is not signal.SIG_IGN


@pytest.mark.parametrize("number", STOPPING)
def test_a_signal_during_the_last_thing_does_not_cut_it_short(number):
    """Batch systems send several: the warning, the end, and both once more to the whole group."""
    afterwards = ExitStack()
    done: list[str] = []
    with supervised(afterwards=afterwards):
        afterwards.callback(done.append, "after")
        afterwards.callback(os.kill, os.getpid(), number)
    assert done == ["after"]


def test_ctrl_c_is_heard_where_a_shell_started_the_work_with_it_ignored():
    """As a shell without job control does for ``command &``."""

    def work():
        with supervised():
            os.kill(os.getpid(), signal.SIGINT)
            sleep(10)

    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with pytest.raises(KeyboardInterrupt):
            work()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_work_under_nohup_outlives_its_terminal():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stopped_by_signals(signal.SIGHUP):
            os.kill(os.getpid(), signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_only_the_first_signal_stops():
    """Later ones do not disturb what the first one started."""
    with stopped_by_signals(signal.SIGHUP):
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGHUP)
        os.kill(os.getpid(), signal.SIGHUP)


POOL = """
import multiprocessing, os, sys
from harness.running.measure.process.shared_memory import name_semaphores
name_semaphores(os.environ["CHUNKBENCH_TOKEN"])
lock = multiprocessing.get_context("spawn").Lock()
print(lock._semlock.name, flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(not SHARED_MEMORY.is_dir(), reason="semaphores are no files here")
def test_semaphores_of_a_pool_that_was_killed_are_removed():
    """Nobody else does: the process that would have done it is killed as well."""
    with supervised() as reaper:
        child = subprocess.Popen(
            [sys.executable, "-c", POOL],
            env=os.environ | {TOKEN: reaper.mark("pool"), "PYTHONPATH": module_path()},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        reaper.watch(child.pid)
        assert child.stdout is not None
        with child:
            semaphore = SHARED_MEMORY / f"sem.{child.stdout.readline().strip().lstrip('/')}"
            assert semaphore.exists()
            os.killpg(child.pid, signal.SIGKILL)
        assert semaphore.exists()
    assert not semaphore.exists()
