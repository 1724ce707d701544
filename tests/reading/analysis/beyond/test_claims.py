"""Published claims judged on planted rounds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from harness.core.records import Estimate, Machine, RunInfo
from harness.reading.analysis.beyond.claim_verdicts import SUITE, Holding, claims, judge
from harness.reading.analysis.verdict.cases import cases
from harness.reading.ingest.published import Claim, Publication, Setting
from tests.reading.analysis.planted import obey

SOURCE = Publication(document="d", path="p", version="v")
ROUNDS = 12
T1 = 0.2


def interval_of(low, high):
    return Estimate(point=(low + high) / 2, low=low, high=high, n=12)


@pytest.mark.parametrize(
    ("low", "high", "allowed", "says"),
    [
        (2.0, 3.0, (1.0, 4.0), "holds"),
        (1.0, 4.0, (1.0, 4.0), "holds"),  # an end that is just allowed is allowed
        (0.999, 4.0, (1.0, 4.0), "undetermined"),
        (1.0, 4.001, (1.0, 4.0), "undetermined"),
        (0.5, 1.0, (1.0, 4.0), "undetermined"),  # what touches is not outside
        (0.5, 0.999, (1.0, 4.0), "does not hold"),
        (4.0, 5.0, (1.0, 4.0), "undetermined"),
        (4.001, 5.0, (1.0, 4.0), "does not hold"),
        (0.5, 9.0, (1.0, 4.0), "undetermined"),
        (1.0, 1e9, (1.0, None), "holds"),
        (0.1, 0.9, (1.0, None), "does not hold"),
        (-1e9, 1.0, (None, 1.0), "holds"),
        (1.1, 2.0, (None, 1.0), "does not hold"),
    ],
)
def test_a_claim_holds_or_fails_only_where_the_whole_interval_says_so(low, high, allowed, says):
    assert judge(interval_of(low, high), allowed) == says


@pytest.mark.parametrize("missing", ["point", "low", "high"])
def test_without_an_interval_nothing_is_decided(missing):
    bare = interval_of(2.0, 3.0).model_copy(update={missing: None})
    assert judge(bare, (1.0, 4.0)) == Holding.UNDETERMINED


def setting(workload, chunk=1, size=100):
    return Setting(workload=workload, size=size, chunk=chunk, executor="e")


def claim(quantity, value, rule="about", **changes):
    return Claim(
        name="c", says="s", rule=rule, value=value, quantity=quantity, source=SOURCE, **changes
    )


def run_of(seconds, workers=2, status="ok", rounds=ROUNDS, noise=0.01, seed=0):
    """A run of the suite with planted seconds, (workload, chunk) to s, 100 elements each."""
    rng = np.random.default_rng(seed)
    frames, blocks = [], []
    for (workload, chunk), value in seconds.items():
        same = {
            "machine": "m",
            "run": "run",
            "suite": SUITE,
            "profile": "claims",
            "workload": workload,
            "size": 100,
            "executor": "e",
            "workers": workers,
            "pin": "1",
        }
        frames.append(
            pd.DataFrame(
                {
                    **same,
                    "chunk": chunk,
                    "n_chunks": 100 // chunk,
                    "n_tasks": 100 // chunk,
                    "block": np.arange(rounds) // 6,
                    "round": np.arange(rounds),
                    "parallel_seconds": value * np.exp(rng.normal(0, noise, rounds)),
                    "serial_seconds": T1,
                    "status": status,
                    "reason": "no such engine",
                }
            )
        )
        blocks += [{**same, "block": b, "ceiling": 2.0} for b in range(2)]
    info = RunInfo(run="run", suite=SUITE, profile="claims", machine=Machine(name="m"))
    return (
        obey(pd.concat(frames, ignore_index=True), "pairs"),
        obey(pd.DataFrame(blocks).drop_duplicates(), "blocks"),
        {"run": info},
    )


def judged(seconds, *published, **changes):
    pairs, blocks, runs = run_of(seconds, **changes)
    return claims(cases(pairs, blocks, runs), pairs, runs, published)


WORK = {("loop", 1): 0.5, ("loop", 10): 0.25}


@pytest.mark.parametrize(
    ("quantity", "value", "expected"),
    [
        ("us a task", 5000.0, 5000.0),  # 0.5 s over 100 tasks, nothing taken off
        ("tasks/s", 200.0, 200.0),
        ("T1/TP", 0.4, 0.4),
        ("% of 100 ms", 5.0, 5.0),
    ],
)
def test_the_loop_gives_the_figure_that_was_claimed(quantity, value, expected):
    [row] = judged(WORK, claim(quantity, (value,), loop=setting("loop"))).to_dict("records")
    assert row["loop"] == pytest.approx(expected, rel=0.02)
    assert row["loop_low"] <= row["loop"] <= row["loop_high"]
    assert (row["verdict"], row["judged"], row["rounds"], row["blocks"]) == ("holds", "loop", 12, 2)


def test_a_time_ratio_is_of_two_cases_round_by_round():
    stated = claim(
        "time ratio", (1.05,), "at most", loop=setting("loop"), against=setting("loop", 10)
    )
    [row] = judged(WORK, stated).to_dict("records")
    assert row["loop"] == pytest.approx(2.0, rel=0.02)
    assert row["verdict"] == "does not hold"


@pytest.mark.parametrize(
    ("quantity", "value", "expected"),
    [
        ("us a task", 4000.0, 4000.0),  # (0.5 - 0.2/2) s over 100 tasks
        ("tasks/s", 250.0, 250.0),
        ("% of 100 ms", 4.0, 4.0),
    ],
)
def test_the_paired_figure_is_overhead_and_decides_where_there_is_no_loop(
    quantity, value, expected
):
    [row] = judged(WORK, claim(quantity, (value,), paired=setting("loop"))).to_dict("records")
    assert row["paired"] == pytest.approx(expected, rel=0.02)
    assert row["paired_low"] <= row["paired"] <= row["paired_high"]
    assert (row["verdict"], row["judged"]) == ("holds", "paired")
    assert pd.isna(row["loop"])


def test_a_speed_up_that_no_machine_could_give_decides_nothing():
    """Two workers, 3.4 times as fast: the baseline was held up (rule 23)."""
    stated = claim("T1/TP", (1.0,), "at most", loop=setting("loop"))
    [row] = judged({("loop", 1): T1 / 3.4}, stated).to_dict("records")
    assert row["verdict"] == "undetermined"
    assert "efficiency above 1.5" in row["reason"]


def test_both_are_judged_and_the_loop_decides():
    stated = claim("us a task", (2200.0,), loop=setting("loop"), paired=setting("loop"))
    [row] = judged(WORK, stated).to_dict("records")
    assert (row["verdict"], row["verdict_paired"]) == ("does not hold", "holds")


def test_an_overhead_that_may_be_nothing_gives_no_rate_and_no_verdict():
    stated = claim("tasks/s", (1000.0,), paired=setting("loop"))
    [row] = judged({("loop", 1): T1 / 2}, stated, noise=0.1).to_dict("records")
    assert pd.isna(row["paired_high"])
    assert row["verdict"] == "undetermined"


def test_too_few_rounds_are_undetermined():
    [row] = judged(WORK, claim("us a task", (5000.0,), loop=setting("loop")), rounds=5).to_dict(
        "records"
    )
    assert row["verdict"] == "undetermined"
    assert "5 rounds are too few" in row["reason"]


@pytest.mark.parametrize(
    ("stated", "changes", "why"),
    [
        (claim("us a task", (1.0,), not_measured="it needs 32 cores"), {}, "it needs 32 cores"),
        (claim("us a task", (1.0,), loop=setting("else")), {}, "was not asked for it"),
        (
            claim("us a task", (1.0,), loop=setting("loop")),
            {"status": "skipped"},
            "skipped: no such engine",
        ),
        (claim("T1/TP", (1.0,), loop=setting("loop")), {"workers": 1}, "one core"),
        (
            claim("T1/TP", (1.0,), loop=setting("loop"), longest_task_seconds=0.001),
            {},
            "its tasks take 2 ms here, not below 1 ms",
        ),
    ],
)
def test_what_is_not_measured_says_why_and_shows_no_figure(stated, changes, why):
    [row] = judged(WORK, stated, **changes).to_dict("records")
    assert row["verdict"] == "not measured here"
    assert why in row["reason"]
    assert pd.isna(row["loop"])
    assert pd.isna(row["paired"])


def test_cases_of_other_suites_are_no_claims():
    pairs, blocks, runs = run_of(WORK)
    pairs["suite"] = blocks["suite"] = "another"
    stated = claim("us a task", (5000.0,), loop=setting("loop"))
    assert claims(cases(pairs, blocks, runs), pairs, runs, [stated]).empty
