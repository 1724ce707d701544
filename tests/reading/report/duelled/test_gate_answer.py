"""What a gate says of duels whose truth is planted, and in which forms."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
import pytest

from harness.apps.duelling import read_duel
from harness.core.records import Estimate
from harness.reading.analysis.duel.alarm_rates import alarm_rates
from harness.reading.analysis.duel.differences import judge
from harness.reading.report.duelled.duel_answer import DuelAnswer, DuelRow
from harness.reading.report.duelled.gate_answer import GateOutcome, gate_of_duel
from tests.apps.test_duelling import of_chunks, planted
from tests.reading.analysis.duel.test_planted_duels import duels
from tests.repeats import least, most, repeated

RISE, MOST = 0.20, 0.01


def gate(folder, slower: float, seed: int = 0):
    return gate_of_duel(read_duel(planted(folder, slower, seed=seed), MOST, 1 + RISE))


def answer(*rows: tuple[str, float, float, float], reason: str | None = None) -> DuelAnswer:
    """A duel of cases with these verdicts, ratios and intervals."""
    return DuelAnswer(
        a="a",
        b="b",
        environment_a="",
        environment_b="",
        rows=[
            DuelRow(
                case=f"case-{number}",
                judged_by="seconds",
                ratio=Estimate(point=point, low=low, high=high, n=8),
                seconds_ratio=Estimate(point=point, low=low, high=high, n=8),
                baseline_ratio=Estimate(point=1.0, low=None, high=None, n=8),
                p=0.5,
                verdict=verdict,
                reason=reason,
            )
            for number, (verdict, point, low, high) in enumerate(rows)
        ],
        pairs=8,
        rounds=4,
        most_false_alarms=MOST,
        least_ratio=1 + RISE,
        false_alarms=0.004,
        found=0.9,
        simulated=100,
        seconds_spent=12.0,
        runs=["1", "2"],
    )


def test_a_rise_beyond_what_is_allowed_fails_and_says_by_how_much(tmp_path):
    found = gate(tmp_path, 1.5)
    assert [row.outcome for row in found.rows] == [GateOutcome.RISEN]
    assert found.exit_code(strict=False) == 1
    assert "more than the 20% allowed" in found.text()
    assert "a difference of 40% is found in" in " ".join(found.text().split())
    assert found.rise == RISE


def test_metg_and_break_even_are_judged_where_several_chunks_show_them(tmp_path):
    journals = planted(tmp_path, 1.5, cases=of_chunks(4, 20, 100))
    found = gate_of_duel(read_duel(journals, MOST, 1 + RISE))
    outcomes = {row.case.rpartition(", ")[2]: row.outcome for row in found.rows}
    assert outcomes["METG(50 %)"] == outcomes["break-even chunk"] == GateOutcome.RISEN
    assert "times the reference's METG(50 %): more than the 20% allowed" in " ".join(
        found.sentences
    )


def test_a_figure_outside_of_the_chunks_cannot_be_told_and_says_what_to_do(tmp_path):
    journals = planted(tmp_path, 0.3, cases=of_chunks(4, 20, 100))
    figures = gate_of_duel(read_duel(journals, MOST, 1 + RISE)).rows[-2:]
    assert {row.outcome for row in figures} == {GateOutcome.CANNOT_TELL}
    assert all(row.words.endswith("among these chunks: name more.") for row in figures)


@pytest.mark.parametrize("slower", [0.7, 1.0])
def test_what_is_as_fast_or_faster_passes(tmp_path, slower):
    found = gate(tmp_path, slower)
    assert [row.outcome for row in found.rows] == [GateOutcome.NOT_RISEN]
    assert found.exit_code(strict=True) == 0
    assert "no rise of 20%" in found.text()


def test_where_the_machine_cannot_tell_it_says_so_and_only_strict_minds():
    found = gate_of_duel(answer(("undetermined", 1.05, 0.8, 1.4)))
    assert [row.outcome for row in found.rows] == [GateOutcome.CANNOT_TELL]
    assert (found.exit_code(strict=False), found.exit_code(strict=True)) == (0, 3)
    assert "8 pairs of start-ups cannot tell a rise of 20% here: 1.05 [0.800, 1.40]" in found.text()


def test_a_rise_outweighs_what_cannot_be_told_and_a_failed_case_is_one():
    rows = (("undetermined", 1.05, 0.8, 1.4), ("slower", 1.6, 1.3, 1.9))
    assert gate_of_duel(answer(*rows)).exit_code(strict=True) == 1
    failed = gate_of_duel(answer(("failed", 1.0, 1.0, 1.0), reason="the process died"))
    assert failed.exit_code(strict=False) == 1
    assert failed.rows[0].words == "case-0: failed: the process died."


@pytest.mark.parametrize(
    ("strict", "counts"), [(False, ("1", "1", "1")), (True, ("2", "1", "0"))], ids=["", "strict"]
)
def test_junit_has_a_test_for_each_case(strict, counts):
    """Failed, broken, skipped, passed; what cannot be told fails where that is strict."""
    rows = [("slower", 1.6, 1.3, 1.9), ("undetermined", 1.0, 0.8, 1.4), ("equal", 1.0, 0.99, 1.01)]
    duel = answer(*rows)
    broken = duel.rows[0].model_copy(update={"case": "<case>", "reason": "it & died"})
    duel = duel.model_copy(update={"rows": [*duel.rows, broken]})
    suite = ET.fromstring(gate_of_duel(duel).junit(strict=strict))
    assert tuple(suite.attrib[name] for name in ("failures", "errors", "skipped")) == counts
    assert (suite.attrib["tests"], suite.attrib["time"]) == ("4", "12.000")
    assert [test.attrib["name"] for test in suite] == ["case-0", "case-1", "case-2", "<case>"]
    assert [child.tag for child in suite[0]] == ["failure"]
    assert not list(suite[2])
    assert "it & died" in suite[3][0].attrib["message"]


def test_annotations_are_one_line_each_and_escaped():
    rows = (("slower", 1.6, 1.3, 1.9), ("undetermined", 1.0, 0.8, 1.4), ("equal", 1.0, 0.99, 1.0))
    error, warning = gate_of_duel(answer(*rows)).annotations()
    assert error.startswith("::error title=chunkbench gate::case-0: takes 1.60 [1.30, 1.90] times")
    assert "20%25 allowed" in error
    assert warning.startswith("::warning title=chunkbench gate::case-1: ")


@repeated(few=1000, full=20_000)
@pytest.mark.parametrize("spread", [0.03, 0.12, 0.25])
def test_equal_sides_fail_no_more_often_than_asked_for(repeats, spread):
    drawn = duels(repeats, spread, cases=3, seed=11)
    alarms = sum(
        any(one.verdict == "slower" for one in judge(list(duel), MOST, 1 + RISE)) for duel in drawn
    )
    assert alarms <= most(MOST, repeats)


@repeated(few=300, full=3000)
def test_a_rise_of_twice_what_is_allowed_is_found_as_often_as_is_printed(repeats):
    """At a start-up spread of 6 %: nearly always."""
    drawn = duels(repeats, 0.06, 1.4, seed=12)
    found = sum(judge(list(duel), MOST, 1 + RISE)[0].verdict == "slower" for duel in drawn)
    assert found >= least(0.95, repeats)
    told = [alarm_rates(list(duel), MOST, 1 + RISE, duels=300) for duel in drawn[:40]]
    assert np.mean([each.found for each in told if each]) == pytest.approx(
        found / repeats, abs=0.08
    )
