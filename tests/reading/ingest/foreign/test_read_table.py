"""Tables of somebody else's timings: what each column becomes, and what is refused by its line."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.core.errors import ChunkbenchError, InputError, UsageError
from harness.core.records.timings import Timings
from harness.reading.ingest.foreign.kept_timings import rows_of
from harness.reading.ingest.foreign.table_reading import read_table
from tests.repeats import examples

SWEEP = """\
cluster,block,nodes,per_node,kernel,bytes,run,wall
ours,8MB,1,1,mean,8.5 MB,1,2.0
ours,8MB,1,1,mean,8.5 MB,2,2.2
ours,8MB,2,2,mean,34 MB,1,1.0
ours,16MB,1,1,mean,17 MB,1,3.5
ours,16MB,1,1,sum,17 MB,1,
ours,16MB,1,1,sum,17 MB,2,0.75
"""
NAMED = "seconds=wall,chunk=block,workers=nodes*per_node"


@pytest.fixture
def table(tmp_path):
    """Write a table and read it."""

    def read(text, columns="", **options):
        path = tmp_path / "sweep.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_table(path, columns, **options)

    return read


def test_named_columns_become_fields_and_units_count(table):
    first, *_, last = table(SWEEP, NAMED + ",workload=kernel").timings
    assert (first.seconds, first.chunk, first.chunk_shape) == (2.0, 8 * 2**20, "8MB")
    assert table(SWEEP, NAMED).timings[2].workers == 4
    assert (last.seconds, last.workload) == (0.75, "sum")


def test_what_tells_rows_apart_is_never_pooled_and_each_column_is_accounted_for(table):
    read = table(SWEEP, NAMED)
    assert {timing.workload for timing in read.timings} == {
        "timings(kernel=mean)",
        "timings(kernel=sum)",
    }
    said = "; ".join(read.notes)
    for words in (
        "told apart by",
        "bytes (follows from others)",
        "cluster (the same in every row)",
    ):
        assert words in said
    assert "1 of 6 rows have no time" in said
    assert read.machine == "ours"


@pytest.mark.parametrize(
    ("cell", "seconds"), [("3.5 ms", 0.0035), ("01:02:03", 3723.0), ("2e3", 2.0), ("7us", 7e-6)]
)
def test_times_are_read_in_their_unit(table, cell, seconds):
    read = table(f"chunk,time\n1,{cell}\n2,1\n", "seconds=time", unit="ms")
    assert read.timings[0].seconds == pytest.approx(seconds)


def test_repeats_are_one_case_with_the_interval_of_their_median_from_six_on(table):
    text = "chunk,time\n" + "".join(f"1,{value}\n" for value in (1, 2, 3, 4, 5, 6)) + "2,7\n"
    several, one = rows_of(table(text, "seconds=time,chunk=chunk"))
    assert (several["seconds"], several["seconds_low"], several["seconds_high"]) == (3.5, 1, 6)
    assert (one["seconds"], one["seconds_low"]) == (7, None)
    assert (one["paired"], one["warning"]) == (False, "unpaired timing: no verdict")


def test_the_serial_time_of_the_table_or_one_worker_is_what_a_speed_up_is_of(table):
    own = rows_of(table("w,t,s\n2,1,1.5\n4,1,2.5\n", "workers=w,seconds=t,serial_seconds=s"))
    assert [(row["speedup"], row["efficiency"]) for row in own] == [(1.5, 0.75), (2.5, 0.625)]
    shared = rows_of(table("w,c,t\n1,1,8\n1,2,6\n2,1,4\n", "workers=w,chunk=c,seconds=t"))
    assert [row["speedup"] for row in shared] == [0.75, 1.0, 1.5]
    none = rows_of(table("w,t\n2,4\n4,2\n", "workers=w,seconds=t"))
    assert not any("speedup" in row for row in none)


def test_a_table_of_task_bench_is_known_by_its_header(table):
    header = "elapsed,iterations,output,steps,tasks,width,std,reps,efficiency\n"
    read = table(header + "1.0,64,8,10,40,4,0,1,1.0\n0.5,1,8,10,40,4,0,5,0.25\n")
    fine = rows_of(read)[1]
    assert (fine["chunk"], fine["workers"], fine["n_tasks"]) == (1, 4, 40)
    assert (fine["efficiency"], fine["granularity_seconds"]) == (0.25, 0.05)


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_other_delimiters_a_mark_of_the_encoding_and_remarks_are_taken(table, delimiter):
    text = "\ufeff# of last week\n" + "chunk,time\n1,2\n\n2,3\n".replace(",", delimiter)
    assert [each.seconds for each in table(text, "seconds=time").timings] == [2, 3]


@pytest.mark.parametrize(
    ("text", "columns", "message"),
    [
        ("a,t\n1,2\n", "seconds=tt", "no column 'tt': did you mean 't'"),
        ("a,t\n1,2\n", "", "say which column has the times: --columns seconds=COLUMN"),
        (
            "a,t\n1,2\n",
            "second=t",
            "unknown field in --columns 'second': did you mean seconds? There are ",
        ),
        ("a,t\n1,2\n", "seconds", "write FIELD=COLUMN"),
        ("a,t\n1,2\n", "seconds=t,seconds=a", "seconds is there twice"),
        ("a,t\n1,2\n", "seconds=a*t", "only tasks and workers may be a product"),
        ("a,t\n1,0\n", "seconds=t", "line 2: t '0' is not a time above 0"),
        ("a,t\n1,2\n1,-3\n", "seconds=t", "line 3: t '-3' is not a time above 0"),
        ("a,t\n1,x\n", "seconds=t", "line 2: t 'x' is not a number"),
        ("a,t\n1.5,1\n", "seconds=t,chunk=a", "line 2: a '1.5' is not a whole number"),
        ("a,t\n1e30,1\n", "seconds=t,workers=a", "line 2: a '1e30' is not a whole number"),
        ("a,t\n1,2,3\n", "seconds=t", "line 2: 3 cells where the header has 2"),
        ("a,t\n1,\n", "seconds=t", "no row has a time"),
        ("a,a\n1,2\n", "seconds=a", "line 1: not a header of columns with different names"),
        ("", "seconds=t", "not a table of timings"),
    ],
)
def test_what_cannot_be_read_is_one_line_that_says_where(table, text, columns, message):
    with pytest.raises((InputError, UsageError)) as error:
        table(text, columns)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@settings(max_examples=examples(60, 300), deadline=None)
@given(st.binary(max_size=200) | st.text(alphabet="a,t1.5\n;-eE\"'", max_size=80).map(str.encode))
def test_any_bytes_give_timings_or_one_line(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(b"a,t\n1,2\n" + content)
    try:
        read = read_table(path, "seconds=t,chunk=a")
    except ChunkbenchError as error:
        said = str(error)
    else:
        said = ""
    assert "\n" not in said
    if said:
        return
    assert Timings.model_validate_json(read.model_dump_json()) == read
    assert all(float(str(row["seconds"])) > 0 for row in rows_of(read))
