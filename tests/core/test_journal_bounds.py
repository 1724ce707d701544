"""What cannot be in a journal or a trace is refused where it is read."""

from __future__ import annotations

import pytest

from harness.core.errors import InputError
from harness.core.records import Pair
from harness.core.trace_format import read_trace
from harness.reading.ingest import read_journal, read_results
from tests.reading.analysis.traces import PLANTED, trace
from tests.reading.ingest.builders import sweep, write_journal


@pytest.mark.parametrize(
    ("part", "field", "value"),
    [(None, "lanes", 0), ("case", "workers", 0), ("calls", "seconds", -1.0)],
)
def test_a_number_of_a_trace_out_of_bounds_is_one_line(tmp_path, part, field, value):
    content = trace(PLANTED).model_dump(mode="json")
    of = content if part is None else content[part]
    (of[0] if isinstance(of, list) else of)[field] = value
    path = tmp_path / "trace.json"
    path.write_text(trace(PLANTED).model_dump_json())
    read_trace(path)
    path.write_text(type(trace(PLANTED)).model_validate(content).model_dump_json())
    with pytest.raises(InputError, match=f"trace.json: field '{field}' is"):
        read_trace(path)


@pytest.mark.parametrize("field", ["parallel_seconds", "round"])
def test_a_pair_marked_ok_without_what_it_needs_is_one_line(tmp_path, field):
    """Named by file and line, whichever way pairs are read."""
    lines = sweep()
    at = next(number for number, line in enumerate(lines) if isinstance(line, Pair))
    lines[at] = lines[at].model_copy(update={field: None})
    path = write_journal(tmp_path, lines)
    with pytest.raises(InputError, match=rf"line {at + 1}: field '{field}' is missing"):
        read_journal(path)
    with pytest.raises(InputError, match=rf"line {at + 1}: field '{field}' is missing"):
        read_results(tmp_path)
