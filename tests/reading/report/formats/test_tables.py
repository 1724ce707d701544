from __future__ import annotations

import csv
import io
import json
import math

import pandas as pd
import pytest

from harness.core.errors import UnknownNameError, UsageError
from harness.core.schema import dtypes, names
from harness.reading.ingest import read_results, to_frame
from harness.reading.report.formats.tables import (
    FORMATS,
    render,
    to_csv,
    to_json,
    to_records,
    to_text,
    write,
)
from harness.reading.report.shown.plain import WIDTH
from tests.reading.ingest.builders import sweep, write_journal
from tests.reading.report.frames import break_even_frame, case_row, cases_frame


@pytest.fixture
def tables():
    return {"cases": cases_frame(), "break_even": break_even_frame()}


@pytest.mark.parametrize("style", sorted(FORMATS))
def test_a_whole_report(tables, snapshot, style):
    """Every format, byte for byte: nothing changes for readers and scripts unnoticed."""
    assert render(tables, style) == snapshot


@pytest.mark.parametrize("style", sorted(FORMATS))
def test_an_empty_report(snapshot, style):
    empty = {"cases": to_frame("cases", []), "break_even": to_frame("break_even", [])}
    assert render(empty, style) == snapshot


@pytest.mark.parametrize("table", ["pairs", "blocks"])
def test_a_journal_as_csv(tmp_path, snapshot, table):
    write_journal(tmp_path / "made-up", sweep(rounds=2))
    assert to_csv({table: getattr(read_results(tmp_path), table)}) == snapshot


@pytest.mark.parametrize("executor", ["ray", "an-executor-with-a-very-long-name-" * 4])
def test_text_never_exceeds_its_width_and_loses_no_figure(executor):
    long = case_row(executor, 1_000, workload="a-workload-with-a-name-" * 3)
    long |= {"speedup": 123456.0, "speedup_low": 123455.0, "speedup_high": 123457.0}
    long |= {"reason": "word " * 60, "warning": "¤" * 150, "chunk": 10**17}
    text = to_text({"cases": to_frame("cases", [long, case_row(executor, 10)])})
    assert max(map(len, text.splitlines())) <= WIDTH
    # Where cells wrap, they do so between words.
    assert {"123456", "[123455,", "123457]", "200", "[185,", "216]"} <= set(text.split())
    assert text.count("¤") == 150


def test_every_verdict_is_readable_in_full(tables):
    """Where the last column is narrow it wraps: a word cut off would be another verdict."""
    for row in (10**3, 10**6):
        tables = {"cases": to_frame("cases", [case_row("dask-distributed", row)])}
        words = to_text(tables).split("───\n")[1].split("\n\n")[0].split()
        verdict = "overhead exceeds gain" if row == 10**3 else "pays against serial"
        assert words[-3:] == verdict.split()


def test_the_environment_does_not_change_the_text(tables, monkeypatch):
    before = to_text(tables)
    for name, value in {"COLUMNS": "40", "FORCE_COLOR": "1", "TERM": "dumb"}.items():
        monkeypatch.setenv(name, value)
    assert to_text(tables) == before
    assert "\x1b" not in before


@pytest.mark.parametrize("style", ["text", "markdown"])
def test_unpaired_timings_stand_apart_under_their_own_heading(tables, style):
    before, after = render(tables, style).split("unpaired timings (no verdict)")
    assert "time_sum(4000)" in after
    assert "time_sum" not in before
    assert not any(word in after for word in ("pays", "overhead exceeds gain", "equal"))


def test_a_case_that_never_ran_is_no_unpaired_timing(tables):
    before, after = render(tables, "text").split("unpaired timings (no verdict)")
    assert "skipped (above 10 000 chunks): ray-tasks 2/1 chunk 100" in before
    assert "ray-tasks" not in after


@pytest.mark.parametrize("style", ["text", "markdown"])
def test_skipped_failed_and_zero_differ(tables, style):
    after = render(tables, style).split("unpaired timings (no verdict)")[1]
    cells = {
        line.strip(" |").split()[0]: line.replace("|", " ").split()[1:]
        for line in after.splitlines()
        if line.strip(" |").startswith("sums.")
    }
    assert cells["sums.time_sum(1000)"][-5:] == ["0", "s", "(no", "interval)", "ok"]
    assert cells["sums.time_sum(2000)"][-2:] == ["-", "skipped"]
    assert cells["sums.time_sum(3000)"][-2:] == ["-", "failed"]


@pytest.mark.parametrize(
    ("against_all_cores", "words"),
    [("pays", "pays"), ("equal", "pays against serial"), (None, "pays against serial")],
)
def test_pays_stands_only_where_both_comparisons_pay(against_all_cores, words):
    """Rule 1."""
    row = case_row("ray", 10**6, verdict="pays", verdict_vs_all_cores=against_all_cores)
    text = to_text({"cases": to_frame("cases", [row])})
    line = next(line for line in text.splitlines() if line.strip().startswith("1 000 000"))
    assert line.rpartition("]")[2].strip() == words


def test_a_wrong_answer_shows_no_time():
    """Rule 4: it is a status, also where the estimates of its rounds are in the table."""
    row = case_row("ray", 10**6, status="wrong answer", reason="off by one")
    text = to_text({"cases": to_frame("cases", [row])})
    assert "wrong answer (off by one): ray 2/1 chunk 1 000 000" in text
    assert "[" not in text


def test_a_number_without_an_interval_says_so():
    ends = {"speedup_low": None, "speedup_high": None}
    text = to_text({"cases": to_frame("cases", [case_row("ray", 10**6, speedup=1.5, **ends)])})
    assert "1.50 (no interval)" in text


def test_a_verdict_names_its_scope(tables):
    """Rule 12."""
    assert "verdicts not generalised beyond these 2 launches" in render(tables, "text")
    rows = [case_row("ray", 10, scope="beyond"), case_row("ray", 20)]
    mixed = to_text({"cases": to_frame("cases", rows)})
    assert "verdict not generalised beyond these 2 launches: ray 2/1 chunk 20" in mixed


def test_rows_are_in_the_order_of_the_sweep_not_of_the_rounds():
    rows = [case_row("ray", chunk) for chunk in (10**5, 10**3, 10**4)]
    text = to_text({"cases": to_frame("cases", rows)})
    lines = [line.strip() for line in text.splitlines()]
    chunks = [line.partition("  ")[0] for line in lines if line.partition(" ")[0].isdecimal()]
    assert chunks == ["1 000", "10 000", "100 000"]


def test_markup_and_table_signs_in_names_stay_text():
    row = case_row("[bold]a|b<c>[/bold]", 10)
    tables = {"cases": to_frame("cases", [row])}
    assert "[bold]a|b<c>[/bold]" in to_text(tables)
    assert "| [bold]a\\|b&lt;c>[/bold] |" in render(tables, "markdown")


def test_json_has_every_column_and_null_for_absent(tables):
    content = json.loads(to_json(tables))
    assert list(content) == ["cases", "break_even"]
    assert all(list(row) == names("cases") for row in content["cases"])
    assert all(list(row) == names("break_even") for row in content["break_even"])
    first = content["cases"][0]
    assert (first["chunk"], first["paired"], first["ceiling"]) == (1000, True, None)
    assert first["seconds"] == tables["cases"]["seconds"].iloc[0]


def test_records_turn_every_kind_of_absence_into_none():
    frame = pd.DataFrame(
        {
            "f": [math.nan, 0.0, math.inf],
            "i": pd.array([pd.NA, 0, 7], dtype="Int64"),
            "s": pd.array([pd.NA, "", "x"], dtype="string"),
            "b": pd.array([pd.NA, False, True], dtype="boolean"),
        }
    )
    assert to_records(frame) == [
        {"f": None, "i": None, "s": None, "b": None},
        {"f": 0.0, "i": 0, "s": "", "b": False},
        {"f": None, "i": 7, "s": "x", "b": True},
    ]
    assert [type(value) for value in to_records(frame)[2].values()] == [type(None), int, str, bool]


def test_csv_keeps_raw_numbers_exactly(tables):
    text = to_csv({"cases": tables["cases"]})
    rows = list(csv.DictReader(io.StringIO(text)))
    assert list(rows[0]) == names("cases")
    assert [float(row["seconds"] or "nan") for row in rows] == pytest.approx(
        tables["cases"]["seconds"].tolist(), rel=0, abs=0, nan_ok=True
    )
    assert rows[-4]["seconds"] == "0.0"
    assert rows[-3]["seconds"] == ""


def test_a_wrong_format_or_table_lists_what_there_is(tables):
    with pytest.raises(UnknownNameError, match="csv, html, json, latex, markdown, parquet, text"):
        render(tables, "excel")
    with pytest.raises(
        UnknownNameError, match="answers, break_even, break_even_work, cases, claims, comparison"
    ):
        to_text({"pairs": to_frame("pairs", [])})


def test_parquet_keeps_every_dtype_and_every_absence(tables, tmp_path):
    paths = write(tables, "parquet", tmp_path)
    assert [path.name for path in paths] == ["cases.parquet", "break_even.parquet"]
    for path, (name, frame) in zip(paths, tables.items()):
        again = pd.read_parquet(path)
        assert {column: str(kind) for column, kind in again.dtypes.items()} == dtypes(name)
        pd.testing.assert_frame_equal(again, frame)


def test_parquet_is_not_printed(tables):
    with pytest.raises(UsageError, match="--out FOLDER"):
        render(tables, "parquet")


def test_native_threads_are_shown_where_pins_vary_on_a_set_up():
    rows = [
        case_row("ray", 10, pin="default", native_threads=2),
        case_row("ray", 10, native_threads=1),
        case_row("dask-threads", 10, native_threads=1),
    ]
    text = to_text({"cases": to_frame("cases", rows)})
    headings = [line.strip() for line in text.splitlines() if ", pin " in line]
    assert headings == [
        "dask-threads, workers 2, pin 1",
        "ray, workers 2, pin 1 (1 native)",
        "ray, workers 2, pin default (2 native)",
    ]
