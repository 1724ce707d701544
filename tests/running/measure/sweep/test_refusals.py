"""Cases that cannot run are told before anything starts, each with its reason."""

from __future__ import annotations

import pytest

from harness.core.errors import UnknownNameError
from harness.core.records import Case
from harness.running.executors import lookup
from harness.running.executors.options import INTERFACE
from harness.running.measure.sweep.refusals import refusals
from harness.running.plan.sweep import all_cores_reference
from harness.running.workloads import make_workload

PLENTY = 2**60


def case(executor="thread-pool", workload="random-sum", size=1000, workers=2, pin="1", chunk=100):
    return Case(
        workload=workload, size=size, executor=executor, workers=workers, pin=pin, chunk=chunk
    )


def reason(*args, memory=PLENTY, **kwargs):
    asked = case(*args, **kwargs)
    return refusals([asked], memory).get(asked)


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ({"workers": 0}, "at least 1"),
        ({"workers": -1}, "at least 1"),
        ({"chunk": 0}, "at least 1"),
        ({"chunk": -5}, "at least 1"),
        ({"chunk": 1001}, "larger than the whole, 1000"),
        ({"executor": "numpy", "workers": 1}, "its only chunk is 1000"),
        ({"executor": "serial-replay"}, "runs 1 task at a time"),
        ({"executor": "dask-synchronous"}, "runs 1 task at a time"),
        ({"executor": "numpy-threads", "chunk": 1000}, "defined by pin cores"),
        ({"pin": "3"}, "defined by pin"),
    ],
)
def test_a_case_that_cannot_run_says_why_in_one_line(asked, text):
    refusal = reason(**asked)
    assert refusal is not None
    assert text in refusal
    assert "\n" not in refusal


def test_a_case_that_can_run_is_not_refused():
    assert refusals([case(), case("numpy", workers=1, chunk=1000)], PLENTY) == {}
    assert reason("numpy-threads", chunk=1000, pin="cores") is None


def test_a_case_that_does_not_fit_into_memory_says_both_figures():
    """A chunk for every worker; the whole where it is not cut. A whole that does not fit is no
    reason: the serial replay of the chunks is the baseline then (rule 1)."""
    assert reason(memory=1599) == "needs 1600 bytes of memory, 1599 are free"
    assert reason(memory=1600) is None
    assert reason(executor="numpy", workers=1, chunk=1000, memory=7999) is not None
    assert reason(executor="numpy", workers=1, chunk=1000, memory=8000) is None
    assert reason(chunk=1000, workers=2, memory=15999) is not None
    assert reason(workload="empty-task", memory=0) is None


def test_an_executor_that_is_not_installed_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(lookup("ray-tasks"), "needs", ("no_such_engine",))
    refusal = reason("ray-tasks")
    assert refusal is not None
    assert "no_such_engine not installed: pip install" in refusal


def test_an_engine_that_is_heard_beyond_the_loopback_runs_only_where_a_network_is_named(
    monkeypatch,
):
    monkeypatch.setattr(lookup("thread-pool"), "heard_beyond", "made up")
    monkeypatch.delenv(INTERFACE, raising=False)
    refusal = reason()
    assert refusal is not None
    assert "listens on every network of this machine" in refusal
    monkeypatch.setenv(INTERFACE, "lo")
    assert reason() is None


def test_unknown_names_are_refused_with_those_that_exist():
    with pytest.raises(UnknownNameError, match=r"unknown executor 'dusk-threads'.*dask-threads"):
        refusals([case("dusk-threads")], PLENTY)
    with pytest.raises(UnknownNameError, match=r"unknown workload 'sum'.*random-sum"):
        refusals([case(workload="sum")], PLENTY)
    with pytest.raises(UnknownNameError, match="empty-task"):
        make_workload("empty", 1)


def test_all_cores_are_the_reference_of_the_second_verdict():
    """Rule 1: NumPy with native threads on all cores is an ordinary case beside the baseline."""
    reference = all_cores_reference("random-sum", 1000, 4)
    assert (reference.executor, reference.workers, reference.pin) == ("numpy-threads", 4, "cores")
    assert refusals([reference], PLENTY) == {}
