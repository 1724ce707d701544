"""An answer in short is what its sentence concludes, of the newest run that has it."""

from __future__ import annotations

import pytest

from harness.reading.ingest import to_frame
from harness.reading.report.words.short_answers import conclusion, short_answers

PINS = "Pins matter for blas-product here"


@pytest.mark.parametrize(
    ("kind", "sentence", "short"),
    [
        (
            "practice",
            (
                "Persisting rather than recomputing: faster in 2 of 2 comparisons; where it helps "
                "least, persisting is 1.2 [1.1, 1.3] times as fast."
            ),
            "Persisting rather than recomputing: faster in 2 of 2.",
        ),
        (
            "pin",
            f"{PINS}: against pin 1 slower in 2 of 3 comparisons; worst: pin cores.",
            f"{PINS}.",
        ),
        (
            "threads or processes",
            (
                "Threads or processes, for spin-task, which holds the GIL? Processes: in all 3 "
                "comparisons, the closest being that one takes longer."
            ),
            "Threads or processes, for spin-task, which holds the GIL? Processes.",
        ),
        (
            "threads or processes",
            (
                "Threads or processes, for spin-task, which holds the GIL? It depends, threads are "
                "faster in 1, slower in 1 of 2 comparisons: 1.2 [1.1, 1.3] to 0.9 [0.8, 0.95]."
            ),
            (
                "Threads or processes, for spin-task, which holds the GIL? It depends, threads are "
                "faster in 1, slower in 1 of 2."
            ),
        ),
    ],
)
def test_what_a_sentence_concludes(kind, sentence, short):
    assert conclusion(kind, sentence) == short


def test_the_newest_run_of_a_machine_answers():
    row = {"machine": "m", "kind": "pin", "workload": "blas-product"}
    rows = [
        row | {"run": "2", "sentence": f"{PINS}: so."},
        row | {"run": "1", "sentence": "It did not: so."},
        row | {"machine": "other", "run": "3", "sentence": "Elsewhere: so."},
    ]
    assert short_answers(to_frame("answers", rows), "m") == [f"{PINS}."]
