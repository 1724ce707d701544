"""The tables stay the same, value by value, however they come to be made faster.

The expected ones were made by ``tests.reading.report.expected_tables`` with the code of commit
7d781049c549, which judged one case after the other with pandas. They may only be made again where a
rule changes, where results are committed, or where the generator of the runs does. One end of one
interval in the generated ``model`` was made again, 7e-10 of itself away, when samples were fitted
without singular values: which of three fits that are as good to 1e-14 is the best, rounding says.
The committed ``model``, ``residuals`` and ``forecast`` were made again when the control's unit came
to be taken from rounds that both have, and the rounds of a point to be counted.
"""

from __future__ import annotations

import math

import pytest

from harness.core import schema
from harness.reading.report.analysed import TABLES
from tests.reading.report.expected_tables import (
    COMMITTED,
    GENERATED,
    columns,
    expected,
    tables_of,
)

RELATIVE = 1e-12
OF_RATIOS_LESS_ONE = 1e-12
"""What is 0 but for rounding in the table ``residuals`` is another 1e-16 on another processor."""


@pytest.fixture(scope="module", params=[COMMITTED, GENERATED])
def made(request, tmp_path_factory):
    """Where the results are from, and their tables."""
    return request.param, tables_of(request.param, tmp_path_factory.mktemp("results"))


def is_same(value, before, table):
    if isinstance(value, float) and isinstance(before, float):
        least = OF_RATIOS_LESS_ONE if table == "residuals" else 0.0
        return math.isclose(value, before, rel_tol=RELATIVE, abs_tol=least)
    return type(value) is type(before) and value == before


@pytest.mark.parametrize("table", TABLES)
def test_a_table_is_what_it_was(made, table):
    """Floats to a relative 1e-12, all else exactly; columns, rows and dtypes in their order."""
    source, tables = made
    frame, before = tables[table], expected(source, table)
    assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == schema.dtypes(table)
    now = columns(frame)
    assert list(now) == list(before)
    assert {name: len(values) for name, values in now.items()} == {
        name: len(values) for name, values in before.items()
    }
    differ = {
        name: [
            (row, value, old)
            for row, (value, old) in enumerate(zip(now[name], before[name], strict=True))
            if not is_same(value, old, table)
        ]
        for name in now
    }
    assert {name: rows for name, rows in differ.items() if rows} == {}


def test_generated_runs_have_what_tables_tell_apart():
    """Or it would be nothing to stay the same."""
    cases = expected(GENERATED, "cases")
    assert {"ok", "skipped", "failed", "timeout", "out of memory", "wrong answer"} == {
        *cases["status"]
    }
    assert {"pays", "overhead exceeds gain", "equal", "undetermined", None} == {*cases["verdict"]}
    elsewhere = ("claims", "break_even_work")  # the committed claims, and planted families of work
    assert all(any(expected(GENERATED, name).values()) for name in TABLES if name not in elsewhere)
    assert {True, False} <= {*expected(GENERATED, "model")["accepted"]}
    assert {"found", "always pays", "never pays"} <= {*expected(GENERATED, "break_even")["status"]}
    assert {"higher", "lower"} & {*expected(GENERATED, "history")["change"]}
