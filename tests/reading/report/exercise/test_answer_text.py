"""The words of the answer say what its numbers show, and no more."""

from __future__ import annotations

import pytest

from harness.core.records import Estimate, Machine
from harness.reading.report.exercise.answer_record import Answer
from harness.reading.report.exercise.answer_sentences import (
    generator_sentence,
    one_sentence,
    verdict_sentence,
)
from harness.reading.report.exercise.example import COLUMNS, Example


def example(name, speedup, verdict, vs_all_cores=None, chunk=1_000):
    return Example(
        example=name,
        chunk=chunk,
        n_chunks=10,
        n_tasks=None if name.startswith("numpy") else 23,
        seconds=Estimate(point=0.04 / speedup),
        speedup=Estimate(point=speedup, low=0.9 * speedup, high=1.1 * speedup),
        overhead_us_per_task=None,
        verdict=verdict,
        verdict_vs_all_cores=vs_all_cores,
        status="ok",
        reason=None,
    )


def answer(rows, workers=2, blocks=3, scope="for these start-ups"):
    return Answer(
        machine=Machine(name="made-up", cores_usable=2.0),
        executor="dask-threads",
        workers=workers,
        rows=rows,
        break_even_chunk={"status": "found", "point": 2e5, "low": 1e5, "high": 3e5},
        best_chunk={
            "recommended": 1_000,
            "set": [1_000, 100_000],
            "fresh_speedup": {"point": 1.5, "low": 1.4, "high": 1.6},
            "confirmed": True,
        },
        refined={"chunks_added": 1, "pairs_saved": 8},
        generator={},
        sentences=["First.", "Second."],
        rounds=13,
        blocks=blocks,
        scope=scope,
        warnings=["best: neighbouring rounds are correlated (0.34)"],
        seconds_spent=52.8,
        journal="run.jsonl",
    )


def test_the_answer_prints_itself_with_every_part():
    shown = answer([example("many", 1.5, "pays", "pays"), example("numpy", 1.0, "undetermined")])
    assert str(shown) + "\n" == shown.text()
    lines = shown.text().splitlines()
    assert lines[0].endswith("made-up (2 usable cores): dask-threads, 2 workers")
    assert lines[1].split() == list(COLUMNS)
    assert lines[2].endswith(" pays")
    assert "break-even chunk: 200 000 [100 000, 300 000] numbers" in lines
    assert "chunks not worse than the best by 5 %: 1 000, 100 000" in lines
    assert (
        "speed-up of the best chunk in fresh rounds: 1.50 [1.40, 1.60], which confirms it" in lines
    )
    assert "refining added 1 chunk: 8 pairs fewer than a grid as fine throughout" in lines
    at = lines.index("journal: run.jsonl")
    assert lines[at + 1 : at + 3] == [
        "warning: best: neighbouring rounds are correlated (0.34)",
        "",
    ]


@pytest.mark.parametrize("width", [60, 80, 98, 120])
def test_no_line_is_wider_than_asked_and_the_last_one_is_the_answer(width):
    rows = [
        example("many", 0.00663, "overhead exceeds gain"),
        example("few", 0.418, "overhead exceeds gain", chunk=100_000),
        example("numpy", 1.0, "undetermined"),
        example("best", 0.706, "overhead exceeds gain", chunk=1_000_000),
    ]
    text = answer(rows).text(width)
    assert max(map(len, text.splitlines())) <= width
    assert "…" not in text
    assert " ".join(text.rpartition("\n\n")[2].split()) == (
        "Plain NumPy is the one to use here, rather than dask-threads: at best, chunks of "
        "1 000 000 numbers take 1.42 [1.29, 1.57] times as long."
    )


def test_the_one_sentence_says_what_is_faster_open_or_missing():
    faster = {"few": example("few", 1.5, "pays", "pays", chunk=100_000)}
    assert one_sentence(faster, "dask-threads") == (
        "The right chunk size of dask-threads beats plain NumPy here: at best, chunks of 100 000 "
        "numbers are 1.50 [1.35, 1.65] times as fast."
    )
    unclear = {"few": example("few", 1.02, "undetermined")}
    assert one_sentence(unclear, None).startswith("No chunk size is shown to beat plain NumPy")
    nothing = example("few", 1.0, None).model_copy(update={"speedup": Estimate(point=None)})
    assert one_sentence({"few": nothing}, None) == (
        "Nothing can be said yet: no example has a result."
    )


@pytest.mark.parametrize("verdict", ["undetermined", "equal"])
def test_numpy_with_the_same_generator_is_the_baseline_and_its_json_keeps_the_verdict(verdict):
    shown = answer([example("numpy", 1.0, verdict), example("numpy-as-written", 0.6, verdict)])
    matched, as_written = (line for line in shown.text().splitlines() if "3 NumPy" in line)
    assert matched.endswith(" baseline")
    assert as_written.endswith(f" {verdict}")
    assert shown.model_dump(mode="json")["rows"][0]["verdict"] == verdict


@pytest.mark.parametrize(
    ("blocks", "scope", "words"),
    [
        (3, "for these start-ups", "not generalised beyond these 3 launches"),
        (1, None, "not generalised beyond this one launch"),
        (5, "beyond", "holds beyond these launches"),
    ],
)
def test_how_far_the_answer_reaches(blocks, scope, words):
    assert answer([], blocks=blocks, scope=scope).basis.endswith(f"; {words}")


def test_one_worker_is_one_worker():
    assert answer([], workers=1).title.endswith(", 1 worker")
    assert "dask-threads has 1 worker, and" in verdict_sentence({}, "dask-threads", 1)


@pytest.mark.parametrize(
    ("many", "conclusion", "outcome"),
    [
        (
            example("many", 2.0, "pays", "pays"),
            "The right chunk size of dask-threads beats plain NumPy here",
            "it is faster than NumPy, speed-up 2.00 [1.80, 2.20], so it pays",
        ),
        (
            example("many", 2.0, "pays", "equal"),
            "Plain NumPy is the one to use here, rather than dask-threads",
            "speed-up 2.00 [1.80, 2.20], but not shown to beat NumPy on all cores",
        ),
        (
            example("many", 0.5, "overhead exceeds gain"),
            "Plain NumPy is the one to use here, rather than dask-threads",
            "it takes 2.00 [1.82, 2.22] times as long as NumPy",
        ),
        (
            example("many", 1.0, "equal"),
            "Plain NumPy is the one to use here, rather than dask-threads",
            "it takes as long as NumPy, within 5 % (speed-up 1.00 [0.900, 1.10])",
        ),
        (
            example("many", 1.0, "undetermined"),
            "No chunk size of dask-threads is shown to beat plain NumPy here",
            "the difference from NumPy is undetermined (speed-up 1.00 [0.900, 1.10])",
        ),
    ],
)
def test_each_verdict_in_words(many, conclusion, outcome):
    sentence = verdict_sentence({"many": many}, "dask-threads", 2)
    assert sentence.startswith(f"{conclusion}: ")
    assert outcome in sentence


def test_what_the_generator_does_is_said_as_far_as_it_was_measured():
    ratios = {"older_over_matched": Estimate(point=1.5, low=1.4, high=1.6)}
    assert "could not be measured" in generator_sentence({}, {})
    assert generator_sentence({}, ratios).endswith("as long as the generator that Dask uses.")
    ratios["best_over_as_written"] = Estimate(point=1.2, low=1.1, high=1.3)
    best = {"best": example("best", 0.7, "overhead exceeds gain")}
    assert generator_sentence(best, ratios).endswith(
        "so the speed-up of Dask's best chunk over that line looks like 1.20 [1.10, 1.30], and "
        "over NumPy with the same generator it is 0.700 [0.630, 0.770]."
    )
