"""Two machines or runs by name."""

from __future__ import annotations

import json

import pytest

from harness.core.errors import InputError, UnknownNameError, UsageError
from harness.core.records import Machine, Pair, Record, RunInfo
from harness.reading.report.compared import as_json, compare, in_format
from tests.reading.ingest.builders import run_info, sweep, write_journal

pytestmark = pytest.mark.e2e


@pytest.fixture
def results(tmp_path):
    """Two machines, one with two runs."""
    for folder, run, numpy in (
        ("one", "r1", "2.4.6"),
        ("one", "r2", "2.4.6"),
        ("two", "r3", "3.0"),
    ):
        fields = {"run": run, "machine": Machine(name=folder, cpu=f"CPU of {folder}")}
        first = run_info(**fields, versions={"numpy": numpy})
        lines = [
            first if isinstance(line, RunInfo) else line.model_copy(update={"run": run})
            for line in sweep(16)
        ]
        write_journal(tmp_path / folder, lines, name=run)
    return tmp_path


def test_machines_runs_and_paths_are_names(results):
    journal = str(results / "two/journal/r3.jsonl")
    for a, b in (("one", "two"), ("r1", "r2"), ("r1", journal), (str(results / "one"), "two")):
        compared = compare(results, a, b)
        assert set(compared.table["metric"]) == {"speedup", "seconds", "overhead_us_per_task"}
    assert compare(results, "one", "two").runs == (["r1", "r2"], ["r3"])


def test_an_unknown_name_lists_machines_and_runs(results):
    with pytest.raises(UnknownNameError, match="one, r1, r2, r3, two"):
        compare(results, "one", "three")


@pytest.mark.parametrize(("a", "b"), [("one", "one"), ("one", "r2"), ("r3", "two")])
def test_a_run_is_not_compared_with_itself(results, a, b):
    with pytest.raises(UsageError, match="both mean run r"):
        compare(results, a, b)


def test_nothing_in_common_is_an_error(results):
    lines: list[Record] = [run_info(run="r4")]
    changes = {"run": "r4", "workers": 7}
    lines += [line.model_copy(update=changes) for line in sweep() if isinstance(line, Pair)]
    write_journal(results / "four", lines, name="r4")
    with pytest.raises(InputError, match="no case in common"):
        compare(results, "four", "two")


def test_what_changed_is_told_and_what_did_not_is_not(results):
    changed = {
        change["what"]: (change["a"], change["b"])
        for change in compare(results, "one", "two").changed
    }
    assert changed == {
        "machine": ("one", "two"),
        "CPU": ("CPU of one", "CPU of two"),
        "numpy": ("2.4.6", "3.0"),
    }


def test_two_runs_are_described_and_nothing_is_claimed_beyond_them(results):
    shown = in_format(compare(results, "r1", "r3"), "text")
    words = " ".join(shown.split())
    assert "describes these two runs and claims nothing beyond" in words
    assert "undetermined" not in words
    assert "what differs" not in words
    assert max(map(len, shown.splitlines())) <= 100


@pytest.mark.parametrize("style", ["text", "markdown", "html"])
def test_the_first_line_is_the_ratio_over_all_common_cases(results, style):
    shown = in_format(compare(results, "r1", "r3"), style)
    first = shown.partition("<h2>")[2] if style == "html" else shown.removeprefix("## ")
    assert first.startswith(
        "over 4 common cases B takes 1.00 times as long as A (middle half 1.00 to 1.00)"
    )
    assert "numpy" in shown


def test_every_case_is_shown_where_asked_and_only_there(results):
    compared = compare(results, "one", "two")
    short, every = (in_format(compared, "text", every_row=row) for row in (False, True))
    assert "5 000 000" not in short
    assert "5 000 000" in every
    assert every.startswith(short.rstrip())


def test_the_object_has_both_sides_cases_and_groups(results):
    content = as_json(compare(results, "one", "two"))
    json.dumps(content, allow_nan=False)
    assert content["a"] == {"name": "one", "runs": ["r1", "r2"]}
    assert {row["chunk"] for row in content["cases"]} == {1_000, 100_000, 1_000_000, 5_000_000}
    assert len(content["groups"]) == 3
    assert {row["difference"] for row in content["groups"]} == {"not judged"}
    assert content["over_cases"]["seconds"] == {"cases": 4, "median": 1, "low": 1, "high": 1}
