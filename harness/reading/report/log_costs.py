"""What logging the tasks of cases costs: a record that prints itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from harness.core import units
from harness.core.records import Case, Estimate, Record
from harness.core.units import plural
from harness.reading.analysis.verdict.estimates import median_interval
from harness.reading.report.shown.cells import with_interval
from harness.reading.report.shown.plain import plain_text

WIDTH = 128


class LogCost(Record):
    """What the log of one case costs.

    Attributes
    ----------
    case : Case
    tasks : int
        That the log has of it.
    seconds : Estimate
        A call without the log, in s.
    ratio : Estimate
        How many times as long a call takes with it, over the pairs.
    seconds_per_task : Estimate
        What it adds for each task, in s.
    """

    case: Case
    tasks: int
    seconds: Estimate
    ratio: Estimate
    seconds_per_task: Estimate


class LeftOut(Record):
    """Cases that are not in the log, by their executors, and why."""

    executors: list[str]
    cases: int
    reason: str


class LogCosts(Record):
    """What a log holds and costs, and what it leaves out.

    Attributes
    ----------
    file : str
    costs : list of LogCost
    left_out : list of LeftOut
    """

    file: str
    costs: list[LogCost]
    left_out: list[LeftOut]

    def text(self, width: int = WIDTH) -> str:
        """A line for each case, one for each reason to leave some out, and a sentence."""
        return plain_text(self._parts(), width)

    def _parts(self) -> Iterator[RenderableType]:
        groups: dict[tuple[str, int], dict[tuple[str, int, str], list[LogCost]]] = {}
        for cost in self.costs:
            case = cost.case
            alike = groups.setdefault((case.workload, case.size), {})
            alike.setdefault((case.executor, case.workers, case.pin), []).append(cost)
        for (workload, size), by_engine in groups.items():
            yield Text(f"{workload}, {units.count(size)} elements: without the log, and with it")
            yield self._table(by_engine)
            yield Text()
        for out in self.left_out:
            cases = plural(out.cases, "case")
            yield Text(f"not logged: {cases} of {', '.join(out.executors)}: {out.reason}")
        yield Text(self.sentence)

    @staticmethod
    def _table(by_engine: dict[tuple[str, int, str], list[LogCost]]) -> Table:
        table = Table(box=None, pad_edge=False)
        table.add_column("executor", no_wrap=True)
        for heading in (
            "workers",
            "pin",
            "chunk",
            "tasks",
            "a call",
            "with the log",
            "µs more/task",
        ):
            table.add_column(heading, justify="right", no_wrap=True)
        for (executor, workers, pin), costs in by_engine.items():
            for cost in costs:
                table.add_row(
                    executor,
                    str(workers),
                    pin,
                    units.count(cost.case.chunk),
                    units.count(cost.tasks),
                    units.seconds(cost.seconds.point),
                    f"x {with_interval(cost.ratio, units.ratio)}",
                    with_interval(cost.seconds_per_task, partial(units.in_unit, unit="µs")),
                )
        return table

    @property
    def sentence(self) -> str:
        """How much the log has, and what it costs where that can be told."""
        if not self.costs:
            return f"no case was logged, and {self.file} is not written"
        calls, tasks = len(self.costs), sum(cost.tasks for cost in self.costs)
        has = f"{self.file}: {plural(calls, 'call')} with {plural(tasks, 'task')}."
        rounds = f"({plural(min(cost.ratio.n for cost in self.costs), 'pair')}, 95 % intervals)"
        longer = [
            cost.ratio.point
            for cost in self.costs
            if cost.ratio.point is not None and cost.ratio.low is not None and cost.ratio.low > 1
        ]
        if not longer:
            return f"{has} That the log costs time cannot be told of any {rounds}."
        least, most = units.ratio(min(longer)), units.ratio(max(longer))
        times = least if least == most else f"{least} to {most}"
        rest = "" if len(longer) == calls else "; of the others it cannot be told"
        return (
            f"{has} With the log {len(longer)} of {calls} take longer, {times} times as long{rest} "
            f"{rounds}."
        )


def log_cost(case: Case, tasks: int, logged: Sequence[float], unlogged: Sequence[float]) -> LogCost:
    """What the log of *case* costs, by pairs of calls with and without it.

    Parameters
    ----------
    case : Case
    tasks : int
        Of one call, at least 1.
    logged, unlogged : sequence of float
        Seconds of both, a pair a place.

    Raises
    ------
    InputError
        Where a time is not finite.
    """
    with_log, without = np.asarray(logged, float), np.asarray(unlogged, float)
    return LogCost(
        case=case,
        tasks=tasks,
        seconds=median_interval(without),
        ratio=median_interval(with_log / without),
        seconds_per_task=median_interval((with_log - without) / tasks),
    )
