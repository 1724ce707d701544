"""One example of the exercise: its record, and its line in the answer's table."""

from __future__ import annotations

from harness.core import units
from harness.core.records import Estimate, Record, Status, Verdict
from harness.reading.report.shown import cells

SHOWN_AS = {
    "many": "1 many chunks",
    "few": "2 few chunks",
    "numpy": "3 NumPy, matched",
    "numpy-as-written": "3 NumPy, as written",
    "best": "best chunk",
}
"""Name of an example, as in the JSON, to what people read."""

COLUMNS = ("example", "chunk", "tasks", "time", "speed-up", "overhead/task", "verdict")
"""Columns of the answer's table."""

BASELINE = "baseline"
"""Shown instead of a verdict on the baseline itself, which has nothing to be judged against."""


class Example(Record):
    """One line of the answer; the verdicts are those of the table ``cases``."""

    example: str
    chunk: int | None
    n_chunks: int | None
    n_tasks: int | None
    seconds: Estimate
    speedup: Estimate
    overhead_us_per_task: Estimate | None
    verdict: str | None
    verdict_vs_all_cores: str | None
    status: str
    reason: str | None

    @property
    def beats_numpy(self) -> bool:
        """Whether it pays against NumPy on one thread and on all cores, too (rule 1)."""
        return self.verdict == Verdict.PAYS and self.verdict_vs_all_cores == Verdict.PAYS


def table_line(example: Example, *, time_interval: bool = False) -> tuple[str, ...]:
    """*example* as the cells of :data:`COLUMNS`; its time with an interval only if asked for."""
    seconds, cost = example.seconds, example.overhead_us_per_task
    return (
        SHOWN_AS[example.example],
        units.count(example.chunk) if example.n_tasks else cells.ABSENT,
        units.count(example.n_tasks),
        cells.with_interval(seconds, units.seconds)
        if time_interval
        else units.seconds(seconds.point),
        cells.with_interval(example.speedup, units.ratio),
        cells.with_interval(cost, units.seconds, 1e-6) if cost else cells.ABSENT,
        _verdict(example),
    )


def _verdict(example: Example) -> str:
    if example.example == "numpy" and example.status == Status.OK:
        return BASELINE
    return cells.verdict(example.model_dump())
