"""What people write for a side of a duel, and what it means."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from harness.core.errors import UsageError
from harness.core.records import Case
from harness.core.run_options import SECURE
from harness.running.executors import lookup
from harness.running.measure.duel.sides import DuelSide, parse_side
from harness.running.measure.process.channel import child_environment

CASE = Case(workload="empty-task", size=9, executor="dask-threads", workers=1, pin="1", chunk=1)


def built(named, base):
    """The interpreter that runs now, as if it were built."""
    asked.append((list(named), base))
    return Path(sys.executable)


asked: list[tuple[list[str], Path | None]] = []


def side(text: str) -> DuelSide:
    asked.clear()
    return parse_side(text, built)


def test_here_is_the_own_python_as_it_is():
    found = side("here")
    assert (found.environment, found.pin) == (None, None)
    assert found.case(CASE) == CASE


def test_a_pin_changes_the_case_and_nothing_else():
    found = side("pin=default")
    assert found.environment is None
    assert found.case(CASE) == CASE.model_copy(update={"pin": "default"})


def test_a_setting_is_handed_to_the_processes_by_dasks_own_name():
    found = side("worker-saturation=inf").environment
    assert found is not None
    assert found.own
    assert found.settings == {"distributed.scheduler.worker-saturation": "inf"}
    assert found.variables() == {"DASK_DISTRIBUTED__SCHEDULER__WORKER_SATURATION": "inf"}
    assert found.name.endswith("worker-saturation inf")
    assert found.missing_of(lookup("dask-threads")) is None


def test_a_side_says_whether_others_are_kept_out_whatever_the_command_says(tmp_path, monkeypatch):
    """A duel of both prices the certificates; the engine's process has the word of its side."""
    found = side("secure=on").environment
    assert found is not None
    assert found.own
    monkeypatch.setenv(SECURE, "off")
    of_the_command = lookup("dask-distributed-processes").environment(tmp_path, {})
    assert of_the_command[SECURE] == "off"
    of_the_side = child_environment("mark", tmp_path, of_the_command, elsewhere=found)
    assert of_the_side[SECURE] == "on"


def test_a_commit_is_a_package_with_the_place_that_it_comes_from():
    """And no path of an interpreter, although it has slashes."""
    commit = "dask@git+file://localhost/srv/dask@1a2b3c4"
    assert side(f"{commit},worker-saturation=inf").environment is not None
    assert asked == [([commit], None)]
    assert side("distributed[all] @ git+https://host/d#egg=d") is not None
    assert asked == [(["distributed[all] @ git+https://host/d#egg=d"], None)]


def test_packages_are_built_together_on_the_interpreter_that_stands_beside_them():
    found = side(f"dask==2024.8.0,numpy>=1.26,<2,{sys.executable},work-stealing=False")
    assert asked == [(["dask==2024.8.0", "numpy>=1.26,<2"], Path(sys.executable))]
    assert found.environment is not None
    assert not found.environment.own
    assert found.environment.settings == {"distributed.scheduler.work-stealing": "False"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("worker-satturation=inf", "no setting worker-satturation: .* did you mean worker-satur"),
        ("secure=perhaps", "write secure=on or secure=off"),
        ("pin=3", "unknown pin '3': choose one of 1, cores, default"),
        ("here,dask==2024.8.0", "is no side"),
        ("", "is no side"),
        ("/no/such/python", "no such interpreter"),
        ("dask = 2024", "write a package and a version"),
    ],
)
def test_what_is_no_side_is_refused_in_one_line(text, said):
    with pytest.raises(UsageError, match=said) as caught:
        side(text)
    assert "\n" not in str(caught.value)
