"""Work that is shared out is all done once, and no process outlives it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from harness.reading.report.in_processes import each_done

SCRIPT = """
import os, time
from harness.reading.report.in_processes import each_done

def work(item):
    print(os.getpid(), flush=True)
    time.sleep(0.2)

if __name__ == "__main__":
    for _ in each_done(work, list(range(600)), 2):
        pass
"""


def square(number: int) -> int:
    return number * number


def process(_item: int) -> int:
    return os.getpid()


def killed_elsewhere(parent: int) -> int:
    if os.getpid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)
    return parent


def failing(item: int) -> int:
    raise ValueError(item)


@pytest.mark.parametrize("processes", [1, 2])
def test_each_item_comes_back_once_with_its_result(processes):
    items = list(range(12))
    assert sorted(each_done(square, items, processes)) == [(n, n * n) for n in items]


def test_little_work_is_done_here_and_much_elsewhere():
    assert {pid for _, pid in each_done(process, [1, 2, 3], 2)} == {os.getpid()}
    assert os.getpid() not in {pid for _, pid in each_done(process, list(range(12)), 2)}


def test_what_a_killed_process_left_is_done_here():
    items = [os.getpid()] * 12
    assert [result for _, result in each_done(killed_elsewhere, items, 2)] == items


def test_an_error_comes_through():
    with pytest.raises(ValueError, match="7"):
        list(each_done(failing, [7] * 12, 2))


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_is_left_when_the_work_is_stopped(tmp_path: Path, how: signal.Signals):
    """Ctrl-C goes to all processes of a terminal's foreground, the others to the first alone."""
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    with subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    ) as parent:
        assert parent.stdout is not None
        assert int(parent.stdout.readline()) != parent.pid
        family = psutil.Process(parent.pid).children(recursive=True)
        assert len(family) >= 2
        if how == signal.SIGINT:
            os.killpg(parent.pid, how)
        else:
            parent.send_signal(how)
        parent.wait(60)
    end = time.monotonic() + 60
    while any(child.is_running() and child.status() != "zombie" for child in family):
        assert time.monotonic() < end
        time.sleep(0.05)
