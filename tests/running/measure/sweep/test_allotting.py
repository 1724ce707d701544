"""A sweep planned to the clock by cost alone, on a fake clock: rules 12 and 18."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from harness.core.records import Block, Pair, RunInfo, Status
from harness.reading.ingest.journals import content_of
from harness.running.measure.sweep.loop import SweepLoop
from harness.running.measure.sweep.scripted import FakeClock, Planted
from harness.running.plan.profiles import EXERCISE
from tests.running.measure.sweeps import (
    SIZE,
    Memory,
    NotedBench,
    cases,
    measured,
    never,
    plan,
    profile,
    run,
    run_info,
)

DEAR = Planted(work=0.05, fixed=0.05, serial=0.01)
"""A call takes 0.07 s as a whole, and 10 s in 1 000 chunks."""
CHUNKS = (SIZE // 1000 + 1, SIZE // 100, SIZE // 10, SIZE // 2, SIZE)
WANTED = cases(*CHUNKS, executors=("scripted", "other"))
FIXED = profile((8, 8), budget_seconds=60.0)


def allocations(journal):
    return [
        record.allocation
        for record in journal.records
        if isinstance(record, RunInfo) and record.allocation is not None
    ]


def gone_on(planned, records, truth=DEAR, stop_at=None):
    clock = FakeClock()
    bench = NotedBench(truth, clock, seed=1)
    journal = Memory(stop_at, list(records))
    sweep = SweepLoop(planned, run_info(planned), bench, journal, decide=never, clock=clock)
    run(sweep, records, stop_at)
    return journal, bench, sweep


def test_a_dear_case_has_two_rounds_one_in_each_start_up():
    """And the cheap ones have many; the budget is used, and kept."""
    journal, bench = measured(plan(FIXED, WANTED), DEAR)
    for case in WANTED:
        blocks = Counter(pair.block for pair in journal.pairs if pair.case == case)
        assert len(blocks) == 2
        if case.chunk == CHUNKS[0]:
            assert set(blocks.values()) == {1}
        else:
            assert sum(blocks.values()) > 2
            assert max(blocks.values()) - min(blocks.values()) <= 6
    assert 50.0 <= bench.clock() <= 60.5


def test_a_fast_machine_does_not_use_the_whole_budget():
    """A thrifty profile is done when the cheap cases have the most rounds."""
    truth = Planted(work=0.02, fixed=0.005, serial=0.0005)
    journal, bench = measured(plan(replace(EXERCISE, most_seconds=1e9), WANTED), truth)
    rounds = {case: len(journal.rounds(case)) for case in WANTED}
    assert max(rounds.values()) == EXERCISE.rounds
    assert min(rounds.values()) >= 2
    assert bench.clock() < 0.5 * (EXERCISE.budget_seconds or 0)


def test_a_hopeless_case_says_the_figure_and_takes_no_time_from_the_others():
    """No case is without a row: neither that whose pair does not fit, nor those whose turn did not
    come."""
    hopeless = replace(DEAR, serial=0.031)
    journal, _ = measured(plan(replace(FIXED, budget_seconds=25.0), WANTED), hopeless)
    statuses = journal.statuses()
    assert set(statuses) == {case for case in WANTED if case.chunk == CHUNKS[0]}
    for status, reason in statuses.values():
        assert status is Status.SKIPPED
        assert reason is not None
        assert reason.startswith("no time: a pair takes about 31")
        assert "s left: give it --budget 90s" in reason
    for case in set(WANTED).difference(statuses):
        assert len(journal.rounds(case)) >= 2
    few, bench = measured(plan(replace(FIXED, budget_seconds=1.5), WANTED), DEAR)
    assert set(few.statuses()) | {pair.case for pair in few.pairs} == set(WANTED)
    assert len(bench.starts) == 1
    assert any("go on with --resume" in str(reason) for _, reason in few.statuses().values())


def test_one_round_is_better_than_none_where_two_do_not_fit():
    """It comes in the last round, so that all others have theirs."""
    journal, _ = measured(
        plan(profile((3, 3), budget_seconds=45.0), cases(*CHUNKS)), replace(DEAR, serial=0.02)
    )
    dear, *others = cases(*CHUNKS)
    assert journal.rounds(dear) == [5]
    assert all(len(journal.rounds(case)) == 6 for case in others)


def test_the_run_line_says_the_rounds_that_were_planned():
    """The line is repeated with them, as a resume repeats it; whoever reads the journal finds the
    last."""
    journal, _ = measured(plan(FIXED, WANTED), DEAR)
    *_, last = allocations(journal)
    assert {each.case: each.rounds for each in last.cases} == {
        case: len(journal.rounds(case)) for case in WANTED
    }
    assert (last.budget_seconds, last.least, last.most) == (60.0, 2, 16)
    dear = next(each for each in last.cases if each.case == WANTED[0])
    assert dear.pair_seconds == pytest.approx(10.0, rel=0.1)
    read = content_of(
        run_info(plan(FIXED, WANTED)),
        [r for r in journal.records if isinstance(r, (RunInfo, Block, Pair))],
    )
    assert read.info.allocation == last
    assert read.info.run == "run"


@pytest.mark.parametrize("chosen", [profile((2,), budget_seconds=60.0), profile((4, 4))])
def test_rounds_that_cost_does_not_decide_need_no_allocation(chosen):
    """Two of each at most, or no budget: the profile says it all."""
    journal, _ = measured(plan(chosen, cases(*CHUNKS[1:])), DEAR)
    assert allocations(journal) == []


@pytest.mark.parametrize("stop", [3, 15, 30, 45])
def test_a_run_that_goes_on_keeps_to_the_rounds_that_were_planned(stop):
    """Rule 18: whoever goes on has seen results, so that more rounds would be an unplanned look."""
    planned = plan(FIXED, WANTED)
    first, _, _ = gone_on(planned, [], stop_at=stop)
    second, _, sweep = gone_on(planned, first.records)
    bounds = {each.case: each.rounds for each in allocations(first)[-1].cases} if (
        allocations(first)
    ) else {}  # fmt: skip
    for case in WANTED:
        rounds = second.rounds(case)
        assert len(set(rounds)) == len(rounds) >= 2
        assert len(rounds) <= bounds.get(case, FIXED.rounds)
    third, bench, _ = gone_on(planned, second.records)
    assert (third.records, bench.starts) == (second.records, [])
    assert sweep.finished


def test_a_case_that_lacked_the_time_is_measured_when_the_run_goes_on():
    """With a larger budget, or what is left to a second part of the run."""
    planned = plan(replace(FIXED, budget_seconds=25.0), cases(*CHUNKS))
    truth = replace(DEAR, serial=0.031)
    first, _, sweep = gone_on(planned, [], truth)
    dear = planned.cases[0]
    assert sweep.budget.cut_short
    assert set(first.statuses()) == {dear}
    longer = replace(planned, profile=replace(planned.profile, budget_seconds=90.0))
    second, _, _ = gone_on(longer, first.records, truth)
    assert len(second.rounds(dear)) == 2
    for case in planned.cases[1:]:
        assert second.rounds(case) == first.rounds(case)


def test_planned_looks_begin_what_reaches_the_first_look():
    """Rule 18: two rounds in two start-ups; a case whose two rounds do not fit says so."""
    chosen = profile((1, 31), looks=(2, 8, 32), budget_seconds=25.0)
    journal, _ = measured(
        plan(chosen, WANTED), replace(DEAR, serial=0.031), decide=lambda d, looks, others: True
    )
    dear = {case for case in WANTED if case.chunk == CHUNKS[0]}
    assert set(journal.statuses()) == dear
    for case in set(WANTED) - dear:
        assert len({pair.block for pair in journal.pairs if pair.case == case}) == 2
        assert journal.rounds(case) == [0, 1]
    assert allocations(journal) == []


def test_the_other_cases_on_the_set_up_are_there_for_a_look():
    """Rule 19: their spread says what two rounds of a case are worth."""
    seen = []

    def note(d, looks, others):
        seen.append((len(d), sorted(map(len, others))))
        return False

    wanted = cases(*CHUNKS[1:4], executors=("scripted", "other"))
    measured(plan(profile((1, 3), looks=(2, 4)), wanted), DEAR, decide=note)
    assert len(seen) == 12
    assert [others for n, others in seen if n == 2][:3] == [[1, 1], [1, 2], [2, 2]]
    assert [others for n, others in seen if n == 4][-1] == [4, 4]


def test_the_plan_and_its_cost_are_told_before_and_what_was_spent_after():
    """Once each, and the cost as soon as all costs are known."""
    planned = plan(FIXED, WANTED, {WANTED[0]: "not here"})
    told: list[str] = []
    clock = FakeClock()
    SweepLoop(
        planned,
        run_info(planned),
        NotedBench(DEAR, clock),
        Memory(),
        decide=never,
        clock=clock,
        report=lambda progress: told.append(progress.news) if progress.news else None,
    ).run()
    before, cost, after = told
    assert before == (
        "plan: up to 16 rounds by cost for 9 cases, 2 set-ups with 2 start-ups each, within 60.0 s"
    )
    assert cost.startswith("planned by cost: 2 to 16 rounds of 9 cases, about ")
    assert f"spent: {clock():.1f} s, of these " in after
    assert "4.00 s in bringing engines up and down" in after


def test_a_case_that_turns_out_to_be_affordable_is_warmed_up_before_its_first_round():
    """A machine gets five times as fast in the middle of a block: there is time now for a case that
    the block was not to have, and it reaches its look."""
    chosen = profile((1, 31), looks=(8, 32), budget_seconds=40.0)
    truth = replace(DEAR, serial=0.001, drift=lambda seconds: 5.0 if seconds < 6.0 else 1.0)
    journal, _ = measured(plan(chosen, WANTED), truth)
    dear = [case for case in WANTED if case.chunk == CHUNKS[0]]
    assert max(len(journal.rounds(case)) for case in dear) >= 8


def test_a_case_goes_on_where_the_others_turn_out_too_restless_for_its_stop():
    """A look stops a case by what the others spread; they spread more later, so that whoever reads
    the journal would find it open."""
    chosen = profile((1, 31), looks=(2, 3, 4, 6, 8, 12, 16, 24, 32))

    def calm_at_first(d, looks, others):
        close = min(d) > -1.0
        return len(d) >= 12 or (not close and all(len(other) < 6 for other in others))

    journal, _ = measured(plan(chosen, WANTED), DEAR, decide=calm_at_first)
    assert {len(journal.rounds(case)) for case in WANTED} == {12}


FINISHING = replace(
    profile((1, 1, 6), looks=(2, 8), budget_seconds=30.0), finishes_what_it_starts=True
)
MANY = cases(*CHUNKS[1:], executors=tuple("abcdefgh"))
STARTS = 3.0


def looked_at(chosen, budget):
    """The cases with two rounds, within a budget of which start-ups take the most."""
    journal, bench = measured(
        plan(replace(chosen, budget_seconds=budget), MANY),
        Planted(work=0.05, fixed=0.05, serial=0.001),
        decide=lambda d, looks, others: True,
        start_seconds=STARTS,
    )
    assert bench.clock() <= budget + STARTS + 1.0
    return [case for case in MANY if len(journal.rounds(case)) == 2]


def test_a_night_that_is_too_short_finishes_the_set_ups_that_it_started():
    """Eight engines of 3 s, twice each, do not fit into 30 s: some cases have their first look,
    where bringing up all of them would leave none."""
    assert looked_at(replace(FINISHING, finishes_what_it_starts=False), 30.0) == []
    some = looked_at(FINISHING, 30.0)
    assert len({case.group for case in some}) >= 2
    assert looked_at(FINISHING, 120.0) == MANY
