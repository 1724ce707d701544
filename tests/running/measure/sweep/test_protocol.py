"""The protocol on a fake clock: rules 12, 14 and 18, faults, resume and budget."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import groupby
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from harness.core.records import Case, Status
from harness.reading.analysis.verdict.verdicts import decided
from harness.running.measure.process.case_error import CaseError
from harness.running.measure.sweep.loop import SweepLoop
from harness.running.measure.sweep.ports import Progress
from harness.running.measure.sweep.scripted import FakeClock, Planted
from harness.running.plan.profiles import LOOKS, PROFILES
from tests.running.measure.sweeps import (
    SIZE,
    Memory,
    NotedBench,
    NotedStation,
    Stopped,
    cases,
    measured,
    never,
    plan,
    profile,
    run_info,
)

CHUNKS = (1 << 12, 1 << 14, 1 << 16, 1 << 18, 1 << 20)
TWO = ("scripted", "other")
TRUTH = Planted(work=0.05, serial=1e-4, noise=0.03)


def fault(status=Status.FAILED, *, dead=False):
    return CaseError(status, f"planted {status.value}", dead=dead)


# --- what is measured


def test_every_planned_pair_is_measured_once():
    """Rule 12: a round runs every case once; a block is one start-up of each set-up."""
    wanted = cases(*CHUNKS, executors=TWO)
    journal, bench = measured(plan(profile((3, 2, 4)), wanted), TRUTH)
    assert Counter((pair.case, pair.round) for pair in journal.lines) == {
        (case, number): 1 for case in wanted for number in range(9)
    }
    assert Counter(set_up for set_up, _ in bench.starts) == dict.fromkeys(
        {case.group.set_up for case in wanted}, 3
    )
    numbers = [number for _, number in bench.starts]
    assert numbers == bench.closed == [block.block for block in journal.blocks] == list(range(6))


def test_the_pairs_of_a_block_follow_its_record_round_by_round():
    """Rule 12: a round is finished before the next one starts, and a block before the next one."""
    wanted = cases(*CHUNKS, executors=TWO)
    journal, _ = measured(plan(profile((3, 3)), wanted), TRUTH)
    runs = [(key, len(list(rows))) for key, rows in groupby(journal.pairs, _block_and_round)]
    assert [count for _, count in runs] == [len(CHUNKS)] * 12
    assert [number for (_, number), _ in runs] == [0, 1, 2] * 2 + [3, 4, 5] * 2
    kinds = [(record.kind, getattr(record, "block", None)) for record in journal.records]
    assert [key for key, _ in groupby(kinds)] == [
        (kind, block) for block in range(4) for kind in ("block", "pair")
    ]


def _block_and_round(pair):
    return pair.block, pair.round


def test_order_in_the_pair_and_order_of_cases_are_random():
    """Rule 12: either of a pair comes first half the time, and no place in a round is a case's."""
    wanted = cases(*CHUNKS)
    _, bench = measured(plan(profile((400,)), wanted), TRUTH)
    low, high = stats.binom.interval(0.999, 400, 0.5)
    for case in wanted:
        firsts = Counter(first for _, asked, _, first, _ in bench.asked if asked == case)
        assert set(firsts) == {"parallel", "serial"}
        assert low <= firsts["serial"] <= high
    rounds = [bench.asked[start : start + 5] for start in range(0, len(bench.asked), 5)]
    low, high = stats.binom.interval(0.999, 400, 1 / 5)
    for place in range(5):
        counts = Counter(asked[place][1] for asked in rounds)
        assert all(low <= counts[case] <= high for case in wanted)


def test_the_order_of_set_ups_differs_between_blocks():
    """Rule 12: no engine always starts right after the same other one."""
    names = [f"engine{number}" for number in range(5)]
    _, bench = measured(plan(profile((1,) * 12), cases(SIZE, executors=names)), TRUTH)
    orders = [
        tuple(set_up.executor for set_up, _ in bench.starts[start : start + 5])
        for start in range(0, 60, 5)
    ]
    assert {tuple(sorted(order)) for order in orders} == {tuple(names)}
    assert len(set(orders)) > 6


def test_the_seed_of_the_run_decides_every_order():
    """The same seed repeats order, partner and seeds of a sweep; another seed changes them."""
    planned = plan(profile((4, 4)), cases(*CHUNKS, executors=TWO))
    first, same, other = (measured(planned, TRUTH, seed=seed)[1].asked for seed in (5, 5, 6))
    assert first == same
    assert [row[1:4] for row in first] != [row[1:4] for row in other]


def test_every_pair_has_a_seed_of_its_own():
    """Rule 5: nothing that was computed once can be used again."""
    _, bench = measured(plan(profile((20,)), cases(*CHUNKS, executors=TWO)), TRUTH)
    seeds = [seed for *_, seed in bench.asked]
    assert len(set(seeds)) == len(seeds) == 200


# --- how many rounds


def test_slow_cases_get_few_rounds_spread_over_the_blocks():
    """Without a budget: six rounds of the exercise over its two blocks, the first three of each."""
    chosen = replace(PROFILES["exercise"], slow_seconds=0.2, budget_seconds=None, most_seconds=1e9)
    wanted = cases(1 << 10, 1 << 18)
    journal, _ = measured(plan(chosen, wanted), Planted(work=0.05, serial=1e-3))
    slow, quick = (journal.rounds(case) for case in wanted)
    assert quick == list(range(16))
    assert slow == [0, 1, 2, 8, 9, 10]
    assert {pair.block for pair in journal.pairs if pair.case == wanted[0]} == set(range(2))


def test_slow_cases_with_planned_looks_get_the_first_rounds():
    """Rule 18: looks count from the first round on, so none of these may be left out."""
    chosen = profile((4, 28), looks=LOOKS, slow_seconds=0.2, slow_rounds=8)
    wanted = cases(1 << 10, 1 << 18)
    journal, _ = measured(plan(chosen, wanted), Planted(work=0.05, serial=1e-3))
    assert journal.rounds(wanted[0]) == list(range(8))
    assert journal.rounds(wanted[1]) == list(range(32))


def test_looks_stop_clear_cases_and_go_on_with_close_ones():
    """Rule 18: with the rule that is used, `decided`, clear cases end at one of the first
    looks."""
    truth = Planted(work=0.05, serial=0.05 / 1024, parallel=0.0, noise=0.1)
    costs, close, pays = cases(1 << 8, 1 << 10, 1 << 14)
    planned = plan(profile((4, 28), looks=LOOKS), [costs, close, pays])
    counts = []
    for seed in range(10):
        journal, _ = measured(planned, truth, seed=seed, decide=decided)
        assert {len(journal.rounds(case)) for case in (costs, pays)} <= {2, 3, 4, 6}
        counts.append(len(journal.rounds(close)))
    assert set(counts) <= set(LOOKS)
    assert sorted(counts)[len(counts) // 2] == 32


def test_no_look_ends_an_empty_task_before_its_cost_is_known():
    """What it costs is the question, and a clear verdict none: it goes on to the eighth round."""
    truth = Planted(work=0.05, serial=0.05 / 1024, parallel=0.0, noise=0.1)
    clear = cases(1 << 8)[0]
    empty = clear.model_copy(update={"workload": "empty-task"})
    journal, _ = measured(
        plan(profile((4, 28), looks=LOOKS), [clear, empty]), truth, decide=decided
    )
    assert len(journal.rounds(clear)) < 8
    assert len(journal.rounds(empty)) == 8


def test_a_case_is_never_decided_between_looks():
    """Rule 18: an unplanned look is invalid, so that the rule is not even asked there."""
    seen = []

    def note(d, looks, others):
        seen.append((len(d), tuple(looks)))
        return False

    measured(plan(profile((4, 28), looks=LOOKS), cases(SIZE)), TRUTH, decide=note)
    assert seen == [(look, LOOKS) for look in LOOKS]
    seen.clear()
    measured(plan(profile((32,)), cases(SIZE)), TRUTH, decide=note)
    assert seen == []


def test_a_block_is_not_started_for_cases_that_are_all_decided():
    """Rule 18: the budget goes to the close cases, not to an engine with nothing to do."""
    planned = plan(profile((8, 24), looks=LOOKS), cases(1 << 14, 1 << 15))
    _, bench = measured(planned, Planted(serial=1e-6), decide=decided)
    assert len(bench.starts) == 1


class HeldUpStation(NotedStation):
    """Other work holds up the first call of the case with few chunks."""

    def warm(self, case, expected_seconds):
        first = case not in self.warmed
        return super().warm(case, expected_seconds) * (20 if first and case.chunk == 1 << 14 else 1)


class HeldUpBench(NotedBench):
    def open(self, set_up, groups, number):
        super().open(set_up, groups, number)
        return HeldUpStation(self, groups, number)


def test_one_call_that_was_held_up_costs_no_case_its_answer():
    """What would refuse a case is called once more before it is believed."""
    wanted = cases(1 << 8, 1 << 14, 1 << 18)
    planned = plan(profile((2,), most_seconds=2.0), wanted)
    clock, journal = FakeClock(), Memory()
    bench = HeldUpBench(Planted(work=0.05, fixed=0.01, serial=1e-4), clock)
    SweepLoop(planned, run_info(planned), bench, journal, decide=never, clock=clock).run()
    assert not journal.statuses()
    assert all(journal.rounds(case) == [0, 1] for case in wanted)


def test_a_call_that_would_be_too_slow_is_skipped_with_the_figure():
    """Extrapolated on a line from the two longest calls so far; it is not even warmed."""
    truth = Planted(work=0.05, serial=0.1)
    wanted = cases(*(1 << power for power in range(20, 9, -1)))
    journal, bench = measured(plan(profile((2,), most_seconds=30.0), wanted), truth)
    slow = [case for case in wanted if SIZE // case.chunk > 256]
    assert set(bench.warmed) == set(wanted) - set(slow)
    assert set(journal.statuses()) == set(slow)
    for case, (status, reason) in journal.statuses().items():
        assert status is Status.SKIPPED
        assert reason == (
            f"a call would take about {0.1 * SIZE / case.chunk:.0f} s, over this profile's 30 s: "
            "choose a longer profile"
        )
    assert all(journal.rounds(case) == [0, 1] for case in wanted if case not in slow)


def test_the_station_is_told_what_a_call_is_expected_to_take():
    """Rule 14: so that a long call is not run just to be warm; in a later block it is known."""
    wanted = cases(*(1 << power for power in range(18, 12, -1)))
    _, bench = measured(plan(profile((1, 1)), wanted), Planted(work=0.05, serial=0.1))
    seconds = [0.1 * SIZE / case.chunk for case in wanted]
    assert bench.expected[:6] == [None, None, *map(pytest.approx, seconds[2:])]
    assert bench.expected[6:] == pytest.approx(seconds)


def test_a_case_measured_once_is_not_skipped_later():
    """A case that gave a result keeps its rounds, also where a slow start-up expects it to last
    longer than the profile allows."""
    wanted = cases(1 << 20, 1 << 19, 1 << 12)
    truth = Planted(work=0.05, serial=0.1, start_up=1.0)
    chosen = profile((1,) * 8, most_seconds=0.1 * 256 * 2)
    journal, _ = measured(plan(chosen, wanted), truth, seed=3)
    seconds = [pair.parallel_seconds or 0.0 for pair in journal.pairs if pair.case == wanted[2]]
    assert seconds[0] < chosen.most_seconds < max(seconds)  # as this seed has it
    assert journal.rounds(wanted[2]) == list(range(8))
    assert not journal.statuses()


# --- faults


@pytest.mark.parametrize("dead", [False, True])
@pytest.mark.parametrize("where", ["faults", "warm_faults"])
@pytest.mark.parametrize("status", [s for s in Status if s not in (Status.OK, Status.SKIPPED)])
def test_a_fault_costs_its_case_and_nothing_else(status, where, dead):
    """Each status, in a pilot or in a round; a station that died of it is opened anew."""
    wanted = cases(*CHUNKS, executors=TWO)
    bad = wanted[2]
    error = fault(status, dead=dead)
    faults: dict[str, Any] = {where: {bad: error}}
    journal, bench = measured(plan(profile((3, 3)), wanted), TRUTH, **faults)
    assert journal.statuses() == {bad: (status, error.reason)}
    assert [line.case for line in journal.lines].count(bad) == 1
    for case in wanted:
        assert sorted(journal.rounds(case)) == ([] if case == bad else list(range(6)))
    assert len(bench.starts) == (5 if dead else 4)
    assert len({number for _, number in bench.starts}) == len(bench.starts)
    assert sorted(bench.closed) == sorted(number for _, number in bench.starts)
    assert bench.graceful.count(False) == dead  # a dead engine is not asked to stop


def test_a_fault_in_a_round_is_booked_on_its_block_and_round():
    wanted = cases(*CHUNKS)
    journal, _ = measured(plan(profile((3,)), wanted), TRUTH, faults={wanted[0]: fault()})
    [line] = [line for line in journal.lines if line.status is Status.FAILED]
    assert (line.block, line.round) == (0, 0)
    assert line.parallel_seconds is line.serial_seconds is None


def test_every_case_of_a_group_may_kill_its_station():
    """A group in which everything is deadly ends; the group beside it loses nothing."""
    wanted = cases(*CHUNKS, executors=TWO)
    deadly = {case: fault(Status.TIMEOUT, dead=True) for case in wanted[:5]}
    journal, bench = measured(plan(profile((2, 2)), wanted), TRUTH, faults=deadly)
    assert set(journal.statuses()) == set(deadly)
    assert all(sorted(journal.rounds(case)) == [0, 1, 2, 3] for case in wanted[5:])
    assert len(bench.starts) == 5 + 2


def test_a_start_up_that_fails_costs_its_cases_only():
    wanted = cases(*CHUNKS, executors=TWO)
    error = fault(dead=True)
    broken = {wanted[0].group.set_up: error}
    journal, bench = measured(plan(profile((2, 2)), wanted), TRUTH, open_faults=broken)
    assert journal.statuses() == dict.fromkeys(wanted[:5], (Status.FAILED, error.reason))
    assert len(journal.lines) == 5 + 5 * 4
    assert all(sorted(journal.rounds(case)) == [0, 1, 2, 3] for case in wanted[5:])
    assert [set_up for set_up, _ in bench.starts].count(wanted[0].group.set_up) == 1


def test_the_station_is_closed_when_the_sweep_is_stopped():
    """Nothing is left behind by Ctrl-C in the middle of a pair."""
    planned = plan(profile((2, 2)), cases(*CHUNKS))
    clock = FakeClock()
    bench = NotedBench(TRUTH, clock)
    sweep = SweepLoop(planned, run_info(planned), bench, Memory(3), decide=never, clock=clock)
    with pytest.raises(Stopped):
        sweep.run()
    assert (bench.closed, bench.graceful) == ([0], [False])


def test_refused_cases_are_journalled_as_skipped_and_never_started():
    """A case that cannot run has a line with its status and reason, and costs no start-up."""
    wanted = cases(*CHUNKS, executors=TWO)
    refused = {case: f"no chunk {case.chunk} here" for case in [*wanted[:5], wanted[7]]}
    journal, bench = measured(plan(profile((2,)), wanted, refused), TRUTH)
    assert journal.statuses() == {case: (Status.SKIPPED, why) for case, why in refused.items()}
    assert [line.case for line in journal.lines if line.reason] == list(refused)
    assert all(line.round is None and line.block is None for line in journal.lines if line.reason)
    assert {group.executor for group, _ in bench.starts} == {"other"}
    assert wanted[7] not in bench.warmed


# --- resume


def resumed(planned, records, seed=0, stop_at=None, decide=never, **faults):
    """Go on from *records*; all records after that."""
    clock = FakeClock()
    bench = NotedBench(TRUTH, clock, seed=seed + 1, **faults)
    journal = Memory(stop_at, list(records))
    sweep = SweepLoop(planned, run_info(planned, seed), bench, journal, decide=decide, clock=clock)
    sweep.resume(records)
    try:
        sweep.run()
    except Stopped:
        pass
    else:
        assert sweep.ledger.pairs == len(journal.pairs)
    return journal, bench


WANTED = cases(1 << 8, 1 << 14, 1 << 18, executors=TWO)


@settings(deadline=None, max_examples=60)
@given(
    stops=st.lists(st.integers(1, 12), max_size=6),
    looks=st.sampled_from([None, LOOKS]),
    dead=st.booleans(),
    seed=st.integers(0, 3),
)
def test_resume_measures_only_what_is_missing(stops, looks, dead, seed):
    """Stopped anywhere, any number of times: at the end every (case, round) is there once."""
    planned = plan(
        profile((3, 2, 7), looks=looks, slow_seconds=0.2, slow_rounds=3),
        WANTED,
        {WANTED[4]: "not here"},
    )
    faults = {WANTED[1]: fault(dead=dead)}
    journal = Memory()
    for more in stops:
        journal, _ = resumed(
            planned, journal.records, seed, len(journal.records) + more, faults=faults
        )
    journal, _ = resumed(planned, journal.records, seed, faults=faults)

    spread = [0, 3, 5] if looks is None else [0, 1, 2]
    expected = Counter[tuple[Case, int]]()
    for case in WANTED:
        rounds = spread if case.chunk == 1 << 8 else range(12)
        if case not in (WANTED[1], WANTED[4]):
            expected.update((case, number) for number in rounds)
    assert Counter((pair.case, pair.round) for pair in journal.pairs) == expected
    assert [line.case for line in journal.lines if line.reason].count(WANTED[1]) == 1
    assert set(journal.statuses()) == {WANTED[1], WANTED[4]}
    assert len(journal.lines) == len(expected) + 2
    whole, bench = resumed(planned, journal.records, seed, faults=faults)
    assert (whole.records, bench.starts) == (journal.records, [])


@settings(deadline=None, max_examples=25)
@given(stop=st.integers(1, 60))
def test_a_resumed_case_stops_at_the_same_looks(stop):
    """Rule 18: rounds before and after an interruption count together."""
    planned = plan(profile((4, 28), looks=LOOKS), cases(1 << 8, 1 << 18))
    whole, _ = resumed(planned, [], decide=decided)
    journal, _ = resumed(planned, [], stop_at=stop, decide=decided)
    journal, _ = resumed(planned, journal.records, decide=decided)
    for case in planned.cases:
        assert sorted(journal.rounds(case)) == whole.rounds(case)
        assert 2 <= len(whole.rounds(case)) < LOOKS[-1]


def test_blocks_are_numbered_on_after_a_resume():
    """Rule 12: another start-up is another block, also for rounds of the block that was cut."""
    planned = plan(profile((4,)), cases(1 << 14, 1 << 20))
    journal, _ = resumed(planned, [], stop_at=4)
    journal, _ = resumed(planned, journal.records)
    assert [block.block for block in journal.blocks] == [0, 1]
    assert Counter(pair.block for pair in journal.pairs) == {0: 3, 1: 5}


# --- budget


def test_no_round_starts_after_the_budget():
    """No pair begins after it; and none begins beyond the first look that cannot reach another."""
    wanted = cases(1 << 14, 1 << 20, executors=TWO)
    chosen = profile((50, 50), looks=LOOKS, budget_seconds=6.0)
    journal, bench = measured(plan(chosen, wanted), Planted(work=0.05))
    assert max(clock for clock, *_ in bench.asked) <= 6.0
    assert 5.5 < bench.clock() <= 6.1
    assert all(len(journal.rounds(case)) in LOOKS for case in wanted)
    assert not journal.statuses()


def test_no_engine_starts_after_the_budget():
    names = [f"engine{number}" for number in range(10)]
    chosen = profile((1,), looks=LOOKS, budget_seconds=10.0)
    planned = plan(chosen, cases(SIZE, executors=names))
    _, bench = measured(planned, Planted(), start_seconds=3.0)
    assert len(bench.starts) == 3  # a fourth would end after it


@pytest.mark.parametrize(("count", "started"), [(True, 1), (False, 5)])
def test_start_ups_count_against_the_budget_only_where_a_profile_says_so(count, started):
    """Five engines of which each takes 10 s to start, on a budget of 10 s."""
    chosen = replace(profile((1,), looks=LOOKS, budget_seconds=10.0), starts_count=count)
    engines = [f"engine{number}" for number in range(5)]
    planned = plan(chosen, cases(SIZE, executors=engines))
    _, bench = measured(planned, TRUTH, start_seconds=10.5)
    assert len(bench.starts) == started


@pytest.mark.parametrize("budget", [30.0, 40.0, 60.0, 80.0])
def test_a_fixed_number_of_rounds_is_shared_among_all_blocks(budget):
    """Rule 12: where it will not fit, all blocks get fewer rounds, so that no start-up is lost.

    All of them would take 92.5 s: five start-ups of 1 s and 50 rounds of 1.75 s.
    """
    planned = plan(profile((10,) * 5, budget_seconds=budget), cases(1 << 14, 1 << 20))
    journal, bench = measured(planned, Planted(work=0.5))
    rounds = Counter(pair.block for pair in journal.pairs)
    assert set(rounds) == set(range(5))
    assert max(rounds.values()) - min(rounds.values()) <= 3  # none is sacrificed to another
    assert 0.85 * budget <= bench.clock() <= budget


def test_a_resumed_run_is_paced_by_what_it_measures_itself():
    """Rounds that are in the journal already cost this part of the run nothing."""
    planned = plan(profile((10,) * 5, budget_seconds=30.0), cases(1 << 14, 1 << 20))
    truth = Planted(work=0.5)
    journal, _ = measured(plan(profile((10,) * 2), planned.cases), truth)
    clock = FakeClock()
    bench = NotedBench(truth, clock)
    more = Memory()
    sweep = SweepLoop(planned, run_info(planned), bench, more, decide=never, clock=clock)
    sweep.resume(journal.records)
    sweep.run()
    assert set(Counter(pair.block for pair in more.pairs)) == {2, 3, 4}
    assert clock() <= 30.0


def test_a_budget_that_suffices_changes_nothing():
    planned = plan(profile((10,) * 5, budget_seconds=1e4), cases(1 << 14, 1 << 20))
    journal, _ = measured(planned, Planted(work=0.5))
    assert len(journal.pairs) == 100


@pytest.mark.parametrize(("budget", "cut"), [(None, False), (100.0, False), (10.0, True)])
def test_a_sweep_knows_whether_its_budget_cut_it_short(budget, cut):
    """What is then missing can be measured with a resume; a sweep that ended needs none."""
    planned = plan(profile((4, 28), looks=LOOKS, budget_seconds=budget), cases(1 << 14))
    clock = FakeClock()
    bench = NotedBench(Planted(work=0.5), clock)
    sweep = SweepLoop(planned, run_info(planned), bench, Memory(), decide=never, clock=clock)
    sweep.run()
    assert sweep.budget.cut_short is cut


def test_planned_looks_are_not_thinned_by_the_budget():
    """Rule 18: rounds of a case are its first ones, without a gap, however early time is up."""
    planned = plan(profile((4, 28), looks=LOOKS, budget_seconds=20.0), cases(1 << 14, 1 << 20))
    journal, _ = measured(planned, Planted(work=0.5))
    for case in planned.cases:
        rounds = sorted(journal.rounds(case))
        assert rounds == list(range(len(rounds)))
        assert 4 < len(rounds) < 32


# --- progress


def test_progress_counts_pairs_and_never_exceeds_its_plan():
    """The last report says that all is done; cases that ended early are not waited for."""
    planned = plan(profile((4, 28), looks=LOOKS), cases(1 << 8, 1 << 20))
    told: list[Progress] = []
    clock = FakeClock()
    bench = NotedBench(TRUTH, clock)
    journal = Memory()
    SweepLoop(
        planned,
        run_info(planned),
        bench,
        journal,
        decide=decided,
        clock=clock,
        report=told.append,
    ).run()
    assert all(progress.done <= progress.planned for progress in told)
    assert [progress.done for progress in told] == sorted(progress.done for progress in told)
    assert told[-1].done == told[-1].planned == len(journal.pairs)
