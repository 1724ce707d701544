"""Rounds of all cases as arrays: the same as slices of the frame, in the same order."""

import numpy as np
import pandas as pd
import pytest

from harness.reading.analysis.by_group import by_key
from harness.reading.analysis.estimate_columns import floats
from harness.reading.analysis.keys import CASE, GROUP
from harness.reading.analysis.verdict.estimates import median_interval
from harness.reading.analysis.verdict.grouped_rounds import ends_of, ok_rounds
from harness.reading.analysis.verdict.matched_rounds import log_differences
from harness.reading.analysis.verdict.ragged import Ragged, Rule, intervals, medians_by
from harness.reading.analysis.verdict.rounds import log_ratio, with_result
from tests.reading.analysis.planted import Planted, journal


def mixed_up(seed=0):
    """Two runs of three cases on two executors, lines in any order, some of them not ok."""
    rng = np.random.default_rng(seed)
    first = journal(Planted(), [512, 128, 256], 7, sweeps=2)[0]
    pairs = pd.concat([first, first.assign(executor="other")], ignore_index=True)
    pairs["status"] = pairs["status"].mask(rng.random(len(pairs)) < 0.2, "failed")
    pairs["serial_seconds"] = pairs["serial_seconds"].mask(rng.random(len(pairs)) < 0.1)
    pairs["purpose"] = pairs["purpose"].mask(rng.random(len(pairs)) < 0.2, "confirm")
    pairs["size"] = pairs["size"].mask(rng.random(len(pairs)) < 0.1)
    return pairs.sample(frac=1, random_state=seed).reset_index(drop=True)


@pytest.mark.parametrize("keys", [CASE, GROUP], ids=["cases", "groups"])
def test_parts_are_those_of_the_frame(keys):
    pairs = mixed_up()
    grouped, ok = ok_rounds(pairs), with_result(pairs)
    slices = by_key(ok, keys)
    places = grouped.cases if keys == CASE else grouped.groups
    assert set(places) == set(slices)
    for key, rows in slices.items():
        part = grouped.of_case(key) if keys == CASE else grouped.of_group(key)
        assert np.array_equal(part.parallel_seconds, floats(rows, "parallel_seconds"))
        assert np.array_equal(part.round, floats(rows, "round"))
        assert np.array_equal(part.chunk, rows["chunk"].to_numpy(dtype=np.int64))
        assert np.array_equal(part.line, rows.index)
        assert [word or pd.NA for word in part.purpose] == rows["purpose"].tolist()
        assert np.array_equal(part.log_ratio, log_ratio(rows), equal_nan=True)


def test_cases_and_groups_come_in_the_order_of_their_first_row():
    pairs = mixed_up()
    grouped, ok = ok_rounds(pairs), with_result(pairs)
    assert grouped.keys_in_order == list(by_key(ok, CASE))
    assert list(grouped.groups) == list(by_key(ok, GROUP))
    assert ok_rounds(pairs.iloc[:0]).cases == {}


def test_an_unknown_case_has_no_rounds():
    grouped = ok_rounds(mixed_up())
    assert len(grouped.of_case(("a", "case"))) == len(grouped.of_group(("a",))) == 0


def test_differences_are_those_of_rounds_with_the_same_number():
    """Rounds of one alone do not count, nor those without a baseline, whatever comes first."""
    pairs = mixed_up()
    grouped, slices = ok_rounds(pairs), by_key(with_result(pairs), CASE)
    keys = list(slices)
    couples = [(mine, theirs) for mine in keys for theirs in keys]
    mine, theirs = (ends_of(grouped.cases[key] for key in side) for side in zip(*couples))
    got, place = log_differences(grouped.rounds, mine, theirs)
    for i, (one, other) in enumerate(couples):
        expected = (log_ratio(slices[one]) - log_ratio(slices[other])).dropna()
        assert got.values[got.case == i] == pytest.approx(expected.to_numpy(), abs=1e-15)
        assert np.array_equal(grouped.rounds.round[place[got.case == i]], expected.index)
    none, _ = log_differences(grouped.rounds, mine[:0], theirs[:0])
    assert none.cases == none.values.size == 0


def test_cases_of_any_length_are_judged_by_their_own_rules():
    rng = np.random.default_rng(1)
    lengths = [0, 6, 9, 6, 0, 13, 9, 6]
    rules = [Rule(0.95, None), Rule(0.9, None), Rule(0.95, (8, 12))]
    rule = np.array([0, 1, 2, 0, 1, 2, 0, 1])
    values = Ragged(rng.normal(size=sum(lengths)), np.repeat(np.arange(8), lengths), 8)
    assert np.array_equal(values.count, lengths)
    found = intervals(values, rules, rule)
    for i in range(8):
        level, looks = rules[rule[i]]
        one = median_interval(values.values[values.case == i], level, looks)
        expected = [np.nan if end is None else end for end in (one.point, one.low, one.high)]
        assert np.array_equal([end[i] for end in found], expected, equal_nan=True)


def test_medians_of_parts_stand_with_their_case():
    values = np.array([5.0, 1.0, 3.0, 2.0, 9.0])
    case, code = np.array([0, 0, 0, 2, 2]), np.array([7.0, 7.0, 1.0, 1.0, 0.0])
    medians = medians_by(values, case, code, 3)
    assert medians.values.tolist() == [3.0, 3.0, 9.0, 2.0]
    assert medians.case.tolist() == [0, 0, 2, 2]
    assert medians.count.tolist() == [2, 0, 2]
