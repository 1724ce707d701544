"""What runs below ``chunkbench run`` hears of a stop, and has time to end what it writes."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from harness.apps.asv.asv_process import AsvError, run_asv

SWEEP = """
import time
from pathlib import Path
try:
    Path("began").touch()
    time.sleep(60)
except KeyboardInterrupt:
    Path("ended").touch()
    raise
"""


def stop_when_begun(folder: Path, number: int) -> None:
    deadline = time.monotonic() + 30
    while not (folder / "began").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGUSR1, signal.SIGTERM])
def test_a_stop_reaches_the_sweep_where_a_shell_had_ctrl_c_ignored(tmp_path, monkeypatch, number):
    """A job script starts ``chunkbench run &`` without job control; its sweep inherits that."""
    monkeypatch.setenv("HOME", str(tmp_path))
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    stopper = threading.Thread(target=stop_when_begun, args=(tmp_path, number))
    stopper.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            run_asv(
                [sys.executable, "-c", SWEEP],
                root=tmp_path,
                variables={},
                machine="m",
                other_results=None,
                report=lambda progress: None,
            )
    finally:
        stopper.join()
        signal.signal(signal.SIGINT, before)
    assert (tmp_path / "ended").exists()


LEAVES = """
import os, signal, tempfile
print(tempfile.mkdtemp(), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_asv_leaves_is_removed_and_its_end_is_told(tmp_path, monkeypatch):
    """Its temporary folders and those of its fork server go; the message says how to go on."""
    monkeypatch.setenv("HOME", str(tmp_path))
    temporary = tmp_path / "t"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    with pytest.raises(AsvError, match=r"killed by SIGKILL.*--resume.*last words: (.*)") as killed:
        run_asv(
            [sys.executable, "-c", LEAVES],
            root=tmp_path,
            variables={},
            machine="m",
            other_results=None,
            report=lambda progress: None,
        )
    left = Path(str(killed.value).rpartition(": ")[2])
    assert left.is_relative_to(temporary)
    assert list(temporary.iterdir()) == []
