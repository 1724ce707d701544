"""How many rounds of the user's work are timed, on a clock of its own."""

from __future__ import annotations

import random

import pytest

from harness.running.measure.own import own_rounds
from harness.running.measure.own.own_processes import OutOfTime
from harness.running.measure.own.own_records import Cut
from harness.running.measure.own.own_rounds import Parts, RoundTimer

PART_SECONDS = 1.0
PARTS = Parts(
    cuts=[Cut(spec=[n], n_chunks=n, n_tasks=n, result_bytes=8) for n in (1, 2)],
    timed=[0, 1],
    reference=1,
    at_once=[2],
    engines=[1, 2],
    whole=[],
    workers=2,
    all_cores=[0],
    own_ways=["1", "cores"],
)


class Calls:
    """Every call takes a second; at *ends* the budget is spent."""

    def __init__(self, ends: float) -> None:
        self.now, self._ends = 0.0, ends

    def warm_up_whole(self, whole, workers):
        assert list(whole) == []

    def _took(self, *_):
        self.now += PART_SECONDS
        if self.now > self._ends:
            raise OutOfTime("a call had not ended")
        return PART_SECONDS

    build_seconds = serial_seconds = empty_seconds = _took
    all_cores_seconds = own_way_seconds = speedup = _took


def timed(monkeypatch, most_rounds, until, ends=1e9, step=lambda *_: None):
    calls = Calls(ends)
    monkeypatch.setattr(own_rounds, "monotonic", lambda: calls.now)
    timer = RoundTimer(calls, PARTS, random.Random(0), step)  # type: ignore[arg-type]
    return timer.run(most_rounds, until), calls.now


def counts(rounds):
    each = [rounds.serial, rounds.build, rounds.speedup, rounds.empty]
    each += [rounds.all_cores, rounds.own_way]
    return {len(values) for table in each for values in table.values()}


def test_all_rounds_are_timed_where_they_fit(monkeypatch):
    rounds, _ = timed(monkeypatch, 7, until=1000.0)
    assert counts(rounds) == {7}
    assert set(rounds.own_way) == {"1", "cores"}
    assert set(rounds.all_cores) == {0}


def test_what_the_first_round_took_says_how_many_fit(monkeypatch):
    _, each = timed(monkeypatch, 1, until=1000.0)
    rounds, spent = timed(monkeypatch, 7, until=3.2 * each)
    assert counts(rounds) == {3}
    assert spent <= 1.5 * 3.2 * each


def test_a_round_that_the_budget_cuts_off_is_dropped_as_a_whole(monkeypatch):
    _, each = timed(monkeypatch, 1, until=1000.0)
    rounds, _ = timed(monkeypatch, 7, until=1000.0, ends=2.5 * each)
    assert counts(rounds) == {2}


def test_without_one_whole_round_nothing_is_said(monkeypatch):
    with pytest.raises(OutOfTime):
        timed(monkeypatch, 7, until=1000.0, ends=5.0)


def test_every_part_of_every_round_is_told(monkeypatch):
    told: list[tuple[str, int, int]] = []
    timed(monkeypatch, 2, until=1000.0, step=lambda *words: told.append(words))
    assert {what for what, _, _ in told} == {"round 1 of 2: timed", "round 2 of 2: timed"}
    assert [done for _, done, of in told if done == of] == [
        of for _, done, of in told if done == of
    ]
