"""The wheel, built and installed alone in an environment that is thrown away, does what it says."""

from __future__ import annotations

import os
import subprocess
import venv

import pytest

from tests.source_names import ROOT

pytestmark = [pytest.mark.full, pytest.mark.timeout(3600)]

WORK = "def task(x):\n    return x + 1\n\n\ndef inputs():\n    return list(range(20))\n"
COMMANDS = {
    "settle": "settle --profile smoke --workers 2 --machine m",
    "try": "try mine:task --items mine:inputs --on thread-pool --budget 20s --machine m",
    "tables": "tables",
    "publish": "publish --no-figures",
}


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """A folder with a work of somebody, and the command of the wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    venv.create(folder / "env", with_pip=True)
    pip = [str(folder / "env/bin/python"), "-m", "pip", "--disable-pip-version-check"]
    built = [*pip, "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)]
    done = subprocess.run(built, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"cannot be built here, without a package index? {done.stderr[-200:]}")
    [wheel] = folder.glob("*.whl")
    pins = ["-c", str(ROOT / "constraints.txt")]
    subprocess.run([*pip, "install", "--quiet", *pins, str(wheel)], check=True)
    (folder / "mine.py").write_text(WORK)
    return folder


def ran(alone, line):
    """The command as a user types it, in a folder that is no clone."""
    hidden = {"PYTHONPATH": "", "ASV_PYTHONPATH": "", "HOME": str(alone)}
    return subprocess.run(
        [str(alone / "env/bin/chunkbench"), *line.split()],
        cwd=alone,
        env={name: value for name, value in {**os.environ, **hidden}.items() if value},
        capture_output=True,
        text=True,
        timeout=600,
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_of_the_wheel_alone_comes_to_its_end(alone, name):
    """In this order: what is measured first is read afterwards."""
    done = ran(alone, COMMANDS[name])
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_run_says_that_the_suites_are_in_a_clone(alone):
    done = ran(alone, "run --suite task_grain")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("chunkbench: no asv.conf.json here or above")
    assert "clone" in done.stderr


def test_the_source_archive_builds_too(alone, tmp_path):
    """``python -m build``, which makes the wheel from it."""
    python = str(alone / "env/bin/python")
    subprocess.run([python, "-m", "pip", "install", "--quiet", "build"], check=True)
    done = subprocess.run(
        [python, "-m", "build", "--outdir", str(tmp_path), str(ROOT)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert {path.suffix for path in tmp_path.iterdir()} == {".whl", ".gz"}
