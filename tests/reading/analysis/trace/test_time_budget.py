"""Rules 25 and 26: the parts of planted calls, their sum, and POP's factors."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.reading.analysis.trace.lanes import PARTS, by_lane, parts, useful
from harness.reading.analysis.trace.time_budget import pop_factors, time_budget
from harness.reading.ingest import validate
from tests.reading.analysis.traces import IN_PARTS, PLANTED, call, trace

TIMES = st.floats(0, 10, allow_nan=False)


def test_every_part_of_a_planted_call_is_recovered():
    seconds_of = parts(PLANTED, 2)
    assert seconds_of.pop("unexplained") == pytest.approx(0, abs=1e-12)
    assert seconds_of == pytest.approx(IN_PARTS)
    assert sum(IN_PARTS.values()) == pytest.approx(16)


def test_what_no_source_tells_is_unexplained():
    """Nothing but the tasks is known, as of an engine that says nothing of itself."""
    silent = call([(0, None, None, 1.0, 2.0, None), (0, None, None, 3.0, 4.0, None)], 5.0)
    seconds_of = parts(silent, 1)
    assert seconds_of["compute"] == pytest.approx(2)
    assert seconds_of["gather"] == pytest.approx(1)
    assert seconds_of["unexplained"] == pytest.approx(2)
    assert sum(seconds_of.values()) == pytest.approx(5)


def test_a_worker_without_a_task_is_idle_until_the_end():
    alone = call([(0, 0.0, 0.0, 0.0, 3.0, 3.5)], 4.0, workers=1)
    seconds_of = parts(alone, 2)
    assert seconds_of["idle"] == pytest.approx(3)
    assert seconds_of["gather"] == pytest.approx(2)


def test_more_at_once_than_there_are_lanes_is_a_negative_remainder():
    """Never clamped: three workers computed where two lanes were meant."""
    crowded = call([(w, 0.0, 0.0, 0.0, 4.0, 4.0) for w in range(3)], 4.0, workers=3)
    seconds_of = parts(crowded, 2)
    assert seconds_of["compute"] == pytest.approx(12)
    assert seconds_of["unexplained"] == pytest.approx(-4)


def test_a_thread_that_takes_over_from_another_goes_on_in_its_lane():
    """An engine may replace a worker: that is not one more at once."""
    taken_over = call(
        [(0, 0.0, 0.0, 0.0, 1.0, 1.0), (1, 0.0, 0.0, 0.0, 2.0, 2.0), (2, 0.0, 0.0, 1.5, 2.0, 2.0)],
        2.0,
        workers=3,
    )
    assert sorted(map(sorted, by_lane(taken_over, 2))) == [[0, 2], [1]]
    assert useful(taken_over, 2) == pytest.approx([2.0, 1.5])


@given(
    st.lists(st.tuples(st.integers(0, 3), TIMES, TIMES, TIMES, TIMES, TIMES), min_size=1),
    st.lists(st.tuples(st.sampled_from(PARTS), st.none() | st.integers(0, 3), TIMES, TIMES)),
    st.integers(1, 5),
)
def test_the_parts_sum_to_workers_times_the_call(tasks, spans, lanes):
    """Whatever an engine claims, also nonsense; and no part but the remainder is negative."""
    rows = [(w, r, s, *sorted((a, b)), back) for w, r, s, a, b, back in tasks]
    planted = call(rows, 10.0, [(p, w, *sorted((a, b))) for p, w, a, b in spans], workers=4)
    seconds_of = parts(planted, lanes)
    assert sum(seconds_of.values()) == pytest.approx(lanes * 10.0)
    assert all(value >= 0 for part, value in seconds_of.items() if part != "unexplained")


def test_pop_factors_are_those_of_the_multiplicative_model():
    """Two workers that compute 3 s and 1 s of a call of 8 s: 4/2/3 and 3/8."""
    balance, communication = pop_factors(useful(PLANTED, 2), 2, 8.0)
    assert balance == pytest.approx(2 / 3)
    assert communication == pytest.approx(3 / 8)


def test_the_table_has_a_row_a_call_and_obeys_its_schema():
    lengths = (8.0, 9.0, 10.0, 11.0, 12.0, 13.0)
    calls = [PLANTED.model_copy(update={"seconds": s, "untraced_seconds": s / 2}) for s in lengths]
    table = validate("time_budget", time_budget([trace(*calls, untold={"serialise": "in submit"})]))
    assert table["round"].tolist() == list(range(6))
    assert table["call_seconds"].tolist() == list(lengths)
    assert table.loc[table["median_call"], "call_seconds"].tolist() == [11.0]
    budget = table[[f"{part}_seconds" for part in (*PARTS, "unexplained")]]
    assert budget.sum(axis=1).tolist() == pytest.approx(table["worker_seconds"].tolist())
    assert table["parallel_efficiency"].tolist() == pytest.approx([4 / 2 / s for s in lengths])
    for end in ("", "_low", "_high"):
        assert table[f"trace_cost{end}"].tolist() == pytest.approx([2.0] * 6)


def test_a_part_that_is_not_told_apart_is_absent_not_zero():
    silent = call([(0, None, None, 1.0, 2.0, None)], 5.0, workers=1)
    untold = {"submit": "in schedule", "schedule": "in transfer"}
    (row,) = time_budget([trace(silent, lanes=1, untold=untold)]).to_dict("records")
    assert math.isnan(row["submit_seconds"])
    assert math.isnan(row["schedule_seconds"])
    assert row["build_seconds"] == 0
    assert row["untold"] == "schedule: in transfer; submit: in schedule"
    assert math.isnan(row["trace_cost_low"])  # one round has no interval
