from __future__ import annotations

import shutil

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


def test_one_run_in_two_files_is_refused(tmp_path):
    """Counted twice, its rounds would look like independent ones."""
    path = write_journal(tmp_path / "one", sweep())
    (tmp_path / "two" / "journal").mkdir(parents=True)
    shutil.copy(path, tmp_path / "two" / "journal" / "copy.jsonl")
    with pytest.raises(InputError, match="delete one of the two"):
        read_results(tmp_path)


def test_notes_tell_of_dropped_lines(tmp_path):
    path = write_journal(tmp_path / "made-up", sweep())
    path.write_text(path.read_text()[:-30])
    assert any("cut off" in note for note in read_results(tmp_path).notes)
