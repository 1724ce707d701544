"""Sweeps over cases of one's own choice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import harness
from harness.apps.own_sweep import own_plan
from harness.core.errors import UnknownNameError, UsageError


def plan(**more: Any) -> set[tuple[str, int, str, int]]:
    """Executor, workers, pin and chunk of each planned case."""
    axes: dict[str, Any] = {
        "executors": ["dask-threads"],
        "chunks": [1_000],
        "workers": [2],
        "profile": "smoke",
    }
    planned = own_plan("random-sum", **(axes | more)).cases
    return {(case.executor, case.workers, case.pin, case.chunk) for case in planned}


def test_only_what_an_executor_can_make_of_the_axes_is_planned() -> None:
    """NumPy has the whole and one worker, whatever the axes; NumPy on all cores comes by itself."""
    found = plan(executors=["numpy", "serial-replay", "dask-threads"], chunks=[100, 1_000])
    serial = {(name, workers, chunk) for name, workers, _, chunk in found if workers == 1}
    assert serial == {
        ("numpy", 1, 200_000),
        ("serial-replay", 1, 100),
        ("serial-replay", 1, 1_000),
    }
    assert {chunk for name, _, _, chunk in found if name == "dask-threads"} == {100, 1_000}
    assert {name for name, *_ in found} >= {"numpy-threads"}


def test_pins_that_an_executor_does_not_know_are_left_out() -> None:
    found = plan(executors=["numpy-threads", "dask-threads"], pins=["1", "cores"])
    assert {pin for name, _, pin, _ in found if name == "dask-threads"} == {"1", "cores"}
    assert {pin for name, _, pin, _ in found if name == "numpy-threads"} == {"cores"}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"executors": []}, "executors must be a list"),
        ({"executors": "dask-threads"}, "executors must be a list"),
        ({"chunks": []}, "chunks must be a list"),
        ({"pins": []}, "pins must be a list"),
        ({"workers": [0]}, "0 workers: give at least 1"),
        ({"executors": ["dusk"]}, "dusk"),
        ({"profile": "huge"}, "huge"),
        ({"budget": "soon"}, "soon"),
    ],
)
def test_a_wrong_axis_is_refused_in_one_line(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises((UsageError, UnknownNameError), match=said) as refused:
        plan(**wrong)
    assert "\n" not in str(refused.value)


@pytest.mark.engine
def test_what_was_chosen_is_measured_and_can_be_read(tmp_path: Path) -> None:
    """From Python alone: no clone, no ASV."""
    journal = harness.run(
        "random-sum",
        executors=["numpy", "thread-pool"],
        chunks=[50_000],
        workers=[1],
        profile="smoke",
        results=tmp_path,
        machine_name="m",
    )
    measured = harness.read_results(journal)
    assert set(measured.cases["executor"]) == {"numpy", "thread-pool", "numpy-threads"}
    assert set(measured.cases["status"]) == {"ok"}
    assert journal.parent == tmp_path / "m" / "journal"
