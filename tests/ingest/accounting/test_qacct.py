"""qacct listings: the lesson's figures, and any text gives records or one clear error."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.analysis.jobs import efficiency
from harness.errors import InputError
from harness.ingest.accounting.qacct import read_qacct

LESSON = (Path(__file__).parent / "lesson_qacct.txt").read_text()


def test_the_lessons_jobs_have_the_efficiency_worked_out_by_hand() -> None:
    rows = {row["job_id"]: row for row in map(efficiency, read_qacct(LESSON, "lesson"))}
    for job, share in (("3526684", 0.951), ("3524073", 0.873), ("3524046", 0.131)):
        assert rows[job]["cpu_efficiency"] == pytest.approx(share, abs=5e-4)
    assert "30 366 involuntary" in rows["3524046"]["findings"][0]


@given(
    st.text()
    | st.tuples(st.integers(0, len(LESSON)), st.text()).map(lambda c: LESSON[: c[0]] + c[1])
)
def test_any_text_gives_records_or_an_error_with_file_and_line(text: str) -> None:
    try:
        assert read_qacct(text, "f")
    except InputError as error:
        assert str(error).startswith("f:")  # noqa: PT017 - both outcomes are right
