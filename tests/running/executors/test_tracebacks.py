"""Errors that an engine makes a text of are told by their own type and message."""

from __future__ import annotations

import pytest

from harness.running.executors.tracebacks import raised_in

SAID = """Task 3 has failed:
Traceback (most recent call last):
  File "job.py", line 8, in mapper
    raise ValueError("not this line")
{line}
"""


@pytest.mark.parametrize(
    ("line", "kind", "text"),
    [
        ("ValueError: no such luck", "ValueError", "no such luck"),
        ("MemoryError", "MemoryError", ""),
        ("package.module.OwnError: it failed", "OwnError", "it failed"),
        (
            "UnicodeDecodeError: 'utf-8' codec",
            "RuntimeError",
            "UnicodeDecodeError: 'utf-8' codec",
        ),
    ],
)
def test_an_error_is_read_of_the_last_line_of_its_traceback(line, kind, text):
    found = raised_in(SAID.format(line=line))
    assert found is not None
    assert (type(found).__name__, str(found)) == (kind, text)


def test_a_text_without_a_traceback_has_none():
    assert raised_in("ValueError: by somebody else") is None
