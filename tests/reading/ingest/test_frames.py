from __future__ import annotations

import pandas as pd
import pytest

from harness.core.errors import InputError, UnknownNameError
from harness.core.records import WorkerProbe
from harness.core.schema import TABLES, dtypes, names
from harness.reading.ingest import to_frame, validate
from harness.reading.ingest.frames import blocks_frame, pairs_frame
from harness.reading.ingest.journals import read_journal
from tests.reading.ingest.builders import COMMIT, RUN, block, pair, run_info, sweep, write_journal


@pytest.fixture
def journal(tmp_path):
    return read_journal(write_journal(tmp_path, sweep()))


@pytest.mark.parametrize("table", sorted(TABLES))
def test_an_empty_frame_has_the_columns_and_dtypes_of_the_schema(table):
    frame = to_frame(table, [])
    assert list(frame.columns) == names(table)
    assert {name: str(kind) for name, kind in frame.dtypes.items()} == dtypes(table)
    assert frame.empty


def test_every_pair_is_a_row_with_its_run(journal):
    frame = pairs_frame([journal])
    assert list(frame.columns) == names("pairs")
    assert len(frame) == len(journal.pairs)
    assert set(frame["run"]) == {RUN}
    assert set(frame["commit"]) == {COMMIT}
    assert set(frame["machine"]) == {"made-up"}
    assert set(frame["suite"]) == {"many_vs_few_chunks"}
    assert set(frame["profile"]) == {"laptop"}
    assert list(frame["chunk"]) == [line.chunk for line in journal.pairs]
    assert list(frame["status"]) == [line.status.value for line in journal.pairs]


def test_every_start_up_is_a_row(journal):
    frame = blocks_frame([journal])
    assert list(frame["block"]) == [0, 1]
    assert list(frame["startup_seconds"]) == pytest.approx([0.01, 0.012])
    assert list(frame["threads_per_process"]) == [2, 2]


def test_absent_is_never_zero_and_zero_is_never_absent(tmp_path):
    lines = [
        run_info(commit=None),
        pair(gap_seconds=None, peak_rss_bytes=None, steal_fraction=0.0, voluntary_switches=0),
        block(ceiling=None, oversubscribed=None, processes=None),
    ]
    journal = read_journal(write_journal(tmp_path, lines))
    row = pairs_frame([journal]).iloc[0]
    absent = ["commit", "gap_seconds", "peak_rss_bytes", "compute_seconds", "reason"]
    assert row[absent].isna().all()
    assert (row["steal_fraction"], row["voluntary_switches"]) == (0.0, 0)
    assert blocks_frame([journal]).iloc[0][["ceiling", "oversubscribed", "processes"]].isna().all()


def test_phases_are_columns(tmp_path):
    phases = {"build": 0.25, "compute": 0.0, "submit": 3.0}
    journal = read_journal(write_journal(tmp_path, [run_info(), pair(phases=phases)]))
    row = pairs_frame([journal]).iloc[0]
    assert (row["build_seconds"], row["compute_seconds"]) == (0.25, 0.0)


def test_a_case_that_never_ran_keeps_status_and_reason(journal):
    frame = pairs_frame([journal])
    skipped = frame[frame["status"] == "skipped"]
    assert list(skipped["reason"]) == ["above 100 000 chunks"]
    assert skipped[["block", "round", "parallel_seconds", "serial_seconds"]].isna().all(axis=None)


def test_counts_of_64_bits_stay_exact(tmp_path):
    large = 2**63 - 1
    journal = read_journal(write_journal(tmp_path, [run_info(), pair(size=large)]))
    assert pairs_frame([journal])["size"].iloc[0] == large


@pytest.mark.parametrize(
    "spoil",
    [
        lambda frame: frame.drop(columns="chunk"),
        lambda frame: frame.assign(extra=1),
        lambda frame: frame[frame.columns[::-1]],
        lambda frame: frame.assign(chunk=frame["chunk"].astype("float64")),
        lambda frame: frame.assign(parallel_seconds="fast"),
    ],
)
def test_a_frame_that_differs_from_the_schema_is_refused_on_one_line(journal, spoil):
    frame = pairs_frame([journal])
    pd.testing.assert_frame_equal(validate("pairs", frame), frame)
    with pytest.raises(InputError, match="table pairs does not obey its schema") as caught:
        validate("pairs", spoil(frame))
    assert "\n" not in str(caught.value)


def test_a_value_that_does_not_fit_is_an_input_error():
    with pytest.raises(InputError, match="table pairs"):
        to_frame("pairs", [{"chunk": 2**70}])
    with pytest.raises(InputError, match="table pairs"):
        to_frame("pairs", [{"parallel_seconds": "fast"}])


def test_an_unknown_table_lists_the_known_ones():
    with pytest.raises(UnknownNameError, match="break_even"):
        to_frame("pears", [])


@pytest.mark.parametrize(
    ("by_worker", "read_back"), [([2, 2], 2), ([1, 2], None), ([2, None], None), ([], None)]
)
def test_native_threads_are_those_on_which_all_workers_agree(tmp_path, by_worker, read_back):
    probes = [WorkerProbe(pid=pid, native_threads=n) for pid, n in enumerate(by_worker)]
    journal = read_journal(write_journal(tmp_path, [run_info(), block(verified=probes)]))
    [native_threads] = blocks_frame([journal])["native_threads"]
    assert pd.isna(native_threads) if read_back is None else native_threads == read_back
