"""sacct: the job line is the sum of its steps, and any text gives records or one clear error."""

from hypothesis import given
from hypothesis import strategies as st

from harness.errors import InputError
from harness.ingest.accounting.sacct import read_sacct

TEXT = """JobID|State|AllocCPUS|Elapsed|TotalCPU|MaxRSS|ReqMem|NNodes
7|COMPLETED|4|1-00:00:10|01:40.500||4000Mc|1
7.batch|COMPLETED|4|1-00:00:10|01:40.500|2048K||1
"""


def test_cpu_is_not_counted_twice_and_memory_is_the_largest_step() -> None:
    (job,) = read_sacct(TEXT, "f")
    assert (job.cpu_seconds, job.elapsed_seconds) == (100.5, 86410)
    assert (job.max_memory_bytes, job.requested_memory_bytes) == (2**21, 16000 * 2**20)


@given(
    st.text() | st.tuples(st.integers(0, len(TEXT)), st.text()).map(lambda c: TEXT[: c[0]] + c[1])
)
def test_any_text_gives_records_or_an_error_with_file_and_line(text: str) -> None:
    try:
        assert read_sacct(text, "f")
    except InputError as error:
        assert str(error).startswith("f:")  # noqa: PT017 - both outcomes are right
