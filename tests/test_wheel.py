"""The wheel, built and installed alone in an environment that is thrown away, does what it says:
without any extra first, and what needs one with all of them."""

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
}
LACKING = {
    "figures": ("figures", "plots"),
    "publish": ("publish --no-figures", "site"),
}
"""What needs an extra, and which."""


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
    installed(folder, "")
    (folder / "mine.py").write_text(WORK)
    return folder


def installed(folder, extras):
    """Install the wheel in *folder* with *extras*, at the pins."""
    [wheel] = folder.glob("*.whl")
    pip = [str(folder / "env/bin/python"), "-m", "pip", "--disable-pip-version-check"]
    pins = ["-c", str(ROOT / "constraints.txt")]
    subprocess.run([*pip, "install", "--quiet", *pins, f"{wheel}{extras}"], check=True)


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


@pytest.mark.parametrize("name", LACKING)
def test_what_needs_an_extra_names_it_in_one_line(alone, name):
    """Before anything is measured or written."""
    line, extra = LACKING[name]
    done = ran(alone, line)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.endswith(f"pip install 'chunkbench[{extra}]'\n")


def test_an_executor_without_its_package_says_how_to_get_it(alone):
    """Beside the rows of those that are there."""
    done = ran(alone, "try mine:task --items mine:inputs --on thread-pool,ray-tasks --budget 20s")
    assert done.returncode == 0
    assert "pip install 'chunkbench[ray]'" in " ".join(done.stdout.split())


def test_with_all_extras_the_site_is_built(alone):
    installed(alone, "[all]")
    assert ran(alone, "publish --no-figures").returncode == 0
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
