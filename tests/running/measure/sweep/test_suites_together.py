"""Suites that are measured as one sweep: each gets the journal that it would have had alone."""

from __future__ import annotations

import pytest

from harness.core.records import End, Pair, RunInfo
from harness.running.measure.sweep.loop import SweepLoop
from harness.running.measure.sweep.scripted import FakeClock, Planted
from harness.running.measure.sweep.suites_together import Routed, SuitePart, joined, together
from tests.running.measure.sweeps import Memory, NotedBench, cases, never, plan, profile, run_info


def parts_of(plans):
    infos = [run_info(each, run=f"run{n}") for n, each in enumerate(plans)]
    return [SuitePart(each, info, Memory()) for each, info in zip(plans, infos, strict=True)]


def measured_as_one(plans):
    parts, whole, clock = parts_of(plans), joined(plans), FakeClock()
    bench = NotedBench(Planted(), clock)
    SweepLoop(whole, run_info(whole), bench, Routed(parts), decide=never, clock=clock).run()
    return [part.journal for part in parts], bench


def test_one_start_up_serves_every_suite_and_each_journal_has_its_own_cases():
    chosen = profile(blocks=(2,))
    plans = [plan(chosen, cases(1024, 4096)), plan(chosen, cases(512, 1024))]
    (first, second), bench = measured_as_one(plans)
    assert len(bench.starts) == 1
    for each, journal, run in zip(plans, (first, second), ("run0", "run1"), strict=True):
        assert {pair.case for pair in journal.pairs} == set(each.cases)
        assert all(journal.rounds(case) == [0, 1] for case in each.cases)
        assert {record.run for record in journal.records} == {run}
        assert len(journal.blocks) == 1


def test_a_case_that_one_suite_leaves_to_another_is_measured_for_both():
    chosen, both = profile(blocks=(1,)), cases(1024)
    plans = [plan(chosen, both, {both[0]: "in another suite"}), plan(chosen, both)]
    journals, _ = measured_as_one(plans)
    assert all(journal.rounds(both[0]) == [0] for journal in journals)


def test_a_case_that_all_suites_refuse_is_refused_for_the_reason_of_the_first():
    chosen, both = profile(), cases(1024)
    plans = [plan(chosen, both, {both[0]: why}) for why in ("one", "two")]
    assert joined(plans).refused == {both[0]: "one"}


def test_what_a_sweep_adds_goes_to_the_suites_of_its_workload():
    """A chunk to those with the group, another number of workers to those with the workload."""
    chosen = profile(blocks=(1,))
    parts = parts_of([plan(chosen, cases(1024)), plan(chosen, cases(1024, executors=("other",)))])
    (journal, other), _ = measured_as_one([part.plan for part in parts])
    routed, pair = Routed(parts), journal.pairs[0]
    assert routed.owners(pair.model_copy(update={"chunk": 7})) == [parts[0]]
    assert routed.owners(pair.model_copy(update={"workers": 7})) == parts
    assert other.pairs


def test_each_suite_has_the_rounds_that_were_planned_for_its_cases():
    """The repeated run line of a sweep planned by cost is split, under the name of each run."""
    chosen = profile(blocks=(4, 4), budget_seconds=30.0)
    plans = [plan(chosen, cases(1024, 4096)), plan(chosen, cases(512))]
    journals, _ = measured_as_one(plans)
    for each, journal, run in zip(plans, journals, ("run0", "run1"), strict=True):
        lines = [record for record in journal.records if isinstance(record, RunInfo)]
        assert {line.run for line in lines} == {run}
        allocation = lines[-1].allocation
        assert allocation is not None
        assert {found.case for found in allocation.cases} == set(each.cases)
    assert joined(plans).profile.budget_seconds == 60.0


def test_a_case_of_two_suites_goes_on_once():
    """What both journals have of it is one line to the sweep that goes on."""
    chosen = profile(blocks=(2,))
    plans = [plan(chosen, cases(1024)), plan(chosen, cases(1024, 4096))]
    journals, _ = measured_as_one(plans)
    kept = together([journal.records for journal in journals])
    assert sum(isinstance(record, Pair) for record in kept) == 4


def test_plans_of_different_profiles_are_not_joined_and_ends_are_not_routed():
    with pytest.raises(ValueError, match="one profile"):
        joined([plan(profile((1,)), cases(8)), plan(profile((2,)), cases(8))])
    with pytest.raises(TypeError, match="belongs to one suite"):
        Routed([]).append(End(run="a"))
