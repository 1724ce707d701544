"""Which run is gone on with: never one of other versions, another processor or other cores."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from harness.core.records import End, Machine, RunInfo
from harness.running.measure.sweep.journal import Earlier, JournalWriter, begin, unfinished

NIGHT = datetime(2026, 11, 28, 22, tzinfo=UTC)
HERE = Machine(name="m", cpu="Made-up CPU", cores_usable=2.0)
NOW = RunInfo(
    run="20261129T220000Z-s-0002",
    suite="s",
    profile="nightly",
    commit="a" * 40,
    machine=HERE,
    versions={"python": "3.11.2", "dask": "2026.8.0"},
    plan={"digest": "1"},
    t=(NIGHT + timedelta(days=1)).isoformat(),
)


def journal(folder, info, status=None):
    """A journal that was stopped without an end, or ended with *status*."""
    written = JournalWriter(begin(folder, info))
    if status:
        written.append(End(run=info.run, t=info.t, status=status))
    written.close()
    return written.path


def earlier(**changes):
    return NOW.model_copy(
        update={"run": "20261128T220000Z-s-0001", "t": NIGHT.isoformat(), **changes}
    )


@pytest.mark.parametrize("status", [None, "interrupted", "out of budget"])
def test_a_run_of_the_same_work_is_gone_on_with(tmp_path, status):
    path = journal(tmp_path, earlier(), status)
    assert unfinished(tmp_path, NOW) == Earlier(path)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"versions": {"python": "3.11.2", "dask": "2026.7.0"}},
            "dask was 2026.7.0, is 2026.8.0",
        ),
        (
            {"versions": {"python": "3.11.2", "dask": None}},
            "dask was not known, is 2026.8.0",
        ),
        (
            {"machine": HERE.model_copy(update={"cpu": "Older CPU"})},
            "the processor was Older CPU, is Made-up CPU",
        ),
        (
            {"machine": HERE.model_copy(update={"cores_usable": 1.5})},
            "usable cores was 1.5, is 2",
        ),
        (
            {"plan": {"digest": "1", "secure": True}},
            "--secure was on, is off",
        ),
    ],
)
def test_what_moves_a_result_makes_a_run_of_its_own(tmp_path, changes, words):
    """The plan is the same, and the rounds would be pooled; the reason says what has changed."""
    journal(tmp_path, earlier(**changes))
    path, reason = unfinished(tmp_path, NOW)
    assert path is None
    assert reason == f"20261128T220000Z-s-0001 is left as it is: {words}"


def test_back_on_the_first_processor_the_first_run_goes_on(tmp_path):
    """A job that is put back into its queue may come to another node, and back."""
    first = journal(tmp_path, earlier())
    other = HERE.model_copy(update={"cpu": "Other CPU"})
    journal(tmp_path, earlier(run="20261128T230000Z-s-0003", machine=other))
    assert unfinished(tmp_path, NOW) == Earlier(first)


@pytest.mark.parametrize("changes", [{"commit": "b" * 40}, {"plan": {"digest": "2"}}])
def test_another_commit_or_plan_is_passed_over_without_a_word(tmp_path, changes):
    journal(tmp_path, earlier(**changes))
    assert unfinished(tmp_path, NOW) == Earlier(None)


@pytest.mark.parametrize("status", [None, "out of budget"])
def test_what_began_before_the_moment_is_another_nights(tmp_path, status):
    """Also a run that was out of budget: the next night is a run of its own."""
    path = journal(tmp_path, earlier(), status)
    assert unfinished(tmp_path, NOW, NIGHT) == Earlier(path)
    assert unfinished(tmp_path, NOW, NIGHT + timedelta(seconds=1)) == Earlier(None)


def test_a_complete_run_is_not_gone_on_with(tmp_path):
    journal(tmp_path, earlier(), "complete")
    assert unfinished(tmp_path, NOW) == Earlier(None)


@pytest.mark.parametrize("status", ["complete", None])
def test_a_run_from_a_time_that_has_not_begun_is_not_taken_for_the_newest(tmp_path, status):
    """The clock was ahead when it began: it may be of any age, and comes last."""
    tomorrow = NIGHT + timedelta(days=2)
    ahead = {"run": "20261130T220000Z-s-0003", "t": tomorrow.isoformat()}
    lone = journal(tmp_path, earlier(**ahead), status)
    assert unfinished(tmp_path, NOW) == Earlier(None if status else lone)
    stopped = journal(tmp_path, earlier())
    assert unfinished(tmp_path, NOW) == Earlier(stopped)
