"""Environments are built once for what they are to have, and pip's own reason is said in one line.

A script stands for Python: its venv copies the script, and its pip does what the test says.
"""

from __future__ import annotations

import json

import pytest

from harness.core.errors import UsageError
from harness.running.host.machine import package_version
from harness.running.measure.environment.built_environment import (
    CACHE,
    LOG,
    READY,
    BuildError,
    built,
)
from harness.running.measure.environment.requirements import (
    as_here,
    parse_requirements,
    with_needs,
)

SCRIPT = """#!/bin/sh
echo "$@" >> {calls}
if [ "$2" = venv ]; then mkdir -p "$3/bin" && cp "$0" "$3/bin/python"; exit; fi
{pip}
"""


@pytest.fixture
def calls(tmp_path):
    """The file that a stand-in writes its arguments to."""
    return tmp_path / "calls"


@pytest.fixture
def python(tmp_path, monkeypatch, calls):
    """Makes a stand-in for Python whose pip does what a line of shell says."""
    monkeypatch.setenv(CACHE, str(tmp_path / "cache"))

    def make(pip: str):
        program = tmp_path / "python"
        program.write_text(SCRIPT.format(calls=calls, pip=pip))
        program.chmod(0o755)
        return program

    return make


def test_an_environment_is_built_once_and_found_again(python, calls):
    base, said = python("exit 0"), list[str]()
    first = built(["dask==2024.8.0"], python=base, say=said.append)
    assert len(calls.read_text().splitlines()) == 2  # venv and pip
    again = built(["dask==2024.8.0"], python=base, say=said.append)
    assert again == first
    assert len(calls.read_text().splitlines()) == 2
    assert len(said) == 1
    assert said[0].startswith("building an environment with dask==2024.8.0 in ")
    assert built(["dask==2024.9.0"], python=base) != first
    kept = json.loads((first.parents[1] / READY).read_text())
    assert "dask==2024.8.0" in kept["requirements"]


def test_one_that_was_cut_short_is_built_anew(python, calls):
    base = python("exit 0")
    first = built(["dask==2024.8.0"], python=base)
    (first.parents[1] / READY).unlink()
    assert built(["dask==2024.8.0"], python=base) == first
    assert len(calls.read_text().splitlines()) == 4


def test_the_reason_of_pip_is_one_line_and_names_the_file_with_the_rest(python):
    reason = "ERROR: No matching distribution found for dask==9.9"
    base = python(f"echo Collecting dask; echo '{reason}'; exit 1")
    with pytest.raises(BuildError) as caught:
        built(["dask==9.9"], python=base)
    message = str(caught.value)
    assert "No matching distribution found for dask==9.9; see " in message
    assert "\n" not in message
    assert reason in _log(message)


def test_an_index_that_does_not_answer_is_told_from_one_that_lacks_the_package(python):
    """Pip says of both that there is no matching distribution."""
    warning = (
        "WARNING: Retrying (Retry(total=0)) after connection broken by "
        "'NewConnectionError('<pip._vendor.urllib3.HTTPSConnection object at 0x7f52>: Failed to "
        "establish a new connection: [Errno 111] Connection refused')': /simple/dask/"
    )
    lines = [warning, "ERROR: No matching distribution found for dask==9.9"]
    said: list[str] = []
    base = python("; ".join(f'echo "{line}"' for line in lines) + "; exit 1")
    with pytest.raises(
        BuildError, match=r"does not answer: Failed .*: \[Errno 111\] Connection refused; see "
    ):
        built(["dask==9.9"], python=base, say=said.append)
    assert len(said) == 1  # it is not asked twice


def _log(message: str) -> str:
    with open(message.rpartition("see ")[2], encoding="utf-8") as file:  # noqa: PTH123
        assert file.name.endswith(LOG)
        return file.read()


def test_what_is_not_named_has_the_version_of_here_unless_that_does_not_go_together(python, calls):
    refuses = 'case "$*" in *--constraint*) echo "ERROR: ResolutionImpossible"; exit 1;; esac'
    base, said = python(refuses), list[str]()
    assert built(["dask==2023.1.0"], python=base, say=said.append).is_file()
    venv, constrained, free = calls.read_text().splitlines()
    assert "venv" in venv
    assert "--constraint" in constrained
    assert "--constraint" not in free
    assert said[-1] == "the versions of here do not go with that: the newest that do instead"


def test_a_python_that_makes_no_environment_says_what_it_lacks(python):
    base = python("exit 0")
    base.write_text("#!/bin/sh\necho 'ensurepip is not available'; exit 1\n")
    with pytest.raises(BuildError, match="makes no environment: ensurepip is not available"):
        built(["dask"], python=base)


def test_requirements_are_read_as_people_write_them():
    assert parse_requirements("dask==2024.8.0, numpy>=1.26,<2") == [
        "dask==2024.8.0",
        "numpy>=1.26,<2",
    ]
    assert parse_requirements("ray[default]~=2.9,joblib") == ["ray[default]~=2.9", "joblib"]


@pytest.mark.parametrize("wrong", ["--index-url=https://x", "-r file", "dask=2024", "", "a b"])
def test_what_is_no_requirement_is_refused(wrong):
    """Options of pip among them: they would change where packages come from."""
    with pytest.raises(UsageError, match="--with"):
        parse_requirements(wrong)


def test_engines_come_with_what_goes_with_them_and_the_rest_stays_as_it_is_here():
    wanted = with_needs(["dask==2024.8.0"])
    assert {"distributed", "cryptography", "numpy", "psutil", "threadpoolctl"} <= set(wanted)
    assert "ray" not in wanted
    constraints = as_here(["dask==2024.8.0"])
    assert f"numpy=={package_version('numpy')}" in constraints
    assert not any(line.startswith(("dask==", "distributed==")) for line in constraints)
    assert "joblib" in with_needs(["numpy==1.26.4"], ["joblib-loky"])
    assert "dask" in with_needs(["numpy==1.26.4"])
