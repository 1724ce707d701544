"""The check file for ReFrame, run by ReFrame on its local scheduler."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.hpc, pytest.mark.full, pytest.mark.timeout(600, func_only=True)]

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent


def reframe(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    line = [
        str(BIN / "reframe"),
        "-c",
        str(ROOT / "checks" / "reframe_check.py"),
        "-r",
        "--prefix",
        str(folder),
        "--keep-stage-files",
        *options,
    ]
    home = folder / "home"
    home.mkdir(parents=True)
    environment = os.environ | {"HOME": str(home), "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run(
        line,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=500,
        stdin=subprocess.DEVNULL,
    )


def test_reframe_passes_what_costs_little_and_fails_what_costs_too_much(tmp_path):
    """The second time the limit is one that no engine keeps; what was measured is judged again."""
    measured = reframe(tmp_path / "first", "-S", "suite=task_grain", "-S", "most_us=1e9")
    assert measured.returncode == 0, measured.stdout[-3000:]
    [results] = tmp_path.glob("first/stage/**/results")
    again = reframe(tmp_path / "again", "-S", f"results={results}", "-S", "most_us=1e-9")
    assert again.returncode != 0
    assert "us a task, at most 0.0" in again.stdout, again.stdout[-3000:]
