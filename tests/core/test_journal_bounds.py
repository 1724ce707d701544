"""Numbers that cannot be are refused where a trace is read, too."""

from __future__ import annotations

import pytest

from harness.core.errors import InputError
from harness.core.trace_format import read_trace
from tests.reading.analysis.traces import PLANTED, trace


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
