"""Break-even in work an item against planted truth: rules 21, 22 and 30."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

from harness.core.records import Machine, RunInfo
from harness.reading.analysis.crossover.work import BEST, ONE_BY_ONE, break_even_work
from harness.reading.analysis.verdict.cases import cases
from harness.reading.report.words.work_words import with_work_sentences
from tests.reading.analysis.planted import Noise, log_ratios, obey
from tests.repeats import repeated

pytestmark = pytest.mark.simulation

AMOUNTS = {"bag-map": 1e-6, "bag-map-10us": 1e-5, "bag-map-100us": 1e-4, "bag-map-1ms": 1e-3}
CHUNKS = (1, 10, 100, 1_000)
SAME_WORK = {name: round(0.08 / seconds) for name, seconds in AMOUNTS.items()}
"""Items of each workload, so that the whole has as much work everywhere."""
SAME_ITEMS = dict.fromkeys(AMOUNTS, 4_000)


def seconds(items, work, chunk, c0=0.004, s=0.0, o=150e-6, workers=2, ceiling=1.9):
    """The overhead model of rule 24, without the last wave."""
    tasks = items / chunk
    return c0 + max(tasks * s, tasks * o / workers + items * work / ceiling)


def family(items, sweeps, ratio=None, rounds=20, noise=None, seed=0, **costs):
    """Journals of a family, one sweep a run; *ratio* is planted in place of the model's TP/T1."""
    points = [
        (name, items[name], chunk) for name in AMOUNTS for chunk in CHUNKS if chunk <= items[name]
    ]
    whole = np.array([n * AMOUNTS[name] for name, n, _ in points])
    model = [seconds(n, AMOUNTS[name], chunk, **costs) for name, n, chunk in points]
    truth = np.array(model) / whole if ratio is None else np.full(len(points), ratio)
    rng = np.random.default_rng(seed)
    t1, tp, block = log_ratios(truth, rounds, noise or Noise(own=0.02, drift=0.05), rng, sweeps)
    sweep, number, at = (index.ravel() for index in np.indices(t1.shape))
    run = np.array([f"run{k:04}" for k in range(sweeps)])
    same = {
        "machine": "planted",
        "suite": "planted",
        "profile": "planted",
        "executor": "dask-processes",
        "workers": 2,
        "pin": "1",
    }
    pairs = pd.DataFrame(
        {
            **same,
            "run": run[sweep],
            "workload": np.array([name for name, _, _ in points])[at],
            "size": np.array([n for _, n, _ in points])[at],
            "chunk": np.array([chunk for _, _, chunk in points])[at],
            "n_chunks": np.array([math.ceil(n / chunk) for _, n, chunk in points])[at],
            "block": block.ravel(),
            "round": number,
            "parallel_seconds": np.exp(tp).ravel() * whole[at],
            "serial_seconds": np.exp(t1).ravel() * whole[at],
            "status": "ok",
        }
    )
    machine = Machine(name="planted")
    runs = {
        str(name): RunInfo(run=str(name), suite="planted", profile="planted", machine=machine)
        for name in run
    }
    pairs = obey(pairs, "pairs")
    table = break_even_work(cases(pairs, obey(pd.DataFrame(), "blocks"), runs), pairs, runs)
    added = pairs["workload"] != "bag-map"
    pace = pairs["serial_seconds"] / pairs["size"] / pairs["workload"].map(AMOUNTS)
    return table.assign(pace=table["run"].map(pace[added].groupby(pairs["run"]).median()))


def covers(found, truth):
    """Whether the interval of each row holds *truth*, in microseconds at the pace of its sweep: how
    fast a machine is that drifts has no other answer."""
    truth = truth * found["pace"]
    return (found["work_us_low"] <= truth) & (truth <= found["work_us_high"])


def truth_of(items, chunk, **costs):
    """The work of an item at which TP = T1 with the items that the family has around there."""
    names = [*AMOUNTS]

    def over(log_work):
        work = math.exp(log_work)
        n = np.interp(log_work, np.log([*AMOUNTS.values()]), np.log([items[x] for x in names]))
        n = math.exp(n)
        return min(seconds(n, work, c, **costs) for c in chunk) - n * work

    ends = np.log([AMOUNTS[names[0]], AMOUNTS[names[-1]]])
    return 1e6 * math.exp(optimize.brentq(over, *ends))


def rows(table, rule):
    return table[table["chunks"] == rule]


@repeated(few=30, full=200)
@pytest.mark.parametrize(
    ("items", "costs"),
    [
        pytest.param(SAME_WORK, {"o": 150e-6}, id="same work"),
        pytest.param(SAME_ITEMS, {"o": 30e-6, "s": 60e-6}, id="same items, one scheduler"),
        pytest.param(SAME_WORK, {"o": 400e-6}, id="same work, dear"),
    ],
)
def test_the_planted_break_even_one_by_one_lies_in_its_interval(items, costs, repeats):
    """In at least 90 % of the sweeps; a sweep without an interval is a miss."""
    found = rows(family(items, repeats, seed=1, **costs), ONE_BY_ONE)
    truth = truth_of(items, (1,), **costs)
    assert len(found) == repeats
    assert covers(found, truth).mean() >= 0.9
    assert (found["bracket_low_us"] * 0.9 <= found["work_us"]).all()
    assert (found["work_us"] <= found["bracket_high_us"] * 1.1).all()


@repeated(few=30, full=200)
@pytest.mark.parametrize("c0", [0.004, 0.012])
def test_the_planted_break_even_at_the_best_chunk_lies_in_its_interval(c0, repeats):
    """Each amount has a best chunk of its own to be chosen: in at least 90 % of the sweeps."""
    found = rows(family(SAME_ITEMS, repeats, seed=2, c0=c0), BEST)
    truth = truth_of(SAME_ITEMS, CHUNKS, c0=c0)
    assert covers(found, truth).mean() >= 0.9
    one_by_one = rows(family(SAME_ITEMS, repeats, seed=2, c0=c0), ONE_BY_ONE)
    assert (found["work_us"].to_numpy() < one_by_one["work_us"].to_numpy()).all()


@repeated(few=100, full=1000)
@pytest.mark.parametrize("rounds", [8, 20])
def test_the_luckiest_of_chunks_that_all_make_no_difference_pays_no_more_often(rounds, repeats):
    """Four amounts with four chunks each, all of them at TP = T1: a break-even is said of at most
    5 % of the amounts, in either direction (winner's curse)."""
    found = rows(
        family(SAME_ITEMS, repeats, ratio=1.0, rounds=rounds, noise=Noise(own=0.1), seed=3), BEST
    )
    pays = found["bracket_high_us"].notna() | found["status"].isin(["always pays"])
    assert pays.mean() <= 0.05 * len(AMOUNTS)


def test_what_pays_everywhere_or_nowhere_has_no_number():
    for ratio, status in ((0.6, "always pays"), (1.7, "never pays")):
        table = family(SAME_WORK, 1, ratio=ratio)
        assert set(table["status"]) == {status}
        assert table[["work_us", "work_us_low", "bracket_low_us"]].isna().all(axis=None)


def test_the_sentence_says_both_rules_with_their_chunks():
    table = with_work_sentences(family(SAME_ITEMS, 1, seed=4))
    [sentence] = set(table["sentence"])
    assert sentence.startswith("bag-map on dask-processes with 2 workers pays from ")
    assert " an item one by one (" in sentence
    assert " an item in chunks of 1 000 (" in sentence


def test_a_workload_alone_has_no_amounts_to_compare(monkeypatch):
    monkeypatch.setattr(f"{__name__}.AMOUNTS", {"bag-map": 1e-6})
    assert family(SAME_ITEMS, 1).empty
