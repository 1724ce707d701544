from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.core.errors import InputError
from harness.reading.ingest import to_frame
from harness.reading.ingest.asv_results import read_asv_file, read_names, read_units
from tests.reading.ingest.builders import COMMIT, SAMPLES, write_asv, write_names
from tests.repeats import examples

OWN = "many_vs_few_chunks.ManyVsFewChunks"
OWN_PARAMS = [["'numpy'", "'dask-threads'"], ["2"], ["'1'"], ["1000", "100000"]]


def _frame(results, benchmarks, names=None, **changes):
    path = write_asv(results, benchmarks, **changes)
    if names is not None:
        write_names(results, names)
    return to_frame("cases", read_asv_file(path, read_names(results / "benchmarks.json")))


def test_a_plain_time_benchmark_is_shown_and_never_judged(tmp_path):
    frame = _frame(tmp_path, {"sums.time_sum": {"values": [0.5]}})
    row = frame.iloc[0]
    assert len(frame) == 1
    assert (row["suite"], row["workload"], row["commit"]) == ("sums.time_sum", "time_sum", COMMIT)
    assert row["machine"] == "made-up"
    assert row["run"].startswith(COMMIT[:8])
    assert (row["seconds"], row["status"]) == (0.5, "ok")
    assert not row["paired"]
    assert row["warning"] == "unpaired timing: no verdict"
    judged = ["verdict", "verdict_vs_all_cores", "speedup", "baseline_seconds", "scope", "rounds"]
    assert row[[*judged, "seconds_low", "seconds_high", "chunk"]].isna().all()


def test_skipped_failed_and_zero_are_three_things(tmp_path):
    given_ = {"values": [math.nan, None, 0.0, math.inf], "params": [["1", "2", "3", "4"]]}
    frame = _frame(tmp_path, {"a.time_it": given_})
    assert list(frame["status"]) == ["skipped", "failed", "ok", "failed"]
    assert frame["seconds"].iloc[2] == 0.0
    assert frame["seconds"].iloc[[0, 1, 3]].isna().all()
    assert frame["reason"].notna().tolist() == [True, True, False, True]


def test_a_benchmark_that_failed_whole_fails_in_every_cell(tmp_path):
    """ASV shortens its row: the list of nulls is one null."""
    frame = _frame(tmp_path, {"a.time_it": {"values": [None] * 3, "params": [["1", "2", "3"]]}})
    assert list(frame["status"]) == ["failed"] * 3
    assert list(frame["workload"]) == ["time_it(1)", "time_it(2)", "time_it(3)"]


def test_axes_with_our_names_become_case_columns_and_the_others_text(tmp_path):
    given_ = {"values": [1.0], "params": [["'dask-threads'"], ["'C'"], ["4"], ["'cores'"], ["64"]]}
    axes = ["executor", "order", "workers", "pin", "chunk"]
    row = _frame(tmp_path, {"a.time_it": given_}, {"a.time_it": axes}).iloc[0]
    assert row[["executor", "workers", "pin", "chunk"]].tolist() == ["dask-threads", 4, "cores", 64]
    assert row["workload"] == "time_it(order='C')"


def test_axes_of_other_projects_fill_the_column_that_they_end_with(tmp_path):
    """One that has the column's own name comes first, and a second one stays in the name."""
    given_ = {"values": [1.0], "params": [["64"], ["4"], ["2"]]}
    axes = ["z_chunksize", "n_workers", "io_threads"]
    row = _frame(tmp_path, {"a.time_it": given_}, {"a.time_it": axes}).iloc[0]
    assert row[["chunk", "workers"]].tolist() == [64, 4]
    assert row["workload"] == "time_it(io_threads=2)"
    own = _frame(tmp_path, {"a.time_it": given_}, {"a.time_it": ["in_chunks", "chunk", "x"]})
    assert (own["chunk"].iloc[0], own["workload"].iloc[0]) == (4, "time_it(in_chunks=64, x=2)")


@pytest.mark.parametrize(("unit", "seconds"), [("seconds", 2.5), ("ms", 0.0025), ("MiB", None)])
def test_a_tracked_number_in_a_unit_of_time_is_a_time(tmp_path, unit, seconds):
    path = write_asv(tmp_path, {"a.track_latency": {"values": [2.5]}})
    described = {"a.track_latency": {"param_names": [], "unit": unit}}
    (tmp_path / "benchmarks.json").write_text(json.dumps(described))
    units = read_units(tmp_path / "benchmarks.json")
    (row,) = read_asv_file(path, {}, units=units)
    assert row.get("seconds") == seconds


def test_a_value_that_cannot_be_the_column_stays_text(tmp_path):
    given_ = {"values": [1.0], "params": [["<function f>"], ["0.5"], ["9" * 30]]}
    axes = ["executor", "workers", "chunk"]
    row = _frame(tmp_path, {"a.time_it": given_}, {"a.time_it": axes}).iloc[0]
    assert row[["executor", "workers", "chunk"]].isna().all()
    assert row["workload"] == f"time_it(executor=<function f>, workers=0.5, chunk={'9' * 30})"


@pytest.mark.parametrize(
    ("axes", "version"), [(["chunk"], "2"), (["chunk", "workers"], "1"), (None, "1")]
)
def test_without_fitting_names_nothing_is_guessed(tmp_path, axes, version):
    """``benchmarks.json`` may be absent, of another version, or of other axes."""
    path = write_asv(tmp_path, {"a.time_sum": {"values": [1.0], "params": [["1000"]]}})
    if axes is not None:
        write_names(tmp_path, {"a.time_sum": axes}, version)
    row = read_asv_file(path, read_names(tmp_path / "benchmarks.json"))[0]
    assert row["workload"] == "time_sum(1000)"
    assert "chunk" not in row


def test_cells_are_in_the_order_of_asv_last_axis_fastest(tmp_path):
    values = [1.0, 2.0, 3.0, 4.0]
    given_ = {"values": values, "params": [["'a'", "'b'"], ["10", "20"]]}
    frame = _frame(tmp_path, {"a.time_it": given_}, {"a.time_it": ["executor", "chunk"]})
    cells = zip(frame["executor"], frame["chunk"], frame["seconds"])
    assert list(cells) == [("a", 10, 1.0), ("a", 20, 2.0), ("b", 10, 3.0), ("b", 20, 4.0)]


def test_axes_missing_on_one_machine_change_nothing_elsewhere(tmp_path):
    """Each machine's own file says which parameters it ran."""
    name, axes = "a.time_it", {"a.time_it": ["executor", "chunk"]}
    full = {"values": [1.0, 2.0], "params": [["'a'", "'b'"], ["10"]]}
    less = {"values": [3.0], "params": [["'b'"], ["10"]]}
    alone = _frame(tmp_path, {name: full}, axes, machine="one")
    two = _frame(tmp_path, {name: less}, axes, machine="two")
    assert list(alone["executor"]) == ["a", "b"]
    assert list(two["executor"]) == ["b"]
    assert list(two["machine"]) == ["two"]


def test_the_interval_is_that_of_the_median_by_order_statistics(tmp_path):
    """Rule 19: of 8 samples the outermost two bound the median with at least 95 %."""
    row = _frame(tmp_path, {"a.time_it": {"values": [0.0], "samples": [SAMPLES]}}).iloc[0]
    assert row["seconds"] == pytest.approx(float(np.median(SAMPLES)))
    assert (row["seconds_low"], row["seconds_high"]) == (min(SAMPLES), max(SAMPLES))


@pytest.mark.parametrize("samples", [SAMPLES[:5], None])
def test_fewer_than_six_samples_have_no_interval(tmp_path, samples):
    given_ = {"values": [0.03], "samples": [samples]} if samples else {"values": [0.03]}
    row = _frame(tmp_path, {"a.time_it": given_}).iloc[0]
    assert row["seconds"] == pytest.approx(0.03, rel=0.1)
    assert row[["seconds_low", "seconds_high"]].isna().all()


@pytest.mark.parametrize("name", ["a.peakmem_it", "a.mem_it", "a.track_speed", "a.track_seconds_"])
def test_what_is_no_time_puts_no_number_into_the_table(tmp_path, name):
    frame = _frame(tmp_path, {name: {"values": [12345.0]}})
    row = frame.iloc[0]
    assert (row["status"], row["workload"]) == ("ok", name.partition(".")[2])
    assert "not a time" in row["warning"]
    assert frame.select_dtypes("number").isna().all(axis=None)


def test_our_own_seconds_fill_the_table_once_a_case(tmp_path):
    """Ratio and overhead of the same cases add no second row for a case."""
    values = [0.05, 0.05, 0.2, 0.04]
    given_ = {"values": values, "params": OWN_PARAMS}
    metrics = ("track_time_ratio", "track_seconds", "track_overhead_per_task")
    frame = _frame(tmp_path, {f"{OWN}.{metric}": given_ for metric in metrics})
    assert list(frame["seconds"]) == values
    assert list(frame["executor"]) == ["numpy", "numpy", "dask-threads", "dask-threads"]
    assert list(frame["chunk"]) == [1000, 100000] * 2
    assert set(frame["pin"]) == {"1"}


def test_our_own_ratio_alone_is_no_time(tmp_path):
    given_ = {"values": [2.0] * 4, "params": OWN_PARAMS}
    frame = _frame(tmp_path, {f"{OWN}.track_time_ratio": given_})
    assert len(frame) == 4
    assert frame["seconds"].isna().all()


def test_a_truncated_file_names_itself_and_what_to_do(tmp_path):
    path = write_asv(tmp_path, {"a.time_it": {"values": [1.0]}})
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(InputError, match=rf"{path.name}: no valid JSON .*run its benchmarks again"):
        read_asv_file(path, {})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"version": 1}, "asv update"),
        ({"version": 3}, "upgrade chunkbench"),
        ({"version": 2}, "malformed at 'commit_hash'"),
        ({"cpu": "x"}, "not a results file"),
        ([], "not a results file"),
    ],
)
def test_another_kind_of_json_says_what_it_is(tmp_path, content, message):
    path = tmp_path / "x.json"
    path.write_text(json.dumps(content))
    with pytest.raises(InputError, match=rf"x\.json: .*{message}"):
        read_asv_file(path, {})


@pytest.mark.parametrize("n_params", [2, 60])
def test_results_that_do_not_fit_their_axes_are_refused(tmp_path, n_params):
    """A file may claim any number of cells: it is not believed."""
    row = [[1.0], [["1", "2"]] * n_params] if n_params == 2 else [None, [["1", "2"]] * n_params]
    columns = ["result", "params"]
    content = {"version": 2, "commit_hash": "a", "result_columns": columns, "results": {"t": row}}
    path = tmp_path / "x.json"
    path.write_text(json.dumps(content))
    with pytest.raises(InputError, match="results for"):
        read_asv_file(path, {})


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=12,
)
_columns = st.sampled_from(["result", "params", "version", "samples", "stats_ci_99_a", "x"])
_names = st.sampled_from(["a.time_x", "b.track_seconds", "c.mem_y", "", "A.B.track_time_ratio"])
_row = st.one_of(
    st.lists(_json, max_size=5),
    st.tuples(
        st.none() | st.lists(st.none() | st.floats() | st.integers() | _json, max_size=4),
        st.lists(st.lists(st.text(max_size=4), min_size=1, max_size=2), max_size=2),
        st.none() | st.text(max_size=3),
        st.none() | st.lists(st.none() | st.lists(st.floats() | _json, max_size=8), max_size=4),
    ).map(list),
)
_nearly = st.fixed_dictionaries(
    {
        "version": st.sampled_from([2, 2, 2, 2.0, "2", True]),
        "commit_hash": st.text(max_size=3),
        "params": st.just({"machine": "m"}) | st.dictionaries(st.text(max_size=5), _json),
        "result_columns": st.just(["result", "params", "version", "samples"])
        | st.lists(_columns, max_size=5),
        "results": st.dictionaries(_names, _row, max_size=3),
    }
)
_content = st.binary(max_size=40) | (_json | _nearly).map(lambda value: json.dumps(value).encode())


@settings(deadline=None, max_examples=examples(20, 200), suppress_health_check=list(HealthCheck))
@given(_content, _content)
def test_any_bytes_and_any_json_give_rows_or_one_input_error(tmp_path, content, names):
    path = tmp_path / "x.json"
    path.write_bytes(content)
    (tmp_path / "benchmarks.json").write_bytes(names)
    message = ""
    try:
        rows = read_asv_file(path, read_names(tmp_path / "benchmarks.json"))
    except InputError as error:
        rows, message = [], str(error)
    assert message == "" or str(path) in message
    assert "\n" not in message
    frame = to_frame("cases", rows)
    assert len(frame) == len(rows)
    assert not (frame["seconds"] < 0).any()
    assert frame["verdict"].isna().all()
