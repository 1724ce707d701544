from __future__ import annotations

import json

import pandas as pd
import pytest

from harness.core.errors import InputError
from harness.core.schema import names
from harness.reading.ingest import read_results
from tests.reading.ingest.builders import (
    COMMIT,
    RUN,
    pair,
    run_info,
    sweep,
    write_asv,
    write_journal,
)

OWN = "many_vs_few_chunks.ManyVsFewChunks.track_seconds"
PARAMS = [["'dask-threads'"], ["2"], ["'1'"], ["1000"]]


def _own(results, **changes):
    return write_asv(results, {OWN: {"values": [0.2], "params": PARAMS}}, **changes)


def test_all_machines_under_one_folder_are_read(tmp_path):
    write_journal(tmp_path / "made-up", sweep())
    write_asv(tmp_path, {"a.time_it": {"values": [1.0]}}, machine="another")
    (tmp_path / "another" / "machine.json").write_text('{"machine": "another", "version": 1}')
    (tmp_path / "benchmarks.json").write_text('{"version": 2}')
    results = read_results(tmp_path)
    assert list(results.runs) == [RUN]
    assert results.runs[RUN].suite == "many_vs_few_chunks"
    assert len(results.pairs) == len(results.journals[0].columns)
    assert len(results.blocks) == 2
    assert list(results.asv["machine"]) == ["another"]
    assert results.notes == []


def test_a_machine_s_folder_and_a_journal_give_the_same_pairs(tmp_path):
    path = write_journal(tmp_path / "made-up", sweep())
    whole = read_results(tmp_path).pairs
    assert read_results(tmp_path / "made-up").pairs.equals(whole)
    assert read_results(path).pairs.equals(whole)
    assert read_results(str(path)).pairs.equals(whole)


def test_a_machine_s_folder_without_journal_is_recognised(tmp_path):
    _own(tmp_path)
    assert len(read_results(tmp_path / "made-up").asv) == 1


def test_an_empty_folder_gives_empty_frames_with_the_right_columns(tmp_path):
    results = read_results(tmp_path)
    assert results.pairs.empty
    assert list(results.pairs.columns) == names("pairs")
    assert list(results.blocks.columns) == names("blocks")
    assert list(results.asv.columns) == names("cases")


def test_a_missing_folder_says_how_to_make_one(tmp_path):
    with pytest.raises(InputError, match="chunkbench settle or asv run"):
        read_results(tmp_path / "absent")


def test_a_file_that_is_no_journal_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"not a journal \(\.jsonl\)"):
        read_results(_own(tmp_path))


@pytest.mark.parametrize("commit", [COMMIT, COMMIT[:8]])
def test_our_metrics_stay_out_where_the_journal_has_the_rounds(tmp_path, commit):
    """The journal's commit may be short; the samples are the same measurement seen twice."""
    _own(tmp_path)
    write_journal(tmp_path / "made-up", [run_info(commit=commit), pair()])
    assert read_results(tmp_path).asv.empty


@pytest.mark.parametrize(
    "changes",
    [
        {"commit": "0123456789"},
        {"commit": None},
        {"suite": "thread_pinning"},
        {"machine": {"name": "another"}},
    ],
)
def test_our_metrics_come_in_unpaired_where_no_journal_has_them(tmp_path, changes):
    _own(tmp_path)
    write_journal(tmp_path / "made-up", [run_info(**changes), pair()])
    row = read_results(tmp_path).asv.iloc[0]
    assert (row["executor"], row["chunk"], row["seconds"]) == ("dask-threads", 1000, 0.2)
    assert not row["paired"]


def test_other_benchmarks_stay_beside_a_journal(tmp_path):
    write_asv(tmp_path, {"many_vs_few_chunks.time_it": {"values": [1.0]}})
    write_journal(tmp_path / "made-up", [run_info(), pair()])
    assert len(read_results(tmp_path).asv) == 1


@pytest.mark.parametrize("lines", [None, -1, -2])
def test_a_copy_of_a_journal_is_named_and_counted_once(tmp_path, lines):
    """Counted twice, its rounds would look like independent ones. Or of one that still grew."""
    path = write_journal(tmp_path / "one", sweep())
    alone = read_results(tmp_path)
    (tmp_path / "two" / "journal").mkdir(parents=True)
    copy = tmp_path / "two" / "journal" / "copy.jsonl"
    copy.write_text("".join(path.read_text().splitlines(keepends=True)[:lines]))
    both = read_results(tmp_path)
    pd.testing.assert_frame_equal(both.pairs, alone.pairs)
    (note,) = both.notes
    assert "counted once" in note
    assert str(copy) in note


def test_two_files_of_one_run_that_differ_are_refused(tmp_path):
    path = write_journal(tmp_path / "one", sweep())
    (tmp_path / "two" / "journal").mkdir(parents=True)
    lines = path.read_text().splitlines(keepends=True)
    (tmp_path / "two/journal/other.jsonl").write_text("".join([lines[0], *lines[2:]]))
    with pytest.raises(InputError, match="delete one of the two"):
        read_results(tmp_path)


def test_rounds_that_stand_in_a_journal_twice_are_named_and_counted_once(tmp_path):
    path = write_journal(tmp_path / "one", sweep())
    alone = read_results(tmp_path)
    lines = path.read_text().splitlines(keepends=True)
    pairs = [line for line in lines if '"kind":"pair"' in line]
    again = [line for line in pairs if json.loads(line)["parallel_seconds"] is not None]
    path.write_text("".join([*lines[:-1], *again, lines[-1]]))
    both = read_results(tmp_path)
    pd.testing.assert_frame_equal(both.pairs, alone.pairs)
    assert any(f"{len(again)} rounds are there more than once" in note for note in both.notes)


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("run", "level", "2.0"),
        ("block", "ceiling", "-1.0"),
        ("block", "workers", "0"),
        ("pair", "size", "0"),
        ("pair", "calls", "-3"),
        ("pair", "chunk", "0"),
        ("pair", "parallel_seconds", "-0.5"),
        ("pair", "serial_seconds", "1e300"),
        ("pair", "parallel_seconds", "NaN"),
    ],
)
def test_a_number_out_of_bounds_is_one_line_with_file_and_line(tmp_path, kind, field, value):
    path = write_journal(tmp_path / "one", sweep())
    lines = path.read_text().splitlines()
    number = next(place for place, line in enumerate(lines) if f'"kind":"{kind}"' in line)
    edited = json.loads(lines[number]) | {field: 0}
    lines[number] = json.dumps(edited, separators=(",", ":")).replace(
        f'"{field}":0', f'"{field}":{value}', 1
    )
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(InputError) as error:
        read_results(tmp_path)
    assert str(error.value).startswith(f"{path}, line {number + 1}: field {field!r} is")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "content",
    ['{"version": 1, "commit_hash": "ab", "results": {"a.time_it": 0.5}}', "{", '{"version": 9}'],
)
def test_a_foreign_or_broken_file_of_asv_is_named_and_the_rest_reads_as_without_it(
    tmp_path, content
):
    write_journal(tmp_path / "made-up", sweep())
    write_asv(tmp_path, {"a.time_it": {"values": [1.0]}})
    alone = read_results(tmp_path)
    (tmp_path / "made-up" / "bad.json").write_text(content)
    beside = read_results(tmp_path)
    pd.testing.assert_frame_equal(beside.pairs, alone.pairs)
    pd.testing.assert_frame_equal(beside.asv, alone.asv)
    (note,) = beside.notes
    assert note.startswith(f"left out: {tmp_path / 'made-up' / 'bad.json'}: ")


def test_notes_tell_of_dropped_lines(tmp_path):
    path = write_journal(tmp_path / "made-up", sweep())
    path.write_text(path.read_text()[:-30])
    assert any("cut off" in note for note in read_results(tmp_path).notes)
