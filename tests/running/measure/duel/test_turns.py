"""The protocol of a duel, on a fake clock: start-ups in turn, paired, and as many as planned."""

from __future__ import annotations

from typing import Any

import pytest

from harness.core.errors import MeasureError
from harness.core.records import Block, Case, Pair, Status
from harness.running.measure.duel.turns import Corner, Turns
from harness.running.measure.process.case_error import CaseError
from harness.running.measure.sweep.scripted import FakeClock, Planted, ScriptedBench

THREADS = Case(
    workload="empty-task", size=400, executor="dask-threads", workers=2, pin="1", chunk=1
)
PROCESSES = THREADS.model_copy(update={"executor": "dask-processes"})


class Noting:
    """A bench that notes in which order its own and the other's start-ups came."""

    def __init__(self, letter: str, bench: ScriptedBench, order: list[str]) -> None:
        self.letter, self.bench, self.order = letter, bench, order

    def open(self, set_up: Any, groups: Any, number: int) -> Any:
        self.order.append(f"{self.letter}{number}")
        return self.bench.open(set_up, groups, number)


class Kept:
    """A sink that keeps what it is given."""

    def __init__(self) -> None:
        self.records: list[Any] = []

    def append(self, record: Any) -> None:
        self.records.append(record)

    @property
    def pairs(self) -> list[Pair]:
        return [each for each in self.records if isinstance(each, Pair)]


def turns(cases: list[Case], *, faults: dict[Case, CaseError] | None = None, **how: Any):
    """A duel of two equal scripted sides; B has *faults*."""
    clock, order = FakeClock(), list[str]()
    corners = []
    for letter, own in (("A", None), ("B", faults)):
        bench = ScriptedBench(letter, Planted(noise=0.05), clock, seed=ord(letter), faults=own)
        settings = how.pop("settings", {}) if letter == "B" else {}
        corners.append(Corner(letter, cases, Noting(letter, bench, order), Kept(), settings))
    how = {"pairs": 4, "rounds": 4, "seconds": None, "seed": 7, "clock": clock} | how
    return Turns((corners[0], corners[1]), **how), order


def sinks(made: Turns) -> list[Any]:
    return [corner.sink for corner in made.corners]


def test_start_ups_come_in_turn_and_either_side_is_first_as_often():
    """A B B A, so that whatever drifts, or favours the second, falls out of the differences."""
    made, order = turns([THREADS])
    made.run()
    assert order == ["A0", "B0", "B1", "A1", "A2", "B2", "B3", "A3"]
    assert made.finished
    for sink in sinks(made):
        assert [pair.round for pair in sink.pairs] == list(range(16))
        assert sum(isinstance(record, Block) for record in sink.records) == 4


def test_each_set_up_has_start_ups_of_its_own_next_to_those_of_the_other_side():
    made, order = turns([THREADS, PROCESSES], pairs=2)
    made.run()
    assert order == ["A0", "B0", "B1", "A1", "B2", "A2", "A3", "B3"]
    a, b = (sorted((p.block, p.executor, p.first) for p in sink.pairs) for sink in sinks(made))
    assert a == b  # the same rounds, in the same orders, on both sides


def test_a_case_that_fails_on_one_side_is_measured_on_neither_any_more():
    fault = {PROCESSES: CaseError(Status.FAILED, "what a pity", dead=False)}
    made, _ = turns([THREADS, PROCESSES], faults=fault, pairs=3)
    made.run()
    a, b = sinks(made)
    failed = [pair for pair in b.pairs if pair.status is not Status.OK]
    assert [(pair.executor, pair.reason) for pair in failed] == [("dask-processes", "what a pity")]
    assert sum(pair.executor == "dask-processes" for pair in a.pairs) <= 4
    for sink in (a, b):
        assert sum(pair.executor == "dask-threads" for pair in sink.pairs) == 12


def test_time_ends_it_between_two_pairs_and_not_before_the_third():
    """What the pairs gave has no say in it, so that the intervals stay exact."""
    made, order = turns([THREADS], pairs=50, seconds=1e-6)
    made.run()
    assert len(order) == 6
    assert made.cut_short
    assert made.finished


def test_a_setting_that_is_not_in_force_is_no_result():
    made, _ = turns([THREADS], settings={"distributed.scheduler.worker-saturation": "inf"})
    blocks = ScriptedBench("B", Planted(), FakeClock()).open(
        THREADS.group.set_up, [THREADS.group], 0
    )
    has = {"distributed.scheduler.worker-saturation": 1.1}
    assert blocks.blocks[0].settings == {}
    with pytest.raises(MeasureError, match=r"B has .*worker-saturation = 1\.1, .* to have inf"):
        made._check_settings(1, has)
    made._check_settings(1, {"distributed.scheduler.worker-saturation": "inf"})


def test_a_side_that_does_not_start_ends_it_with_the_reason():
    made, _ = turns([THREADS])

    def refuse(*_: Any) -> Any:
        raise CaseError(Status.FAILED, "OSError: the door is locked", dead=True)

    made.corners[1].bench.open = refuse
    with pytest.raises(MeasureError, match="B does not start: OSError: the door is locked"):
        made.run()
    assert not made.finished
