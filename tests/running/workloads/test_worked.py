"""Workloads with work for each item: the same work everywhere, and answers that can be checked."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from harness.core.work_families import family_of
from harness.running.workloads import WORKLOADS, calibrated, items, make_workload
from harness.running.workloads.spin_task import iterate

WORKED = [name for name, made in WORKLOADS.items() if made.family]


@pytest.fixture(autouse=True)
def _few_iterations():
    calibrated.keep(1.0)
    yield
    calibrated.keep(None)


@pytest.mark.parametrize("x", [0, 1, 12_345])
@pytest.mark.parametrize("iterations", [0, 1, 2, 1_000])
def test_the_right_answer_is_known_without_the_work(x, iterations):
    assert items.worked_out(x + 1, iterations)[x] == iterate(x, iterations) >> items.KEPT_BITS


@pytest.mark.parametrize("name", WORKED)
def test_work_left_out_or_done_too_often_is_a_wrong_answer(name):
    made: Any = make_workload(name, 12)
    right = made.iterations
    assert made.check(made.baseline(1)) is None
    for iterations in (0, right - 1, right + 1):
        made.iterations = iterations
        answer = made.baseline(1)
        made.iterations = right
        assert made.check(answer)


@pytest.mark.parametrize("name", WORKED)
def test_a_name_says_the_family_and_the_work(name):
    made = WORKLOADS[name]
    assert family_of(name) == (made.family, made.work_per_item_seconds)
    assert made.family in WORKLOADS
    whole: Any = make_workload(name, 1)
    assert whole.iterations == round(made.work_per_item_seconds * 1e6)


@pytest.mark.parametrize("name", sorted(set(WORKLOADS) - set(WORKED)))
def test_every_other_workload_is_a_family_of_its_own(name):
    assert family_of(name) == (name, 0.0)


def test_there_are_fewer_items_where_each_has_more_work():
    for family in ("bag-map", "futures", "counter-actor"):
        amounts = sorted(
            (made.work_per_item_seconds, made.sizes)
            for made in WORKLOADS.values()
            if made.family == family
        )
        assert [round(seconds * 1e6) for seconds, _ in amounts] == [10, 100, 1_000, 10_000]
        for profile in ("smoke", "laptop", "nightly"):
            sizes = [sizes[profile] for _, sizes in amounts]
            assert sizes == sorted(sizes, reverse=True)


def test_a_process_that_was_told_the_calibration_measures_none():
    """A child does as many iterations as the baseline, whatever it would measure itself."""
    code = (
        "from harness.running.workloads import calibrated, make_workload\n"
        "calibrated.iterate = None\n"
        "calibrated.keep_setting({calibrated.SETTING: 3.5})\n"
        "print(make_workload('bag-map-10us', 1).iterations)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout == "35\n", done.stderr


def test_a_run_without_added_work_measures_no_calibration(monkeypatch):
    monkeypatch.setattr(calibrated, "iterations_per_us", None)
    assert calibrated.needed_by(["bag-map", "empty-task"]) is None
