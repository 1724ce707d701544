"""What the exercise decides within its budget, on machines that are slow, fast, or start slowly.

The machines drift as a real one was recorded to; the clock shows warm-ups, untimed calls, replays
and calibration as well as the calls that are timed (rules 18 and 30).
"""

from __future__ import annotations

from harness.running.plan.profiles import EXERCISE
from tests.repeats import most, repeated
from tests.running.measure.sweep.exercise_machines import FAST, HELD_BACK, RESTLESS, SLOW, measured

BUDGET = EXERCISE.budget_seconds or 0.0


def runs(folder, machine, repeats):
    made = []
    for seed in range(repeats):
        place = folder / str(seed)
        place.mkdir()
        made.append(measured(place, machine, 40_000 + seed))
    return made


@repeated(4, 100)
def test_a_slow_machine_measures_all_cases_in_two_start_ups_within_the_budget(tmp_path, repeats):
    """Many chunks take 15 s a call: two rounds, one in each start-up; the others have more."""
    for run in runs(tmp_path, SLOW, repeats):
        assert (run.table["status"] == "ok").all()
        assert run.table["rounds"].min() >= 2
        assert (run.table["blocks"] == 2).all()
        assert run.table.loc[run.table["chunk"] == 1_000, "rounds"].item() == 2
        assert run.seconds <= BUDGET + 2.0


@repeated(10, 1000)
def test_a_slow_machine_decides_five_of_seven(tmp_path, repeats):
    """In the mean; what cannot be told apart, as NumPy and Dask's single chunk, stays open. At most
    5 % of the cases get a wrong verdict."""
    found = runs(tmp_path, SLOW, repeats)
    assert sum(run.decided for run in found) >= 5 * repeats - (0 if repeats >= 1000 else 3)
    assert sum(run.wrong for run in found) <= most(0.05, 7 * repeats)
    assert sum(run.false_alarm for run in found) <= most(0.05, repeats)


@repeated(4, 100)
def test_many_chunks_that_are_expected_to_take_too_long_are_tried(tmp_path, repeats):
    """Two rounds of 35 s do not fit; the first shows that they take 15 s, and the second does."""
    for run in runs(tmp_path, RESTLESS, repeats):
        many = run.table.loc[run.table["chunk"] == 1_000]
        assert many["rounds"].item() == many["blocks"].item() == 2
        assert many["verdict"].item() == "overhead exceeds gain"
        assert run.table["rounds"].min() >= 2
        assert run.seconds <= BUDGET + 2.0


@repeated(4, 200)
def test_a_fast_machine_decides_all_that_can_be_told_in_45_seconds(tmp_path, repeats):
    """Six of seven, as before; the seventh is NumPy on cores that do not help it. In the median: a
    machine that is slowed down meanwhile takes longer."""
    found = runs(tmp_path, FAST, repeats)
    assert sorted(run.seconds for run in found)[repeats // 2] <= 45.0
    assert max(run.seconds for run in found) <= BUDGET
    assert sum(run.decided >= 6 for run in found) >= 0.9 * repeats
    assert sum(run.wrong for run in found) <= most(0.05, 7 * repeats)


@repeated(4, 100)
def test_a_hopeless_case_has_its_reason_and_costs_the_others_nothing(tmp_path, repeats):
    """Engines take 6 s to start, and many chunks 40 s a call."""
    for run in runs(tmp_path, HELD_BACK, repeats):
        dear = run.table["chunk"] == 1_000
        assert run.table.loc[dear, "status"].item() == "skipped"
        assert "take" in run.table.loc[dear, "reason"].item()
        assert run.table.loc[~dear, "rounds"].min() >= 2
        assert run.seconds <= BUDGET + 2.0
