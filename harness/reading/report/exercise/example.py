"""One example of the exercise: its record, and its line in the answer's table."""

from __future__ import annotations

from collections.abc import Callable

from harness.core import units
from harness.core.records import Estimate, Record, Status, Verdict
from harness.reading.report.exercise.ratio_words import measured_ratio
from harness.reading.report.shown import cells

SHOWN_AS = {
    "many": "1 many chunks",
    "few": "2 few chunks",
    "numpy": "3 NumPy, matched",
    "numpy-as-written": "3 NumPy, as written",
    "best": "best chunk",
}
"""Name of an example, as in the JSON, to what people read."""

COLUMNS = ("example", "chunk", "tasks", "time", "speed-up", "overhead/task", "rounds", "verdict")
"""Columns of the answer's table."""

BASELINE = "baseline"
"""Shown instead of a verdict on the baseline itself, which has nothing to be judged against."""

NOT_MEASURED = "not measured"
"""Status of an example of which the journal does not have a line."""


class Example(Record):
    """One line of the answer; the verdicts are those of the table ``cases``.

    Attributes
    ----------
    rounds : int
        Paired rounds with a result.
    speedup_least, speedup_most : float or None
        The speed-up in the worst and in the best of these rounds.
    status, reason : str, str or None
        ``ok``; or what became of it instead, and why.
    """

    example: str
    chunk: int | None
    n_chunks: int | None
    n_tasks: int | None
    seconds: Estimate
    speedup: Estimate
    overhead_us_per_task: Estimate | None
    verdict: str | None
    verdict_vs_all_cores: str | None
    rounds: int = 0
    speedup_least: float | None = None
    speedup_most: float | None = None
    status: str
    reason: str | None

    @property
    def beats_numpy(self) -> bool:
        """Whether it pays against NumPy on one thread and on all cores, too (rule 1)."""
        return self.verdict == Verdict.PAYS and self.verdict_vs_all_cores == Verdict.PAYS

    @property
    def is_cut(self) -> bool:
        """Whether it is cut into chunks: those that NumPy computes as a whole are not."""
        return not self.example.startswith("numpy")

    @property
    def ratio_of_rounds(self) -> str:
        """What its rounds gave, in plain words."""
        return measured_ratio(self.speedup_least, self.speedup_most, self.rounds)

    @property
    def is_decided(self) -> bool:
        """Whether there is nothing to wait for: a verdict, or the reason why there is none."""
        if self.status == Status.OK:
            return self.verdict not in (None, Verdict.UNDETERMINED)
        return self.status != NOT_MEASURED


def table_line(example: Example, *, time_interval: bool = False) -> tuple[str, ...]:
    """*example* as the cells of :data:`COLUMNS`; its time with an interval only if asked for."""
    seconds, cost = example.seconds, example.overhead_us_per_task
    return (
        SHOWN_AS[example.example],
        units.count(example.chunk) if example.is_cut else cells.ABSENT,
        units.count(example.n_tasks),
        cells.with_interval(seconds, units.seconds)
        if time_interval
        else units.seconds(seconds.point),
        _as_known(example.speedup, units.ratio),
        _as_known(cost, units.seconds, 1e-6) if cost else cells.ABSENT,
        str(example.rounds) if example.rounds else cells.ABSENT,
        _verdict(example),
    )


def _as_known(known: Estimate, show: Callable[[float | None], str], scale: float = 1.0) -> str:
    """An estimate; without an interval the point alone, beside which the rounds stand."""
    if known.low is None and known.point is not None:
        return show(scale * known.point)
    return cells.with_interval(known, show, scale)


def _verdict(example: Example) -> str:
    if example.status != Status.OK:
        return example.status
    if example.example == "numpy":
        return BASELINE
    if example.verdict == Verdict.UNDETERMINED and example.rounds:
        return f"undetermined: {example.ratio_of_rounds}"
    return cells.verdict(example.model_dump())
