"""Rounds and chunks as a table, and medians and intervals along it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.reading.analysis.crossover.spread import (
    column_intervals,
    log_ratios,
    spread,
    used_of_chunks,
)
from harness.reading.analysis.verdict.estimates import equal_intervals, median_interval
from harness.reading.analysis.verdict.grouped_rounds import ok_rounds
from harness.reading.analysis.verdict.ragged import row_medians
from tests.reading.analysis.planted import Planted, journal

CHUNKS = [1 << 10, 1 << 12, 1 << 16]
TIMES = st.lists(st.floats(0.01, 100.0), min_size=1, max_size=9)


def rounds_of(kept, looks=None):
    """The pairs *kept* of one group, and its rounds."""
    pairs, _, _ = journal(Planted(), CHUNKS, rounds=10, looks=looks)
    pairs = pairs[kept(pairs)]
    ok = ok_rounds(pairs)
    return pairs, ok.of_group(next(iter(ok.groups)))


def test_each_value_stands_at_its_round_and_chunk():
    pairs, ok = rounds_of(lambda pairs: (pairs["chunk"] + pairs["round"]) % 3 != 0)
    table = spread(ok, ok.parallel_seconds)
    assert table.chunks.tolist() == CHUNKS
    assert table.rounds.tolist() == sorted(set(pairs["round"]))
    for row, number in zip(table.values, table.rounds, strict=True):
        mine = pairs[pairs["round"] == number].set_index("chunk")["parallel_seconds"]
        assert row == pytest.approx(mine.reindex(CHUNKS).to_numpy(), nan_ok=True)


def test_several_values_of_one_round_and_chunk_have_their_mean():
    _, ok = rounds_of(lambda pairs: pairs["chunk"] == CHUNKS[0])
    twice = ok[np.repeat(np.arange(len(ok)), 2)]
    values = np.arange(len(twice), dtype=float)
    assert spread(twice, values).values[:, 0] == pytest.approx(values.reshape(-1, 2).mean(axis=1))


def test_rounds_after_the_latest_look_of_a_chunk_are_left_out():
    """Of 10 rounds of one chunk 8 count, of 7 rounds of another all do: no look was reached."""
    few = (CHUNKS[1], 7)
    _, ok = rounds_of(lambda pairs: (pairs["chunk"] != few[0]) | (pairs["round"] < few[1]))
    used = used_of_chunks(ok, [8, 12])
    assert [int((used.chunk == chunk).sum()) for chunk in CHUNKS] == [8, 7, 8]
    known = ~np.isnan(log_ratios(ok, [8, 12]).values)
    assert known.sum(axis=0).tolist() == [8, 7, 8]


@given(st.lists(TIMES, min_size=1, max_size=6))
def test_medians_are_those_of_the_values_that_are_there(rows):
    table = np.full((len(rows), 10), np.nan)
    for row, values in zip(table, rows, strict=True):
        row[: len(values)] = values
    assert row_medians(table[:, ::-1]).tolist() == [float(np.median(values)) for values in rows]


def test_a_row_without_a_value_has_no_median():
    assert np.isnan(row_medians(np.full((2, 3), np.nan))).all()


@pytest.mark.parametrize("looks", [None, [8, 16]])
@pytest.mark.parametrize("absent", [0, 3])
def test_the_interval_of_a_column_is_that_of_its_values(looks, absent):
    table = np.random.default_rng(0).normal(size=(16, 4))
    table[:absent, 1] = np.nan
    ends = np.array(column_intervals(table, 0.95, looks))
    for column, of_column in zip(table.T, ends.T, strict=True):
        alone = median_interval(column[~np.isnan(column)], 0.95, looks)
        assert of_column.tolist() == [alone.point, alone.low, alone.high]
    narrower = column_intervals(table, 0.95, looks, equal_intervals)
    assert (narrower.high <= ends[2]).all()
