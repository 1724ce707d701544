"""``harness.advise`` on real functions, and what it says of wrong ones."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest
from typer.testing import CliRunner

import harness
from harness.cli import app
from harness.core.errors import MeasureError, UsageError
from harness.reading.report.advice.advice_record import Advice, text
from harness.running.measure.own.own_child import OwnChild

HERE = str(Path(__file__).parent)
QUICK: dict[str, Any] = {"rounds": 1, "budget_seconds": 5.0, "paths": [HERE]}


def sane(advice, workers=2):
    assert isinstance(advice, Advice)
    for choice in advice.choices:
        for line in choice.lines:
            seconds = line.seconds
            assert seconds.point is not None
            assert seconds.point > 0
            assert (seconds.low, seconds.high) == (None, None)  # of one round nothing is known
            assert line.memory_bytes is None or line.memory_bytes > 0
        assert [line.workers for line in choice.lines] == list(range(1, workers + 1))
    assert advice.recommended in advice.choices
    assert advice.sentences
    assert not [
        process
        for process in psutil.Process().children(recursive=True)
        if "own_child" in " ".join(process.cmdline())
    ]
    return text(advice)


@pytest.mark.engine
def test_a_function_that_returns_an_array_is_advised_and_checked_at_held_out_chunks():
    said = []
    advice = harness.advise(
        "works:mean",
        against="works:mean_by_numpy",
        workers=2,
        check=True,
        step=lambda *words: said.append(words),
        **QUICK,
    )
    sane(advice)
    assert advice.argument == "chunks"
    chunks = [choice.n_chunks for choice in advice.choices]
    assert chunks == sorted(set(chunks))
    assert len(chunks) >= 3
    assert advice.dask_auto is not None
    assert advice.dask_auto.n_chunks == 1
    assert advice.checked
    assert advice.median_error is not None
    held = {choice.n_chunks for choice in advice.choices if not choice.timed}
    assert {check.n_chunks for check in advice.checked} == held
    assert all(check.measured_seconds > 0 for check in advice.checked)
    assert set(advice.us_per_task) == {1, 2}
    assert all(cost > 0 for cost in advice.us_per_task.values())
    assert advice.against == "works:mean_by_numpy"
    assert advice.rounds == 1
    on_all = advice.all_cores_seconds  # of one core there is none
    assert on_all is None or (on_all.point is not None and on_all.point > 0)
    assert {what.split(":")[0] for what, _, _ in said} >= {
        "chunk sizes looked at",
        "chunk sizes sampled",
        "round 1 of 1",
    }
    assert all(0 < done <= of for _, done, of in said)


@pytest.mark.engine
def test_a_bag_is_cut_into_partitions():
    advice = harness.advise("works:bag", workers=1, **QUICK)
    sane(advice, workers=1)
    assert advice.argument == "npartitions"
    assert advice.choices[0].chunks == 1
    assert advice.dask_auto is None


@pytest.mark.engine
@pytest.mark.full
def test_processes_find_a_module_that_lies_in_the_current_folder():
    advice = harness.advise(
        "works:bag_of_own", executor="dask-processes", workers=1, check_all=True, **QUICK
    )
    assert advice.checked


@pytest.mark.engine
def test_a_function_without_chunks_is_judged_as_it_builds():
    advice = harness.advise("works:as_built", workers=1, **QUICK)
    assert "as built" in sane(advice, workers=1)
    assert [choice.chunks for choice in advice.choices] == [None]


@pytest.mark.engine
def test_a_numpy_function_is_run_chunk_by_chunk():
    advice = harness.advise(
        "works:total", numpy=True, shape=(100, 100), workers=1, check=True, **QUICK
    )
    sane(advice, workers=1)
    assert advice.choices[0].chunks == [100, 100]
    assert all(choice.n_tasks == choice.n_chunks for choice in advice.choices)
    assert advice.checked


class FullMachine:
    """To the advice alone; what is run has the memory that there is."""

    @staticmethod
    def usable_memory_bytes():
        return 300_000


@pytest.mark.engine
def test_an_array_that_does_not_fit_is_advised_on_and_not_run(monkeypatch):
    monkeypatch.setattr("harness.apps.advice.job_memory", FullMachine)
    advice = harness.advise(
        "works:total", numpy=True, shape=(200, 100), workers=1, check=True, **QUICK
    )
    shown = sane(advice, workers=1)
    assert "does not fit in memory" in shown
    assert not advice.checked
    assert any(note.startswith("not checked") for note in advice.notes)


@pytest.mark.engine
def test_seconds_of_a_chunk_are_enough_and_cannot_be_checked():
    done = CliRunner().invoke(
        app,
        [
            "advise",
            "--rounds",
            "1",
            "--shape",
            "100x100",
            "--chunk",
            "50x50",
            "--chunk-seconds",
            "0.001",
            "--workers",
            "1",
            "--budget",
            "5s",
            "--check",
            "--format",
            "json",
        ],
    )
    assert done.exit_code == 0, done.output
    content = json.loads(done.stdout)
    assert content["serial_seconds"] == pytest.approx(0.004)
    assert content["choices"][0]["chunks"] == [100, 100]
    assert content["checked"] == []
    assert "not checked: there is no function to run" in content["notes"]


@pytest.mark.parametrize(
    ("work", "words"),
    [
        ("nowhere_at_all:mean", "cannot import nowhere_at_all"),
        ("works:nothing", "works has no nothing"),
        ("works:constant", "is no function"),
        ("works:numbr", "works has no numbr: did you mean number?"),
        ("works:number", "returned the number 7, not a Dask collection"),
        ("works:several", "returned a list of 3 int, not a Dask collection"),
        ("works:nothing_back", "returned nothing, not a Dask collection"),
        ("works:needs", "needs size"),
    ],
)
def test_a_wrong_function_is_one_line_that_says_what_to_do(work, words, monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "path", [*sys.path])
    child = OwnChild(tmp_path)

    def tried():
        child.load(work, [HERE])
        child.survey(None)

    with pytest.raises(UsageError, match=words) as caught:
        tried()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("work", "against", "words"),
    [
        ("works:product", "", "needs|missing a required argument: 'other'"),
        ("works:total", "works:product", "gets the whole array"),
        ("works:mean", "works:total", "gets no argument"),
    ],
)
def test_a_function_with_other_arguments_is_refused_before_it_is_run(
    work, against, words, monkeypatch, tmp_path
):
    monkeypatch.setattr(sys, "path", [*sys.path])
    numpy = work != "works:mean"
    with pytest.raises(UsageError, match=words):
        OwnChild(tmp_path).load(work, [HERE], numpy=numpy, shape=[4, 4], against=against)


def test_a_serial_way_that_computes_nothing_yet_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "path", [*sys.path])
    child = OwnChild(tmp_path)
    child.load("works:mean", [HERE], against="works:mean")
    with pytest.raises(UsageError, match="computes nothing yet"):
        child.own_way()


@pytest.mark.engine
def test_a_call_over_the_limit_is_ended_and_says_so():
    with pytest.raises(MeasureError, match=r"within 1 s.*--limit"):
        harness.advise("works:asleep", workers=1, limit_seconds=1.0, **QUICK)


@pytest.mark.engine
def test_chunks_that_a_function_does_not_heed_are_found_out():
    with pytest.raises(UsageError, match="same chunks whatever"):
        harness.advise("works:stubborn", workers=1, **QUICK)


@pytest.mark.engine
def test_a_function_that_fails_is_one_line_with_its_own_words():
    with pytest.raises(MeasureError, match="ValueError: no such number") as caught:
        harness.advise("works:broken", workers=1, **QUICK)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"work": "works"}, "module:function"),
        ({"work": "works:mean", "workers": 0}, "0 workers: give at least 1"),
        ({"work": "works:mean", "budget_seconds": 0.0}, "budget"),
        ({"work": "works:mean", "limit_seconds": 0.0}, "limit"),
        ({"work": "works:mean", "rounds": 0}, "0 rounds"),
        ({"work": "works.py:mean"}, "did you mean works:mean?"),
        ({"work": "works:mean", "against": "works.py:mean"}, "did you mean works:mean?"),
        ({"shape": (9, 9), "against": "works:mean"}, "name the work"),
        ({"work": "works:mean", "executor": "dask-thread"}, "did you mean dask-threads"),
        (
            {"work": "works:mean", "executor": "ray-tasks"},
            "not a Dask executor.*: choose one of dask-synchronous, dask-threads",
        ),
        ({"work": "works:mean", "executor": "dask-actors"}, "no tasks.*choose one of .*dask-th"),
        ({"work": "works:mean", "executor": "dask-synchronous", "workers": 2}, "--workers 1"),
        ({"work": "works:total", "numpy": True}, "give --shape"),
        ({"work": "works:total", "numpy": True, "shape": (10, 0)}, "10x0 has no elements"),
        ({"work": "works:total", "numpy": True, "shape": ()}, "no elements"),
        ({"work": "works:total", "numpy": True, "shape": (9,), "dtype": "nothing"}, "no dtype"),
        ({"work": "works:total", "numpy": True, "shape": (9,), "dtype": "O"}, "made up"),
        ({"work": lambda chunks: chunks}, "module:function"),
        ({"shape": (9, 9)}, "--chunk-seconds"),
        ({"shape": (9, 9), "chunk": [(3, 3)], "chunk_seconds": [0.0]}, "above 0"),
        ({"shape": (9, 9), "chunk": [(3,)], "chunk_seconds": [1.0]}, "not within"),
        ({"shape": (9, 9), "chunk": [(30, 3)], "chunk_seconds": [1.0]}, "not within"),
        ({"chunk": [(3,)], "chunk_seconds": [1.0]}, "give --shape"),
        ({"work": "works:mean", "chunk": [(3,)], "chunk_seconds": [1.0]}, "not both"),
        ({"numpy": True, "shape": (9,)}, "name it as module:function"),
    ],
)
def test_wrong_input_is_refused_before_anything_is_started(wrong, words, monkeypatch):
    monkeypatch.setattr("harness.apps.advice.opened", None)  # nothing may be opened
    with pytest.raises(UsageError, match=words) as caught:
        harness.advise(**{**QUICK, **wrong})
    assert "\n" not in str(caught.value)


def test_a_shape_that_is_none_is_said_to_be_none():
    done = CliRunner().invoke(app, ["advise", "works:mean", "--shape", "4ox4"])
    assert done.exit_code != 0
    assert isinstance(done.exception, UsageError)
    assert "is no shape" in str(done.exception)
