from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.reading.report.formats.lined_up import by_rich, lined_up, narrowed, room
from harness.reading.report.shown.plain import WIDTH, plain_text

NAMES = ("chunk", "time", "overhead per task", "verdict", "in words", "CPU of job")
WORD = st.text("abcxyz-.[]%µ≥0123456789", min_size=1, max_size=9)
CELL = st.lists(WORD, max_size=12).map(" ".join)


@st.composite
def made_tables(draw):
    columns = tuple(draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=5)))
    row = st.tuples(*(CELL for _ in columns))
    return columns, draw(st.lists(row, min_size=1, max_size=4)), draw(st.booleans())


def widths_of(columns, rows, headed):
    shown = [columns, *rows] if headed else rows
    return [max(map(len, column)) for column in zip(*shown)]


@given(made_tables())
def test_rich_lays_a_table_out_the_same(table):
    """Where every column may wrap, and where only the last one may."""
    columns, rows, headed = table
    own = widths_of(columns, rows, headed)
    *fixed, last = own
    layouts: list[tuple[list[int], list[int]]] = [([], narrowed(own, room(len(own))))]
    if sum(fixed) + 20 <= room(len(own)):
        layouts.append((fixed, [*fixed, min(last, room(len(own)) - sum(fixed))]))
    for kept, widths in layouts:
        lines = lined_up(columns, rows, widths, headed=headed)
        if lines is not None:
            assert plain_text([lines]) == plain_text([by_rich(columns, rows, kept, headed=headed)])


def test_words_that_are_too_long_and_wide_signs_are_left_to_rich():
    assert lined_up(("verdict",), [("overhead exceeds gain",)], [7], headed=False) is None
    assert lined_up(("verdict",), [("語",)], [9], headed=False) is None
    assert lined_up(("verdict",), [("a\tb",)], [9], headed=False) is None


def test_a_row_takes_as_many_lines_as_its_longest_cell():
    text = lined_up(("chunk", "verdict"), [("10", "overhead exceeds gain")], [5, 14], headed=True)
    assert text is not None
    assert text.split("\n") == [
        "",
        " chunk  verdict",
        f" {'─' * 22}",
        "    10  overhead",
        "        exceeds gain",
        "",
    ]


@given(st.lists(st.integers(1, 200), min_size=1, max_size=9))
def test_the_widest_columns_are_narrowed(widths):
    given_widths = narrowed(widths, WIDTH)
    assert sum(given_widths) == min(sum(widths), WIDTH)
    assert all(given <= width for given, width in zip(given_widths, widths))
    cut = [given for given, width in zip(given_widths, widths) if given < width]
    assert not cut or all(width <= min(cut) + 1 for width in given_widths)


def test_no_column_gets_less_than_nothing():
    assert narrowed([1, 0, 2], -5) == [0, 0, 0]
