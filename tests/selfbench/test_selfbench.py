"""The comparison with a plain ASV suite: its rules, its table, and that ASV finds its suite."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import asv.benchmark
import numpy as np
import pandas as pd
import pytest

from harness.core.records import Verdict
from selfbench import our_side, plain_side, table
from selfbench.our_side import plans
from selfbench.rules import asv_verdict, our_verdict
from selfbench.sides import CASES, CLUSTER_CHUNKS, SAME, cluster_case
from selfbench.trials import ASV_ALONE, OURS, OURS_SHORT, judged, run_trials
from tests.selfbench.planted import OURS_SIDE, PLAIN, TRIALS

RNG = np.random.default_rng(1)
SLOW = list(RNG.normal(2.0, 0.02, 10))
QUICK = list(RNG.normal(1.0, 0.01, 10))


@pytest.mark.parametrize(
    ("baseline", "case", "verdict"),
    [
        (SLOW, QUICK, Verdict.PAYS),
        (QUICK, SLOW, Verdict.OVERHEAD),
        (QUICK, QUICK, Verdict.UNDETERMINED),
        (QUICK, [1.05 * value for value in QUICK], Verdict.UNDETERMINED),
    ],
)
def test_asv_compares_as_its_own_command_does(baseline, case, verdict):
    """Different by its statistics and by more than its factor; the last is the former alone."""
    assert asv_verdict(baseline, case) is verdict


def test_without_its_factor_asv_calls_five_per_cent_a_difference():
    assert asv_verdict(QUICK, [1.05 * v for v in QUICK], factor=1.0) is Verdict.OVERHEAD


def test_drift_between_two_series_deceives_asv_and_not_pairs():
    """The same kernel on a machine that grew 20 % slower in between, and in pairs that share it."""
    later = [1.2 * value for value in QUICK]
    noise = [value * step for value, step in zip(QUICK + later, RNG.normal(1, 0.01, 20))]
    false = judged([(QUICK, later)], [(QUICK + later, noise)])
    assert (false.counts[ASV_ALONE], false.counts[OURS_SHORT], false.counts[OURS]) == (1, 0, 0)
    assert our_verdict(QUICK + later, noise) is Verdict.EQUAL


@pytest.mark.e2e
def test_trials_are_counted_as_they_are_measured():
    """One of each is measured; none where there is no time for any."""
    assert run_trials(trials=1).trials == 1
    assert run_trials(most_seconds=0.0).trials == 0


def test_exact_interval_of_a_share():
    """Of 0 in 100 the upper end is 1 - 0.025**(1/100)."""
    low, high = table.clopper_pearson(0, 100)
    assert low == 0.0
    assert high == pytest.approx(1 - 0.025**0.01)


def test_the_ratios_are_ours_over_plain():
    ratios = {row.quantity: row.ratio for row in table.rows(PLAIN, OURS_SIDE, TRIALS)}
    assert ratios["wall time to the verdicts"] == 0.5
    assert ratios["cases with a verdict, A/A left out"] == 6.0
    assert ratios["wall time per verdict"] == pytest.approx(0.5 / 6)
    assert ratios["share of wall time in calls that were kept"] == pytest.approx(4.0)
    assert ratios[f"{cluster_case(100_000)}: cold in plain, warm in ours"] == pytest.approx(0.25)


@pytest.mark.parametrize("form", table.FORMATS)
def test_printed(form, snapshot):
    """What a reader sees."""
    assert table.printed(PLAIN, OURS_SIDE, TRIALS, form) == snapshot


def test_all_of_it_is_json():
    data = json.loads(json.dumps(table.as_data(PLAIN, OURS_SIDE, TRIALS)))
    assert data["plain"]["verdicts"][SAME] == "pays"
    assert len(data["rows"]) == len(table.rows(PLAIN, OURS_SIDE, TRIALS))


def test_the_plain_side_counts_every_call_of_a_sample():
    """ASV's samples are means of *number* calls; the cluster's chunks keep their own median."""
    samples = {
        plain_side.BASELINE: (QUICK, 2),
        SAME: (QUICK, 1),
        cluster_case(100_000): (SLOW, 1),
    }
    side = plain_side.side(samples, 60.0)
    assert side.kept_seconds == pytest.approx(3 * sum(QUICK) + sum(SLOW))
    assert side.verdicts == {SAME: Verdict.UNDETERMINED, cluster_case(100_000): Verdict.OVERHEAD}
    assert side.cluster_seconds == {100_000: pytest.approx(np.median(SLOW))}


def test_our_side_sets_the_first_call_against_the_warm_ones_of_the_same_chunk():
    """A start-up warms its largest chunk first; calls that were timed as a batch count each."""
    case = {"workload": "random-sum", "executor": our_side.CLUSTER, "chunk": 10_000_000}
    judged_cases = pd.DataFrame([case | {"verdict": "equal", "rounds": 20, "seconds": 0.1}])
    pair = {"parallel_seconds": 0.1, "calls": 2, "serial_seconds": 0.3, "serial_calls": 1}
    pairs = pd.DataFrame([pair | {"replay_seconds": 0.5}, pair | {"replay_seconds": None}])
    blocks = pd.DataFrame({"executor": [our_side.CLUSTER] * 3, "first_call_seconds": [9, 0.4, 0.2]})
    side = our_side.side(judged_cases, pairs, blocks, wall=10.0, called=5.0)
    assert side.first_over_warm == pytest.approx(4.0)
    assert side.kept_seconds == pytest.approx(2 * (0.2 + 0.3) + 0.5)
    assert side.verdicts == {cluster_case(10_000_000): Verdict.EQUAL}
    assert side.counts == {cluster_case(10_000_000): 20}


def test_a_case_without_a_result_is_absent_and_not_0():
    none = plain_side.side({}, 10.0)
    assert (none.verdicts, none.cluster_seconds) == ({}, {})
    [text] = [row for row in table.rows(none, OURS_SIDE, TRIALS) if "per verdict" in row.quantity]
    assert (text.plain, text.ratio) == ("-", None)


@pytest.mark.e2e
def test_asv_finds_the_plain_suite_and_its_cases_are_ours(tmp_path):
    """Names and parameters as ASV collects them are those that its results are read by."""
    file = tmp_path / "found.json"
    folder = plain_side.PROJECT / "benchmarks"
    done = subprocess.run(
        [sys.executable, asv.benchmark.__file__, "discover", str(folder), str(file)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    benchmarks = {entry["name"]: entry for entry in json.loads(file.read_text())}
    assert set(benchmarks) == {plain_side.BASELINE, plain_side.CLUSTER, *plain_side.NAMES.values()}
    assert benchmarks[plain_side.CLUSTER]["params"] == [[str(chunk) for chunk in CLUSTER_CHUNKS]]
    assert {entry["type"] for entry in benchmarks.values()} == {"time"}


def test_both_measure_the_same_cases():
    """Ours has as many cases as the plain suite: each of the table's, once."""
    exercise, cluster = plans()
    assert len(exercise.cases) + len(cluster.cases) == len(CASES)
    assert {case.chunk for case in cluster.cases} == set(CLUSTER_CHUNKS)
    assert Path(plain_side.PROJECT, "asv.conf.json").is_file()
