"""What a sweep measures after its grid, on a fake clock: rules 18, 21 and 22, resume and budget."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from harness.core.records import Case, Pair, Status
from harness.reading.analysis.crossover.refine import refine
from harness.running.measure.process.case_error import CaseError
from harness.running.measure.sweep.budget import REFINING_SHARE
from harness.running.measure.sweep.loop import SweepLoop
from harness.running.measure.sweep.refining import CONFIRMING_ROUNDS
from harness.running.measure.sweep.scripted import FakeClock, Planted
from tests.running.measure.sweeps import (
    SIZE,
    Memory,
    NotedBench,
    cases,
    never,
    plan,
    profile,
    run,
    run_info,
)

TRUTH = Planted(work=0.05, fixed=0.0005, serial=1e-4, noise=0.01)
CROSSING = SIZE / 495
"""The chunk at which its calls take as long as the baseline."""
CHUNKS = (1 << 8, 1 << 12, 1 << 16, 1 << 19)
FIXED = profile((4, 4, 4))


def swept(planned, *, stop_at=None, records=(), faults=None, truth=TRUTH, fitting=None):
    """A refined sweep, from the start or after *records*."""
    clock = FakeClock()
    bench = NotedBench(truth, clock, seed=len(records), faults=faults)
    journal = Memory(stop_at, list(records))
    sweep = SweepLoop(
        planned,
        run_info(planned),
        bench,
        journal,
        decide=never,
        clock=clock,
        refine=refine,
        fitting=fitting or (lambda case: case),
    )
    run(sweep, records, stop_at)
    return journal, bench, sweep


def of(journal, purpose):
    return [pair for pair in journal.pairs if pair.purpose == purpose]


def added(journal):
    return {pair.chunk for pair in of(journal, "refine")}


def test_the_chunks_added_close_in_on_the_break_even():
    """Rule 21: at a ratio of 16 between neighbours four halvings bring it to 1.2."""
    journal, bench, _ = swept(plan(FIXED, cases(*CHUNKS)))
    every = sorted({*CHUNKS, *added(journal)})
    below = max(chunk for chunk in every if chunk < CROSSING)
    above = min(chunk for chunk in every if chunk > CROSSING)
    assert above / below <= 1.3
    assert 3 <= len(added(journal)) <= 6
    rounds = Counter(pair.chunk for pair in of(journal, "refine"))
    assert set(rounds.values()) == {FIXED.rounds}
    assert len(bench.starts) == len(FIXED.blocks)  # in the last block: no start-up of its own


def test_the_best_chunk_is_measured_anew_in_rounds_of_its_own():
    """Rule 22: the best and the recommended one, in rounds that neither was chosen by."""
    journal, _, _ = swept(plan(FIXED, cases(*CHUNKS)))
    again = Counter(pair.chunk for pair in of(journal, "confirm"))
    assert 1 <= len(again) <= 2
    assert set(again.values()) == {min(CONFIRMING_ROUNDS, FIXED.rounds)}
    chosen_by = {pair.round for pair in journal.pairs if pair.purpose != "confirm"}
    assert not chosen_by & {pair.round for pair in of(journal, "confirm")}


def test_the_grid_is_measured_as_it_is_without_refining():
    """Its cases, rounds and orders are those of the plan, whatever is added later."""
    planned = plan(FIXED, cases(*CHUNKS))
    _, bench, _ = swept(planned)
    clock = FakeClock()
    alone = NotedBench(TRUTH, clock)
    memory = Memory()
    SweepLoop(planned, run_info(planned), alone, memory, decide=never, clock=clock).run()
    grid = [asked[1:] for asked in bench.asked if asked[2] < FIXED.rounds]
    assert grid == [asked[1:] for asked in alone.asked]


@pytest.mark.parametrize("left", [5, 20, 45])
def test_a_sweep_that_is_stopped_goes_on_with_what_it_had_added(left):
    """No round is measured twice, and no chunk is left with fewer rounds than planned."""
    planned = plan(FIXED, cases(*CHUNKS))
    whole, _, _ = swept(planned)
    first, _, _ = swept(planned, stop_at=len(whole.records) - left)
    resumed, bench, _ = swept(planned, records=first.records)
    assert resumed.records[: len(first.records)] == first.records
    measured = Counter((pair.case, pair.round) for pair in resumed.pairs)
    assert set(measured.values()) == {1}
    rounds = Counter(pair.chunk for pair in of(resumed, "refine"))
    assert added(first) <= set(rounds)
    assert set(rounds.values()) == {FIXED.rounds}
    again = Counter(pair.chunk for pair in of(resumed, "confirm"))
    assert set(again.values()) == {min(CONFIRMING_ROUNDS, FIXED.rounds)}
    assert len(bench.starts) == 1  # one start-up for what was missing
    ended, quiet, _ = swept(planned, records=resumed.records)
    assert (ended.records, quiet.starts) == (resumed.records, [])


def test_refining_stays_within_the_budget():
    """It begins no chunk for which the time will not do, and leaves a grid as it was."""
    chosen = replace(FIXED, budget_seconds=60.0)
    wanted = cases(*CHUNKS, executors=("scripted", "other"))
    journal, bench, sweep = swept(plan(chosen, wanted))
    assert sweep.budget.clock() <= 60.0 + 2.0
    assert not sweep.budget.cut_short
    grid = [pair for pair in journal.pairs if pair.purpose is None]
    assert {pair.case for pair in grid} == set(wanted)
    tight = replace(FIXED, budget_seconds=bench.clock() * 0.2)
    few, _, _ = swept(plan(tight, wanted))
    assert len(few.pairs) < len(journal.pairs)


def test_a_share_is_left_to_refining_once_there_is_a_bracket_to_refine():
    """Of what is left when each case has two rounds; where no chunk pays, nothing is kept back."""
    chosen = replace(FIXED, blocks=(8,) * 5, budget_seconds=40.0)
    journal, bench, _ = swept(plan(chosen, cases(*CHUNKS)))
    last = max(at for at, _, number, _, _ in bench.asked if number < chosen.rounds)
    assert last <= (1 - REFINING_SHARE) * 40.0 + 5.0
    assert added(journal)
    never_pays = replace(TRUTH, ceiling=0.5)
    journal, bench, _ = swept(plan(chosen, cases(*CHUNKS)), truth=never_pays)
    last = max(at for at, _, number, _, _ in bench.asked if number < chosen.rounds)
    assert last > 0.9 * 40.0
    assert not added(journal)


def test_a_chunk_that_fails_costs_itself_alone():
    planned = plan(FIXED, cases(*CHUNKS))
    whole, _, _ = swept(planned)
    bad = next(pair.case for pair in of(whole, "refine"))
    journal, _, _ = swept(planned, faults={bad: CaseError(Status.FAILED, "planted", dead=False)})
    [line] = [line for line in journal.lines if line.status is Status.FAILED]
    assert (line.case, line.purpose) == (bad, "refine")
    assert {pair.case for pair in journal.pairs if pair.purpose is None} == set(planned.cases)
    resumed, _, _ = swept(planned, records=journal.records)
    assert resumed.records == journal.records


def test_a_chunk_that_kills_its_engine_is_not_tried_again():
    planned = plan(FIXED, cases(*CHUNKS))
    whole, _, _ = swept(planned)
    bad = next(pair.case for pair in of(whole, "refine"))
    journal, bench, _ = swept(planned, faults={bad: CaseError(Status.TIMEOUT, "hung", dead=True)})
    assert Counter(line.status for line in journal.lines if line.case == bad) == {Status.TIMEOUT: 1}
    assert len(bench.starts) == len(FIXED.blocks) + 1
    assert of(journal, "confirm")


def test_chunks_are_those_that_the_problem_can_be_cut_into():
    """What is added is fitted first; what cannot be, or is there already, is not measured."""

    def to_power(case: Case) -> Case | None:
        return case.model_copy(update={"chunk": 1 << (case.chunk.bit_length() - 1)})

    journal, _, _ = swept(plan(FIXED, cases(*CHUNKS)), fitting=to_power)
    assert added(journal)
    assert all(chunk.bit_count() == 1 for chunk in added(journal))
    journal, _, _ = swept(plan(FIXED, cases(*CHUNKS)), fitting=lambda case: None)
    assert not added(journal)


@pytest.mark.parametrize(
    ("chosen", "chunks", "truth"),
    [
        (profile((2,)), CHUNKS, TRUTH),  # no interval from two rounds
        (FIXED, (1 << 16,), TRUTH),  # nothing to choose from
    ],
    ids=["smoke", "one chunk"],
)
def test_nothing_is_added_where_nothing_can_be_told(chosen, chunks, truth):
    journal, _, _ = swept(plan(chosen, cases(*chunks)), truth=truth)
    assert {pair.purpose for pair in journal.pairs} == {None}


def test_old_journals_have_no_purpose():
    line = {"run": "r", "workload": "w", "size": 1, "executor": "e", "workers": 1, "pin": "1"}
    assert Pair.model_validate({**line, "chunk": 1}).purpose is None
