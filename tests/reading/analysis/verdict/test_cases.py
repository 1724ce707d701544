"""The table of cases: rules 1, 12, 16, 18, 19 and 20."""

import numpy as np
import pandas as pd
import pytest

from harness.core import schema
from harness.core.errors import InputError
from harness.core.records import Estimate
from harness.reading.analysis.verdict.cases import cases, estimate
from tests.reading.analysis.planted import Noise, Planted, journal

QUIET = Noise(own=0.0, drift=0.0, second=0.0)


def one_case(t1=2.0, tp=1.5, ceiling=2.0, rounds=8, blocks=2, looks=None, chunk=1 << 18, **columns):
    """One case of four tasks on two workers with the given seconds in every round."""
    pairs, starts, runs = journal(Planted(), [chunk], rounds, QUIET, blocks=blocks, looks=looks)
    pairs["serial_seconds"], pairs["parallel_seconds"] = t1, np.resize(tp, len(pairs))
    starts["ceiling"] = ceiling
    for name, value in columns.items():
        pairs[name] = pd.array(np.resize(value, len(pairs)), dtype=pairs[name].dtype)
    return pairs, starts, runs


def first(*frames):
    return cases(*frames).iloc[0]


def add_line(pairs, **columns):
    line = pairs.iloc[[-1]].assign(round=pd.NA, parallel_seconds=np.nan, **columns)
    return pd.concat([pairs, line.astype(schema.dtypes("pairs"))], ignore_index=True)


def test_the_frame_obeys_the_schema_also_when_empty():
    pairs, blocks, runs = one_case()
    for frame in (cases(pairs, blocks, runs), cases(pairs[:0], blocks[:0], runs)):
        assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == schema.dtypes("cases")


def test_costs_follow_their_definitions():
    """Vocabulary: T1 = 2 s, TP = 1.5 s, S = 2 give a gain of 1 s and an overhead of 0.5 s."""
    row = first(*one_case())
    expected = {
        "gain_seconds": 1.0,
        "overhead_seconds": 0.5,
        "overhead_over_gain": 0.5,
        "overhead_us_per_task": 125_000.0,
        "speedup": 4 / 3,
        "speedup_ratio_of_medians": 4 / 3,
        "efficiency": 2 / 3,
        "granularity_seconds": 0.75,
        "seconds": 1.5,
        "baseline_seconds": 2.0,
        "ceiling": 2.0,
        "startup_seconds": 0.5,
    }
    assert {name: row[name] for name in expected} == pytest.approx(expected)
    assert (row["rounds"], row["blocks"], row["paired"]) == (8, 2, True)


def test_medians_and_intervals_come_from_the_rounds():
    """Rule 19: exp of the median of d; six rounds have exact order statistics throughout."""
    speedups = np.array([1.0, 1.1, 1.2, 1.3, 1.4, 1.6])
    row = first(*one_case(t1=1.0, tp=1 / speedups, rounds=6))
    ends = [row["speedup"], row["speedup_low"], row["speedup_high"]]
    assert ends == pytest.approx([np.sqrt(1.2 * 1.3), 1, 1.6])
    assert row["interval"] == "order statistics"
    assert row["overhead_seconds_low"] == pytest.approx(1 / 1.6 - 0.5)


def test_two_rounds_decide_a_case_200_times_slower():
    """Rule 19 (a): and every quantity has an interval, around its geometric mean."""
    row = first(*one_case(t1=0.065, tp=np.array([13.0, 14.0]), rounds=2))
    assert (row["verdict"], row["interval"]) == ("overhead exceeds gain", "moderated t")
    for name in ("seconds", "baseline_seconds", "gain_seconds", "overhead_seconds", "speedup"):
        assert row[f"{name}_low"] < row[name] < row[f"{name}_high"]
    assert row["seconds"] == pytest.approx(np.sqrt(13 * 14))
    assert row["speedup_ratio_of_medians"] == pytest.approx(0.065 / 13.5)


def test_overhead_above_the_gain_is_not_clamped():
    """Vocabulary: a beaten ceiling leaves overhead negative; zero is a number."""
    beaten = first(*one_case(tp=0.8))
    assert beaten["overhead_seconds"] == pytest.approx(-0.2)
    assert beaten["overhead_over_gain"] == pytest.approx(-0.2)
    assert first(*one_case(tp=1.0))["overhead_seconds"] == 0.0  # zero is a result, not an absence


def test_below_a_ceiling_of_1_there_is_no_gain_and_still_an_overhead():
    """No time can be saved, and a negative one is no saving: T1 = 2 s, TP = 1.5 s, S = 0.8."""
    none = first(*one_case(ceiling=0.8))
    assert none[["gain_seconds", "gain_seconds_low", "overhead_over_gain"]].isna().all()
    assert none["overhead_seconds"] == pytest.approx(1.5 - 2 / 0.8)
    assert first(*one_case(ceiling=1.0))["gain_seconds"] == 0.0


def test_without_a_ceiling_there_is_no_overhead():
    """Vocabulary: S is measured; unknown is null, and the verdict does not need it."""
    row = first(*one_case(ceiling=np.nan))
    names = ["gain_seconds", "overhead_seconds", "overhead_over_gain", "overhead_us_per_task"]
    assert row[names].isna().all()
    assert row["verdict"] == "pays"


@pytest.mark.parametrize(
    ("executor", "workers"), [("dask-threads", 1), ("numpy", 2), ("serial-replay", 2)]
)
def test_one_worker_has_nothing_to_gain(executor, workers):
    """Rule 1: S = 1, so the gain is 0, a number, and overhead over gain has no meaning."""
    pairs, blocks, runs = one_case()
    for frame in (pairs, blocks):
        frame["executor"], frame["workers"] = executor, workers
    row = first(pairs, blocks, runs)
    assert row["gain_seconds"] == 0.0
    assert np.isnan(row["overhead_over_gain"])


def test_statuses_stay_apart_and_carry_no_verdict():
    """Absent is null, never 0: skipped has no numbers, failed those of the rounds it finished."""
    pairs, blocks, runs = one_case()
    failed = first(add_line(pairs, status="failed", reason="worker died"), blocks, runs)
    assert (failed["status"], failed["reason"]) == ("failed", "worker died")
    assert (failed["rounds"], failed["seconds"]) == (8, 1.5)
    assert pd.isna(failed["verdict"])
    assert pd.isna(failed["scope"])

    line = add_line(pairs, status="skipped", reason="no memory").iloc[[-1]]
    skipped = first(line, blocks, runs)
    numbers = [c.name for c in schema.CASES if c.dtype in ("float64", "Int64", "boolean")]
    numbers = [c for c in numbers if c not in {k.name for k in (*schema.CASE, *schema.CHUNKING)}]
    assert skipped[numbers].drop("oversubscribed").isna().all()
    never = first(line.assign(status="timeout"), blocks, runs)
    assert (never["status"], never["rounds"]) == ("timeout", 0)
    assert np.isnan(never["seconds"])


def test_what_lacked_the_time_and_was_measured_later_has_its_rounds():
    """A run that goes on measures it; any other line without a result still stands for the case."""
    pairs, blocks, runs = one_case()
    reason = "no time: a pair takes about 31 s of the 12 s left: give it --budget 2m"
    late = add_line(pairs, status="skipped", reason=reason)
    row = cases(late, blocks, runs).iloc[0]
    assert (row["status"], row["rounds"]) == ("ok", 8)
    assert pd.isna(row["reason"])
    other = add_line(pairs, status="skipped", reason="not here")
    assert cases(other, blocks, runs).iloc[0]["status"] == "skipped"


def test_a_pair_marked_ok_without_a_time_is_refused():
    """A time of 0 is a defect of the journal, never a fast case; so is a round that comes twice."""
    for tp in (0.0, np.nan, -1.0):
        with pytest.raises(InputError, match="positive times"):
            cases(*one_case(tp=tp))
    with pytest.raises(InputError, match="round of its own"):
        cases(*one_case(round=0))
    pairs, blocks, _ = one_case()
    with pytest.raises(InputError, match="run line"):
        cases(pairs, blocks, {})


def test_times_without_a_partner_get_no_verdict():
    """Why pairs: a plain time may be shown, but never carries a verdict."""
    row = first(*one_case(t1=np.nan))
    assert (row["paired"], row["seconds"]) == (False, 1.5)
    assert pd.isna(row["verdict"])
    assert np.isnan(row["speedup"])


def test_flagged_rounds_are_shown_with_and_without():
    """Rule 16: a calibration that moved by more than 10 % is flagged and nothing is dropped."""
    tp, ratio = [1.0] * 3 + [4.0] * 5, [1.0, 0.95, np.nan, 1.2, 0.8, 1.11, 1.2, 1.2]
    row = first(*one_case(t1=2.0, tp=tp, calibration_ratio=ratio))
    assert row["flagged"] == 5
    assert row["speedup"] == pytest.approx(0.5)
    assert row["speedup_unflagged"] == pytest.approx(2.0)


def test_looks_of_the_run_line_bound_the_rounds():
    """Rule 18: ten rounds rest on the look at eight, and the warning says so."""
    tp = [1.0] * 8 + [9.0] * 2
    pairs, blocks, runs = one_case(tp=tp, rounds=10, looks=[8, 12])
    row = first(pairs, blocks, runs)
    assert (row["seconds"], row["seconds_high"], row["rounds"]) == (1.0, 1.0, 10)
    assert "2 rounds after the last look" in row["warning"]
    expected = Estimate(point=2.0, low=2.0, high=2.0, n=8, interval="order statistics")
    assert estimate(row, "speedup", runs["run0000"]) == expected
    with pytest.raises(InputError, match="looks"):
        first(*one_case(looks=[7, 9]))


def test_rounds_are_ordered_by_their_number():
    """Rule 19: the journal's order is not the rounds' (a resumed run); autocorrelation needs it."""
    wave = np.exp(np.repeat([0.3, 0.1], 10))
    pairs, blocks, runs = one_case(tp=wave, rounds=20)
    ordered = first(pairs, blocks, runs)
    shuffled = first(pairs.sample(frac=1, random_state=1), blocks, runs)
    pd.testing.assert_series_equal(ordered, shuffled)
    assert ordered["autocorrelation"] > 0.8


def test_correlated_rounds_carry_a_warning():
    """Rule 19: above 0.2; alternating rounds are not warned of."""
    assert "correlated" in first(*one_case(tp=np.repeat([1.0, 1.2], 10), rounds=20))["warning"]
    assert pd.isna(first(*one_case(tp=[1.0, 1.2], rounds=20))["warning"])


@pytest.mark.parametrize(
    ("blocks", "tp", "scope", "warned"),
    [
        (2, [1.0, 1.1], "for these start-ups", False),
        (4, [1.0, 1.1], "for these start-ups", False),
        (5, [1.0, 1.1], "beyond", False),
        (5, [1.0] * 16 + [4.0] * 4, "for these start-ups", True),
        (5, [2.0, 2.002], "beyond", False),
        (5, [3.0, 3.1], "beyond", False),
        (5, [2.01] * 16 + [2.4] * 4, "for these start-ups", True),
        (5, [1.0, 4.0], "for these start-ups", False),
    ],
)
def test_scope_needs_five_blocks_that_agree(blocks, tp, scope, warned):
    """Rule 12: the t interval over block medians; a lone bad start-up keeps the scope narrow."""
    row = first(*one_case(t1=2.0, tp=tp, rounds=20, blocks=blocks))
    assert row["scope"] == scope
    assert ("start-ups" in str(row["warning"])) is warned


def all_cores(workers, tp, **columns):
    pairs, blocks, runs = one_case(tp=tp, **columns)
    for frame in (pairs, blocks):
        frame["executor"], frame["workers"] = "numpy-threads", workers
    return pairs, blocks, runs


def test_the_second_verdict_is_against_numpy_on_all_cores():
    """Rule 1: per round against the `numpy-threads` case of most workers, matched by round."""
    pairs, blocks, runs = one_case(tp=1.5)
    parts = [all_cores(1, 4.0), all_cores(4, 1.0), all_cores(2, 9.0)]
    every = pd.concat([pairs, *(p for p, _, _ in parts)], ignore_index=True)
    starts = pd.concat([blocks, *(b for _, b, _ in parts)], ignore_index=True)
    table = cases(every, starts, runs).set_index(["executor", "workers"])
    got = table["verdict_vs_all_cores"]
    assert table.loc[("scripted", 2), "verdict"] == "pays"
    assert got[("scripted", 2)] == "overhead exceeds gain"
    assert pd.isna(got[("numpy-threads", 4)])
    assert got[("numpy-threads", 1)] == "overhead exceeds gain"
    assert pd.isna(first(pairs, blocks, runs)["verdict_vs_all_cores"])


def test_the_second_verdict_matches_rounds_by_number():
    """Rule 1: a drift over rounds that both share cancels; the rounds of one alone do not count."""
    drift = np.exp(np.linspace(0, 3, 20))
    pairs, blocks, runs = one_case(t1=1.0, tp=drift, rounds=20)
    other, starts, _ = all_cores(4, 0.5 * drift, t1=1.0, rounds=20)
    starts = pd.concat([blocks, starts], ignore_index=True)
    late = pd.concat([pairs[8:], other], ignore_index=True)
    assert first(late, starts, runs)["verdict_vs_all_cores"] == "overhead exceeds gain"
    apart = pd.concat([pairs[:10], other[10:]], ignore_index=True)
    assert first(apart, starts, runs)["verdict_vs_all_cores"] == "undetermined"


def test_rows_come_in_order_of_first_appearance_and_runs_stay_apart():
    pairs, blocks, runs = journal(Planted(), [512, 128, 256], 6, sweeps=2)
    table = cases(pairs, blocks, runs)
    assert list(table["chunk"]) == [512, 128, 256] * 2
    assert list(table["run"]) == ["run0000"] * 3 + ["run0001"] * 3
