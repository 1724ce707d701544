"""What is new in one answer of a run after another: the examples that were decided since."""

from __future__ import annotations

from harness.reading.report.exercise.answer_record import Answer
from harness.reading.report.exercise.answer_sentences import outcome
from harness.reading.report.exercise.example import SHOWN_AS


class NewlyDecided:
    """Says of each example once what it came to, and again where that changes."""

    def __init__(self) -> None:
        self._said: dict[str, tuple[str | None, str]] = {}

    def __call__(self, answer: Answer) -> list[str]:
        """A line for each example of *answer* that is decided and was not, or not so."""
        lines = []
        for row in answer.rows:
            known = row.verdict, row.status
            if row.is_decided and row.example != "numpy" and self._said.get(row.example) != known:
                self._said[row.example] = known
                lines.append(f"{SHOWN_AS[row.example]}: {outcome(row)}")
        return lines
