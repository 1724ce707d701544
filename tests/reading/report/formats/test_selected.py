"""Tables and rows are chosen by name; what does not exist is refused with what is nearest."""

from __future__ import annotations

import pytest

from harness.core.errors import UnknownNameError, UsageError
from harness.reading.report.formats.selected import parsed, selected
from tests.reading.report.frames import break_even_frame, cases_frame


@pytest.fixture
def tables():
    return {"cases": cases_frame(), "break_even": break_even_frame()}


def test_rows_are_kept_that_have_every_value(tables):
    chosen = selected(tables, (), parsed(["executor=dask-threads", "chunk=1000"]))
    assert [*chosen] == ["cases"]
    assert set(chosen["cases"]["executor"]) == {"dask-threads"}
    assert set(chosen["cases"]["chunk"]) == {1000}
    everything = selected(tables, (), {})
    assert [*everything] == [*tables]
    assert len(everything["cases"]) == len(tables["cases"])


def test_a_table_that_is_asked_for_is_there_also_without_rows(tables):
    chosen = selected(tables, ["cases", "break_even"], {"executor": "ray-tasks"})
    assert [*chosen] == ["cases", "break_even"]
    assert len(chosen["break_even"]) == 0


@pytest.mark.parametrize(
    ("names", "only", "said"),
    [
        (["casse"], {}, "unknown table 'casse': did you mean cases. There are "),
        ([], {"worklod": "x"}, "unknown column 'worklod': did you mean workload. There are "),
        (
            [],
            {"executor": "ray-task"},
            "unknown executor 'ray-task': did you mean ray-tasks. There are ",
        ),
        ([], {"executor": "dask-threads", "chunk": "100"}, "no row has .* together"),
    ],
)
def test_what_does_not_exist_is_refused_with_what_is_nearest(tables, names, only, said):
    with pytest.raises((UnknownNameError, UsageError), match=said.replace("?", r"\?")):
        selected(tables, names, only)


@pytest.mark.parametrize("condition", ["workload", "=x", "workload="])
def test_a_condition_names_a_column_and_a_value(condition):
    with pytest.raises(UsageError, match="workload=random-sum"):
        parsed([condition])
