"""The answer to "which of the two is faster?": a record that prints itself."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from harness.core import units
from harness.core.records import Estimate, Record
from harness.core.units import plural
from harness.reading.analysis.duel.alarm_rates import difference_sought
from harness.reading.report.shown.cells import ABSENT, with_interval
from harness.reading.report.shown.plain import plain_text

WIDTH = 128
SECONDS, OVER_BASELINE = "seconds", "time over its baseline"


class DuelRow(Record):
    """One case on both sides.

    Attributes
    ----------
    case : str
        Its name, as A runs it.
    judged_by : str
        ``time over its baseline`` where both sides have the same baseline, else ``seconds``; in
        rows of several chunks together ``METG(50 %)`` and ``break-even chunk``.
    ratio : Estimate
        What it is judged by, B over A; ``n`` counts pairs of start-ups.
    seconds_ratio, baseline_ratio : Estimate
        The same of its seconds, and of those of its baseline.
    p : float or None
        That the ratio is 1.
    verdict : str
        ``faster`` or ``slower`` (B than A), ``equal``, ``undetermined``; or a status.
    reason : str or None
        Why there is no result.
    seconds_a, seconds_b : float or None
        Median of a call, in s.
    overhead_us_per_task_a, overhead_us_per_task_b : float or None
    n_tasks_a, n_tasks_b : int or None
    """

    case: str
    judged_by: str
    ratio: Estimate
    seconds_ratio: Estimate
    baseline_ratio: Estimate
    p: float | None
    verdict: str
    reason: str | None = None
    seconds_a: float | None = None
    seconds_b: float | None = None
    overhead_us_per_task_a: float | None = None
    overhead_us_per_task_b: float | None = None
    n_tasks_a: int | None = None
    n_tasks_b: int | None = None

    @property
    def title(self) -> str:
        """The case, and what is judged of it where that is not its time."""
        return self.case if self.is_time else f"{self.case}, {self.judged_by}"

    @property
    def not_shown(self) -> str:
        """Why a figure of several chunks has no ratio."""
        return f"not every start-up shows its {self.judged_by} among these chunks: name more"

    @property
    def is_time(self) -> bool:
        """Whether it is judged by the time of a call, and not by a figure of several chunks."""
        return self.judged_by in (SECONDS, OVER_BASELINE)


class DuelAnswer(Record):
    """What a duel says.

    Attributes
    ----------
    a, b : str
        The sides as they were named.
    environment_a, environment_b : str
        What they measured on.
    rows : list of DuelRow
    pairs, rounds : int
        Pairs of start-ups that were planned, and rounds of each start-up.
    most_false_alarms : float
        Asked for, of the whole duel.
    least_ratio : float
        Below it there is no alarm.
    false_alarms, found : float or None
        Of simulated duels with this spread: of equal sides those with an alarm, and with a
        difference twice as far from 1 as *least_ratio* those that find it.
    simulated : int
    seconds_spent : float or None
    runs : list of str
        Of A and of B.
    """

    a: str
    b: str
    environment_a: str
    environment_b: str
    rows: list[DuelRow]
    pairs: int
    rounds: int
    most_false_alarms: float
    least_ratio: float
    false_alarms: float | None
    found: float | None
    simulated: int
    seconds_spent: float | None
    runs: list[str]

    @property
    def sentences(self) -> list[str]:
        """The answer in words: what differs, what does not, and how sure that is."""
        return [*map(self._of_row, self.rows), *self.rates()]

    def _of_row(self, row: DuelRow) -> str:
        if row.reason is not None:
            return f"{row.case}: {row.verdict}: {row.reason}."
        ratio = with_interval(row.ratio, units.ratio)
        what = {SECONDS: "the time", OVER_BASELINE: "the time, over its baseline,"}
        times = f"{ratio} times {what.get(row.judged_by, f'the {row.judged_by}')} of A"
        takes = f"takes {times}" if row.is_time else f"has {times}"
        said = {
            "slower": f"B is slower: it {takes}",
            "faster": f"B is faster: it {takes}",
            "equal": f"A and B are equal within 5 %: {ratio}",
        }.get(row.verdict)
        if said is None and row.ratio.low is None:
            said = f"undetermined, by {plural(row.ratio.n, 'pair')} of start-ups alone"
            if not row.is_time:
                said = row.not_shown
        elif said is None:
            least = f"{self.least_ratio - 1:.0%}"
            said = f"no difference from {least} on is shown: B {takes}"
        return f"{row.title}: {said}."

    def rates(self) -> Iterator[str]:
        """How often such a duel is wrong here, and what it finds."""
        if self.false_alarms is None or self.found is None:
            yield "too few pairs of start-ups to judge by: 3 at the least, 8 is the default."
            return
        duels = f"{units.count(self.simulated)} simulated duels"
        yield (
            f"false alarms: {self.false_alarms:.1%} of {duels} of two equal sides with the spread "
            f"of this one ({self.most_false_alarms:.1%} asked for); a difference of "
            f"{difference_sought(self.least_ratio) - 1:.0%} is found in {self.found:.0%}."
        )

    def text(self, width: int = WIDTH) -> str:
        """The answer for people."""
        return plain_text(self._parts(), width)

    def _parts(self) -> Iterator[RenderableType]:
        yield Text(f"A: {self.a} ({self.environment_a})\nB: {self.b} ({self.environment_b})\n")
        table = Table(box=None, pad_edge=False, show_edge=False, padding=(0, 2, 0, 0))
        heads = ("case", "tasks", "A", "B", "A, us/task", "B, us/task", "B over A", "verdict")
        for head in heads:
            table.add_column(head, justify="left" if head in ("case", "verdict") else "right")
        for row in self.rows:
            tasks = dict.fromkeys(str(n) for n in (row.n_tasks_a, row.n_tasks_b) if n is not None)
            table.add_row(
                row.title,
                ", ".join(tasks) or ABSENT,
                units.seconds(row.seconds_a),
                units.seconds(row.seconds_b),
                units.ratio(row.overhead_us_per_task_a),
                units.ratio(row.overhead_us_per_task_b),
                with_interval(row.ratio, units.ratio),
                row.verdict,
            )
        yield table
        yield Text("\n" + "\n".join(self.sentences) + "\n")
        done = max((row.ratio.n for row in self.rows), default=0)
        spent = f", {units.seconds(self.seconds_spent)} in all" if self.seconds_spent else ""
        judged = {row.judged_by for row in self.rows if row.is_time}
        yield Text(
            f"{plural(done, 'pair')} of start-ups in turn (A B B A), "
            f"{plural(self.rounds, 'round')} each, "
            f"95 % intervals of t over the pairs, judged by {' and '.join(sorted(judged))}{spent}"
        )
        yield Text(f"runs: {' and '.join(self.runs)}")
