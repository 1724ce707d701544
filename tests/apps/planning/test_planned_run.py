"""A plan says what a sweep would reach, cost and cut, by the loop that measures."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from statistics import median

import pytest

from harness.apps.planning.cost_model import CallCost, CostModel
from harness.apps.planning.costs_of_journals import cost_model
from harness.apps.planning.dry_run import dry_run, up_to_first_look
from harness.apps.planning.planned_run import SPARE, PlanRequest, planned_run
from harness.apps.planning.suites_of import suite_plans, weights
from harness.core import units
from harness.core.journal_format import read_lines
from harness.core.records import Case, Pair
from harness.core.run_options import RunOptions
from harness.running.plan.profiles import PROFILES
from harness.running.plan.suite_cases import Node
from harness.running.workloads import OURS

ROOT = Path(__file__).parents[3]
FEW = ("array_reduction", "good_practice", "startup")
NODES = {2: Node(2, 24 << 30), 16: Node(16, 64 << 30), 128: Node(128, 512 << 30)}
NIGHTS = {2: "3h", 16: "3h", 128: "8h"}


@pytest.fixture(scope="module")
def costs():
    return cost_model([ROOT / "results"], "reference-2core")


def planned(names, costs, node, budget, profile="nightly"):
    plans = suite_plans(ROOT, names, RunOptions(profile=profile), node)
    return planned_run(plans, PlanRequest(node, costs, budget, weights(ROOT / "benchmarks", names)))


@pytest.mark.parametrize("cores", [16, pytest.param(128, marks=pytest.mark.full)])
def test_the_budget_that_is_advised_reaches_every_first_look(costs, cores):
    """And one of half as much does not; what is cut then has a reason each."""
    free = planned(FEW, costs, NODES[cores], None)
    assert free.fits
    assert free.budget_seconds is None
    advised = units.parse_seconds(free.advised_budget)
    assert advised >= SPARE * free.needed_seconds
    assert planned(FEW, costs, NODES[cores], advised).fits
    half = planned(FEW, costs, NODES[cores], free.needed_seconds / 2)
    assert 0 < half.first_look < half.cases
    refused = sum(suite.refused for suite in half.suites)
    assert len(half.cut) - refused == half.cases - half.first_look
    assert all(cut.reason for cut in half.cut)


def test_a_dear_case_gets_what_the_others_left(costs):
    """With a tenth to spare the dearest case, for which there seemed to be no time at first, is not
    held to its set-up's share of the rest."""
    [plan] = suite_plans(
        ROOT, ["many_vs_few_chunks"], RunOptions(profile="nightly"), NODES[16]
    ).values()
    free = dry_run(replace(plan, profile=up_to_first_look(plan.profile)), costs, NODES[16])
    budget = plan.profile.with_budget(SPARE * free.seconds)
    assert dry_run(replace(plan, profile=budget), costs, NODES[16]).cut == {}


@pytest.mark.full
@pytest.mark.parametrize("cores", NODES)
def test_the_documented_night_reaches_every_first_look(costs, cores):
    """3 h on 2 and on 16 cores, 8 h on 128: every suite, every executor that suites sweep, every
    case that can run there; and the page shows it."""
    names = sorted(path.stem for path in ROOT.glob("benchmarks/[!_]*.py"))
    night = planned(names, costs, NODES[cores], units.parse_seconds(NIGHTS[cores]))
    assert night.first_look == night.cases > 700
    assert night.needed_seconds <= units.parse_seconds(NIGHTS[cores])
    assert night.text() in (ROOT / "docs/hpc.md").read_text()


def test_suites_share_their_start_ups_and_no_case(costs):
    """Together they need less than each by itself."""
    plan = planned(FEW, costs, NODES[16], 3600.0)
    for field in ("cases", "first_look"):
        assert getattr(plan, field) == sum(getattr(suite, field) for suite in plan.suites)
    for field in ("set_ups", "needed_seconds"):
        assert getattr(plan, field) < sum(getattr(suite, field) for suite in plan.suites)
    dear = max(suite.needed_seconds for suite in plan.suites)
    assert plan.needed_seconds > dear
    assert sum(suite.budget_seconds or 0.0 for suite in plan.suites) == pytest.approx(3600.0)
    most = max(plan.suites, key=lambda suite: suite.needed_seconds)
    assert most.budget_seconds == max(suite.budget_seconds or 0.0 for suite in plan.suites)


def test_other_profiles_keep_their_shares(costs):
    """An even part of a budget that is given, and the suites' weights of their own."""
    given = planned(FEW, costs, NODES[16], 300.0, "laptop")
    assert {suite.budget_seconds for suite in given.suites} == {100.0}
    own = planned(FEW, costs, NODES[16], None, "laptop")
    parts = {suite.suite: suite.budget_seconds for suite in own.suites}
    assert sum(part or 0.0 for part in parts.values()) == pytest.approx(480.0)
    assert parts["startup"] == pytest.approx(480.0 * 0.125 / (0.085 + 0.095 + 0.125))


def test_the_profile_is_cut_at_its_first_look():
    assert up_to_first_look(PROFILES["nightly"]).blocks == (1, 1)
    assert up_to_first_look(PROFILES["laptop"]).blocks == (1, 1)
    assert up_to_first_look(PROFILES["exercise"]).blocks == (1, 1)
    assert up_to_first_look(PROFILES["smoke"]).blocks == (2,)


def test_a_dearer_start_up_and_a_dearer_call_cost_what_they_add(costs):
    """The clock of a dry run is the cost model's: no second opinion."""
    [plan] = suite_plans(ROOT, ["startup"], RunOptions(profile="nightly"), Node(2, 8e9)).values()
    plan = replace(plan, profile=up_to_first_look(plan.profile))
    cheap = dry_run(plan, costs, Node(2, 8e9))
    slower = {executor: (seconds + 10.0, of) for executor, (seconds, of) in costs.starts.items()}
    dear = dry_run(plan, replace(costs, starts=slower), Node(2, 8e9))
    calls = 2 * 2 * len(plan.cases) + 2 * len(plan.cases)  # two warm-ups or one pair in each block
    assert 10.0 * 2 * len(plan.cases) < dear.seconds - cheap.seconds <= 10.0 * calls


def test_a_model_forecasts_the_calls_that_it_was_made_of(costs):
    """All cases of the committed journals together within a third, three in four of those over a
    tenth of a second within a factor of two: what a night takes is what its dear calls take."""
    seconds = defaultdict(list)
    for path in sorted((ROOT / "results/reference-2core/journal").glob("*.jsonl")):
        for record in read_lines(path):
            if isinstance(record, Pair) and record.parallel_seconds and record.workload in OURS:
                seconds[record.case].append(record.parallel_seconds)
    measured = {case: median(times) for case, times in seconds.items()}
    forecast = {
        case: costs.planted(case, 2).seconds(-(-case.size // case.chunk), case.workers)
        for case in measured
    }
    assert sum(forecast.values()) == pytest.approx(sum(measured.values()), rel=1 / 3)
    dear = [case for case, time in measured.items() if time > 0.1]
    near = [case for case in dear if 1 / 2 < forecast[case] / measured[case] < 2]
    assert len(dear) > 40
    assert len(near) >= 0.75 * len(dear)


def test_calls_of_actors_cost_what_they_cost_however_many_are_on_their_way(costs):
    """The committed runs made 200 calls, a night makes 10 000 of them: all at once they are one
    chunk, and no cheaper for it."""

    def seconds(calls):
        case = Case(
            workload="counter-actor",
            executor="dask-actors",
            workers=2,
            pin="1",
            size=calls,
            chunk=calls,
        )
        return costs.planted(case, 2).seconds(1, 2)

    assert seconds(10_000) == pytest.approx(50 * seconds(200), rel=0.05)


def test_a_model_takes_what_it_lacks_from_another_machine():
    own = CostModel(work={"a": 1.0}, calls={("x", "a"): CallCost(1.0, 0.0)}, measured=("own",))
    other = CostModel(
        work={"a": 9.0, "b": 2.0}, calls={("x", "a"): CallCost(9.0, 0.0)}, measured=("other",)
    )
    both = own.over(other)
    assert both.work == {"a": 1.0, "b": 2.0}
    assert both.calls["x", "a"].fixed == 1.0
    assert both.measured == ("own", "other")


def test_a_plan_names_the_executors_whose_costs_it_guesses(costs):
    """They may be dearer or cheaper than their kind; with no costs at all another line says so."""
    known = replace(costs, starts={k: v for k, v in costs.starts.items() if k != "ray-tasks"})
    calls = {key: cost for key, cost in costs.calls.items() if key[0] != "ray-tasks"}
    plan = planned(["array_reduction"], replace(known, calls=calls), NODES[16], None)
    assert plan.costs_guessed == ["ray-tasks"]
    assert "not measured there, taken from their kind: ray-tasks" in plan.text()
    assert planned(["array_reduction"], costs, NODES[16], None).costs_guessed == []


def test_without_any_journal_a_plan_is_made_of_defaults(tmp_path):
    costs = cost_model([tmp_path], "nowhere")
    plan = planned(["startup"], costs, NODES[16], None)
    assert plan.fits
    assert "costs by default: nothing was measured yet" in plan.text()
