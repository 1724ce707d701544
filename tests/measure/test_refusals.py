"""Cases that cannot run are told before anything starts, each with its reason."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.errors import UnknownNameError
from harness.executors import EXECUTORS, lookup
from harness.measure.refusals import all_cores_reference, out_of_profile, refusals
from harness.records import Case
from harness.sweep import PROFILES, Plan
from harness.workloads import make_workload

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
    found = reason(**asked)
    assert found is not None
    assert text in found
    assert "\n" not in found


def test_a_case_that_can_run_is_not_refused():
    assert refusals([case(), case("numpy", workers=1, chunk=1000)], PLENTY) == {}
    assert reason("numpy-threads", chunk=1000, pin="cores") is None


def test_a_case_that_does_not_fit_into_memory_says_both_figures():
    """The whole, or a chunk for every worker, whichever is more."""
    assert reason(memory=7999) == "needs 8000 bytes of memory, 7999 are free"
    assert reason(memory=8000) is None
    assert reason(chunk=1000, workers=2, memory=15999) is not None
    assert reason(workload="empty-task", memory=0) is None


def test_an_executor_that_is_not_installed_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(lookup("ray-tasks"), "needs", ("no_such_engine",))
    found = reason("ray-tasks")
    assert found is not None
    assert "no_such_engine not installed: pip install" in found


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


def planned(suite, **profile):
    cases = tuple(
        case(name, workers=workers)
        for name in EXECUTORS
        for workers in ((1, 2, 4) if lookup(name).max_workers is None else (1,))
    )
    return Plan(suite, replace(PROFILES["nightly"], **profile), cases)


def test_a_short_profile_starts_engines_with_all_workers_only():
    found = out_of_profile(planned("s", full_workers_only=True), 4)
    kept = {(c.executor, c.workers) for c in planned("s").cases if c not in found}
    assert kept == {
        (name, 4 if lookup(name).max_workers is None else 1) for name in EXECUTORS
    }  # fmt: skip
    assert all("with all workers only" in text for text in found.values())


def test_a_short_profile_starts_clusters_in_one_suite_only():
    profile = {"clusters_in": "this"}
    assert out_of_profile(planned("this", **profile), 1) == {}
    found = out_of_profile(planned("that", **profile), 1)
    assert {lookup(c.executor).kind for c in found} == {"cluster"}
    assert set(found.values()) == {"profile nightly starts clusters in this only"}


def test_a_long_profile_leaves_nothing_out():
    assert out_of_profile(planned("s"), 4) == {}
