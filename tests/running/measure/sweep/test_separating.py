"""Which numbers of workers a sweep adds at its end, on a fake clock: rule 24, resume and budget."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from harness.apps.asv.samples import samples
from harness.apps.selftest.simulate import cases as simulated_cases
from harness.apps.selftest.simulate import simulated
from harness.core.records import Case, Machine, Pair, SetUp, Status
from harness.reading.analysis.crossover.refine import refine
from harness.reading.analysis.models.overhead_model import fits
from harness.reading.analysis.models.separate import FEW, separate
from harness.reading.analysis.verdict.cases import cases as judged
from harness.reading.ingest import read_results
from harness.reading.ingest.frames import blocks_frame, pairs_frame
from harness.reading.ingest.journals import content_of
from harness.running.executors import lookup
from harness.running.measure.process.case_error import CaseError
from harness.running.measure.sweep.loop import SweepLoop
from harness.running.measure.sweep.refusals import may_add_automatically
from harness.running.measure.sweep.scripted import FakeClock, Planted
from harness.running.measure.sweep.separating import only_automatic
from tests.running.measure.sweeps import (
    Memory,
    NotedBench,
    cases,
    never,
    plan,
    profile,
    run,
    run_info,
)

pytestmark = pytest.mark.simulation

CENTRAL = Planted(work=0.05, fixed=0.0005, serial=60e-6, parallel=40e-6, noise=0.01)
"""With two workers the scheduler binds at all :data:`CHUNKS`; with one the worker does at most."""
CLEAR = replace(CENTRAL, serial=30e-6, parallel=10e-6)
"""With two workers either binds at some of them."""
SHARED = replace(CENTRAL, serial=20e-6, parallel=30e-6)
"""With one worker the worker binds at all of them; with four the scheduler does."""
CHUNKS = (1 << 8, 362, 1 << 9, 724, 1 << 10)
FIXED = profile((4, 4, 4))


def swept(
    planned,
    truth=CENTRAL,
    *,
    cores=2.0,
    stop_at=None,
    records=(),
    refined=True,
    choose=separate,
    **changes,
):
    """A sweep that may add numbers of workers, from the start or after *records*."""
    clock = FakeClock()
    labels: list[str] = []
    bench = NotedBench(truth, clock, seed=len(records), **changes)
    journal = Memory(stop_at, list(records))
    machine = Machine(name="scripted", cores_usable=cores)
    info = run_info(planned).model_copy(update={"machine": machine})
    sweep = SweepLoop(
        planned,
        info,
        bench,
        journal,
        decide=never,
        clock=clock,
        report=lambda progress: labels.append(progress.label),
        refine=refine if refined else None,
        separate=choose,
    )
    run(sweep, records, stop_at)
    return journal, bench, sweep, labels


def tables(sweep):
    """Cases, pairs, blocks and run lines of what *sweep* measured."""
    read = content_of(sweep.ledger.info, sweep.ledger.measured)
    frames = pairs_frame([read]), blocks_frame([read])
    runs = {sweep.ledger.info.run: sweep.ledger.info}
    return judged(*frames, runs), *frames, runs


def added(journal):
    return [pair for pair in journal.lines if pair.purpose == "separate"]


def counts(journal):
    return {pair.workers for pair in added(journal)}


def test_one_worker_is_added_where_the_parallel_cost_is_open():
    """Those five of the chunks that are near W/s, 833 tasks, in as many rounds as a planned one
    gets and in one start-up."""
    journal, bench, sweep, _ = swept(plan(FIXED, cases(1 << 6, 1 << 7, *CHUNKS)))
    assert counts(journal) == {1}
    rounds = Counter(pair.case for pair in added(journal))
    assert set(rounds.values()) == {FIXED.rounds}
    assert {case.chunk for case in rounds} == set(CHUNKS)
    assert len(rounds) == FEW
    assert len(bench.starts) == len(FIXED.blocks) + 1
    assert not sweep.budget.cut_short


def test_nothing_is_added_where_all_costs_are_seen():
    journal, bench, _, _ = swept(plan(FIXED, cases(*CHUNKS, 1 << 11, 1 << 12)), CLEAR)
    assert not added(journal)
    assert len(bench.starts) == len(FIXED.blocks)


@pytest.mark.parametrize(("cores", "wanted"), [(4.0, {4}), (1.0, set()), (None, set())])
def test_more_workers_are_added_for_the_serial_cost_up_to_the_usable_cores(cores, wanted):
    """At the chunks with most tasks, where the scheduler binds first."""
    planned = cases(*CHUNKS, 1 << 11, 1 << 12, workers=1)
    journal, _, _, _ = swept(plan(FIXED, planned), SHARED, cores=cores)
    assert counts(journal) == wanted
    assert {pair.chunk for pair in added(journal)} == (set(CHUNKS) if wanted else set())


def test_nothing_is_added_beside_more_workers_than_usable_cores():
    journal, _, _, _ = swept(plan(FIXED, cases(*CHUNKS)), cores=1.0)
    assert not added(journal)


def test_a_number_of_workers_that_the_run_has_is_not_added():
    """Not at other chunks either: what both leave open stays open."""
    planned = cases(*CHUNKS) + cases(*(chunk + 16 for chunk in CHUNKS[:4]), workers=1)
    truth = replace(CENTRAL, serial=90e-6, parallel=1e-6)
    journal, _, sweep, _ = swept(plan(FIXED, planned), truth)
    rows = fits(*tables(sweep)).model
    assert len(rows) == 2
    assert all("parallel_us_per_task" in hidden for hidden in rows["not_identifiable"])
    assert not added(journal)


def test_a_sweep_that_is_not_refined_adds_nothing():
    journal, _, _, _ = swept(plan(FIXED, cases(*CHUNKS)), refined=False)
    assert {pair.purpose for pair in journal.lines} == {None}


def test_nothing_is_added_that_the_budget_has_no_time_for():
    """Neither where it is spent, nor where an interval would not fit into what is left; where it
    is large enough, the sweep ends within it."""
    free, bench, _, _ = swept(plan(FIXED, cases(*CHUNKS)))
    grid = next(at for at, case, *_ in bench.asked if case.workers == 1)
    for budget, wanted in ((grid - 1.5, set()), (grid + 1.0, set()), (2 * bench.clock(), {1})):
        chosen = replace(FIXED, budget_seconds=budget, looks=(12,))
        journal, ended, sweep, _ = swept(plan(chosen, cases(*CHUNKS)))
        assert counts(journal) == wanted, budget
        assert len(ended.starts) == len(FIXED.blocks) + len(wanted)
        assert ended.clock() <= max(budget, grid) + 0.5
    assert len(free.pairs) == len(journal.pairs)
    assert not sweep.budget.cut_short


def test_where_the_budget_is_spent_nothing_is_worked_out():
    def asked(info, records):
        raise AssertionError

    chosen = replace(FIXED, budget_seconds=1.0, looks=(12,))
    journal, _, sweep, _ = swept(plan(chosen, cases(*CHUNKS)), choose=asked)
    assert journal.blocks  # the start-up took it all
    assert sweep.budget.left() <= 0.0


@pytest.mark.parametrize("left", [3, 30, 58])
def test_a_sweep_that_is_stopped_goes_on_with_the_workers_it_had_added(left):
    """No round is measured twice, and none is missing."""
    planned = plan(FIXED, cases(*CHUNKS))
    whole, _, _, _ = swept(planned)
    first, _, _, _ = swept(planned, stop_at=len(whole.records) - left)
    assert added(first)
    resumed, bench, _, _ = swept(planned, records=first.records)
    assert resumed.records[: len(first.records)] == first.records
    rounds = Counter(pair.case for pair in added(resumed))
    assert rounds == Counter(pair.case for pair in added(whole))
    assert set(Counter((pair.case, pair.round) for pair in resumed.pairs).values()) == {1}
    assert len(bench.starts) == 1
    ended, quiet, _, _ = swept(planned, records=resumed.records)
    assert (ended.records, quiet.starts) == (resumed.records, [])


def test_a_number_of_workers_that_cannot_start_is_not_tried_again():
    one = SetUp(executor="scripted", workers=1, pin="1")
    error = CaseError(Status.FAILED, "planted", dead=True)
    planned = plan(FIXED, cases(*CHUNKS))
    journal, bench, _, _ = swept(planned, open_faults={one: error})
    assert {(line.workers, line.status) for line in added(journal)} == {(1, Status.FAILED)}
    assert bench.starts.count((one, len(FIXED.blocks))) == 1
    resumed, again, _, _ = swept(planned, records=journal.records)
    assert (resumed.records, again.starts) == (journal.records, [])


def test_what_the_profile_left_out_is_measured_and_stopped_and_resumed_alike():
    """Short profiles plan all workers only and say so of the others; one of those may be added."""
    few = cases(*CHUNKS, workers=1)
    planned = plan(FIXED, cases(*CHUNKS) + few, dict.fromkeys(few, "all workers only"))
    whole, _, _, _ = swept(planned)
    assert {pair.case for pair in added(whole)} == set(few)
    assert Counter(
        line.status for line in whole.lines if line.purpose is None and line.workers == 1
    ) == {Status.SKIPPED: len(few)}
    first, _, _, _ = swept(planned, stop_at=len(whole.records) - 20)
    resumed, _, sweep, _ = swept(planned, records=first.records)
    table = tables(sweep)[0]
    assert set(table["status"]) == {"ok"}
    assert len(table) == len(planned.cases)
    assert len(resumed.records) == len(whole.records) + 1  # the blocks line of one start-up more
    assert set(Counter((pair.case, pair.round) for pair in resumed.pairs).values()) == {1}


def test_the_progress_line_says_what_was_added_and_why():
    _, _, _, labels = swept(plan(FIXED, cases(*CHUNKS)))
    about_one = {label for label in labels if "1 worker," in label}
    assert about_one
    assert all(label.endswith("added since o cannot be identified with 2") for label in about_one)
    assert not any("added" in label for label in labels if "2 workers" in label)


def test_the_added_workers_close_the_cost_and_are_no_cells_of_asv(tmp_path):
    """From the journal on disk: both rows have o, and say which workers the sweep added."""
    few = simulated_cases(CHUNKS, workers=1)
    journal = simulated(tmp_path, simulated_cases(CHUNKS), CENTRAL, 0, cores=2.0)
    results = read_results(journal)
    table = judged(results.pairs, results.blocks, results.runs)
    rows = fits(table, results.pairs, results.blocks, results.runs).model
    assert set(table.loc[table["workers"] == 1, "chunk"]) == {case.chunk for case in few}
    assert list(rows["fitted_workers"]) == ["1, 2"] * 2
    assert list(rows["added_workers"]) == ["1"] * 2
    assert rows["not_identifiable"].isna().all()
    unit = rows["baseline_seconds"] / CENTRAL.work
    assert (rows["parallel_us_per_task_low"] <= 40 * unit).all()
    assert (rows["parallel_us_per_task_high"] >= 40 * unit).all()
    assert {key[3] for key in samples(journal)} == {2}


@pytest.mark.parametrize(
    ("executor", "named_only", "may"),
    [("thread-pool", False, True), ("thread-pool", True, False), ("serial-replay", False, False)],
)
def test_workers_are_added_to_executors_that_can_have_them_unasked(
    monkeypatch, executor, named_only, may
):
    """Not to one that is run only where a user names it, as those that submit batch jobs or join a
    cluster as it is, nor to one that runs a task at a time."""
    monkeypatch.setattr(lookup(executor), "named_only", named_only)
    case = Case(workload="random-sum", size=1000, executor=executor, workers=2, pin="1", chunk=100)
    assert may_add_automatically(case, 1 << 30) == may
    kept = only_automatic(lambda info, records: {case: "why"}, 1 << 30)
    assert bool(kept(run_info(plan(FIXED, [case])), [])) == may


def test_a_purpose_is_read_back():
    line = {"run": "r", "workload": "w", "size": 1, "executor": "e", "workers": 1, "pin": "1"}
    assert Pair.model_validate({**line, "chunk": 1, "purpose": "separate"}).purpose == "separate"
