"""Sentences say what the figures show, and no more."""

from __future__ import annotations

import pytest

from harness.reading.analysis.verdict.cases import cases
from harness.reading.analysis.verdict.contrasts import contrasts
from harness.reading.report.words.contrast_words import answers, with_sentences
from tests.reading.analysis.verdict.test_contrasts import run_of

pytestmark = pytest.mark.simulation


def sentences_of(planted, **changes):
    """The sentences of the comparisons, and those that answer the questions."""
    pairs, blocks, runs = run_of(planted, **changes)
    compared = with_sentences(contrasts(cases(pairs, blocks, runs), pairs, blocks, runs))
    return list(compared["sentence"]), list(answers(compared, runs)["sentence"])


def pinned(**seconds):
    return {("blas-product", "dask-threads", 4, pin, 100): s for pin, s in seconds.items()}


def spin(threads, processes, workload="spin-task"):
    layouts = {"processes": (2, 1)}
    planted = {
        (workload, "threads", 2, "1", 10): threads,
        (workload, "processes", 2, "1", 10): processes,
    }
    return sentences_of(planted, layouts=layouts)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "is 2.0"), (0.05, "takes 2.0"), (0.1, "takes as long as recomputing, within 5 %")],
)
def test_a_practice_in_words(seconds, words):
    case = ("dask-threads", 2, "1", 100)
    planted = {("persisted", *case): 0.1, ("recomputed", *case): seconds}
    [sentence], [answer] = sentences_of(planted, noise=0.005)
    assert sentence.startswith("Persisting ")
    assert words in sentence or words.replace("2.0", "1.9") in sentence
    assert "recomputing" in sentence
    assert "on dask-threads with 2 workers, pin 1, chunk 100" in sentence
    assert "of 1 comparison" in answer


def test_pins_do_not_matter_only_where_every_interval_lies_within_the_margin():
    _, [near] = sentences_of(pinned(**{"1": 0.1, "cores": 0.1}), noise=0.005)
    assert near.startswith("Blas-product does not care about pins here: at most ")
    _, [open_] = sentences_of(pinned(**{"1": 0.1, "cores": 0.1}), noise=0.5)
    assert open_.startswith("Whether pins matter for blas-product is undetermined here: 0 of 1 ")


def test_one_comparison_that_stands_out_of_many_proves_nothing():
    """With 8 rounds a single comparison can be decided, but not one out of 9."""
    planted = {
        ("blas-product", "dask-threads", 4, pin, chunk): 0.2 if pin != "1" and chunk == 1 else 0.1
        for pin in ("1", "cores")
        for chunk in range(1, 10)
    }
    _, [answer] = sentences_of(planted, rounds=8, noise=0.1)
    assert "is undetermined here: against pin 1 slower in 1" in answer
    assert "does not hold after Holm's correction" in answer


def test_what_oversubscription_costs_is_said_with_its_figure():
    [sentence], [answer] = sentences_of(pinned(**{"1": 0.1, "cores": 0.2}), noise=0.005)
    assert "pin cores (2 native threads) takes" in sentence.lower()
    assert "Pins matter for blas-product here" in answer
    assert "Oversubscription (8 native threads wanted on 2 cores) costs here: slower in 1" in answer


def test_threads_or_processes_is_settled_where_the_comparison_is():
    _, [answer] = spin(0.2, 0.1)
    assert answer.startswith(
        "Threads or processes, for spin-task, which holds the GIL? Processes: in the one comparison"
    )
    _, [answer] = spin(0.1, 0.2, "spin-task-nogil")
    assert "which releases the GIL? Threads: in the one comparison" in answer


def test_what_cannot_be_told_is_said_with_its_figures():
    planted = {("spin-task", e, 2, "1", 10): 0.1 for e in ("threads", "processes")}
    _, [answer] = sentences_of(planted, layouts={"processes": (2, 1)}, noise=0.5)
    assert "Undetermined in the one comparison: threads are " in answer
    assert "times as fast (threads (chunk 10) against processes (chunk 10))." in answer


def test_comparisons_that_disagree_settle_nothing():
    planted = {
        ("spin-task", "threads", 2, "1", 10): 0.1,
        ("spin-task", "processes", 2, "1", 10): 0.2,
        ("spin-task", "slow", 2, "1", 10): 0.4,
        ("spin-task", "more", 2, "1", 10): 0.05,
    }
    layouts = {"processes": (2, 1), "more": (2, 1)}
    _, [answer] = sentences_of(planted, layouts=layouts)
    assert "It depends, threads are faster in 1, slower in 3 of 4 comparisons: " in answer
