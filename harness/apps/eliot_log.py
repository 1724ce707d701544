"""Log the tasks of what a run has measured with eliot, and say what that costs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from harness.core.errors import Interrupted, UsageError
from harness.core.journal_format import read_lines
from harness.core.records import Case, Pair, Status
from harness.reading.report.log_costs import LeftOut, LogCost, LogCosts, log_cost
from harness.running.executors import lookup
from harness.running.measure.sweep.ports import Progress
from harness.running.measure.trace.logged_rounds import LoggedCase
from harness.running.measure.trace.logging_cases import NotLogged, log_cases


@contextmanager
def new_log(path: Path) -> Iterator[BinaryIO]:
    """A new file at *path*, which is removed again where nothing has been written to it.

    Raises
    ------
    UsageError
        Where there is something already.
    OSError
        Where it cannot be written.
    """
    try:
        log = path.open("xb")
    except FileExistsError:
        raise UsageError(
            f"{path} exists, and a log is not added to another: give --eliot a new name"
        ) from None
    try:
        with log:
            yield log
    finally:
        if not path.stat().st_size:
            path.unlink()


def check_executors(names: Sequence[str]) -> None:
    """Refuse to measure for a log where none of the executors that were named has tasks for it.

    Raises
    ------
    UsageError
        With what is in the way.
    """
    reasons = {name: lookup(name).unlogged() for name in names}
    if reasons and all(reasons.values()):
        words = "; ".join(f"{name}: {reason}" for name, reason in reasons.items())
        raise UsageError(f"--eliot would log nothing: {words}: name one of Dask's executors")


def log_measured(
    journals: Iterable[Path],
    log: BinaryIO,
    *,
    seconds: float | None = None,
    report: Callable[[Progress], None] = lambda progress: None,
) -> LogCosts:
    """Log each case of *journals* that has a result, by calls of its own.

    Parameters
    ----------
    journals : iterable of Path
    log : file
        Gets one call of each case.
    seconds : float, optional
        After so long no further case is begun.
    report : callable
        Told of progress.

    Raises
    ------
    InputError
        Where a journal is broken.
    Interrupted
        On Ctrl-C, SIGTERM or SIGHUP; what was logged stays in *log*.
    """
    costs: list[LogCost] = []
    left_out: list[NotLogged] = []

    def tell(found: LoggedCase | NotLogged) -> None:
        if isinstance(found, NotLogged):
            left_out.append(found)
            return
        log.writelines(found.lines)
        log.flush()
        costs.append(log_cost(found.case, found.tasks, found.logged, found.unlogged))

    try:
        log_cases(measured_cases(journals), tell, seconds=seconds, report=report)
    except KeyboardInterrupt:
        raise Interrupted(
            f"stopped: the sweep is whole, {log.name} has the calls of {len(costs)} of its cases"
        ) from None
    return LogCosts(file=log.name, costs=costs, left_out=_by_reason(left_out))


def measured_cases(journals: Iterable[Path]) -> list[Case]:
    """The cases of *journals* that have a result, each once: those that need no cluster and have
    few tasks before others."""
    records = (record for path in journals for record in read_lines(path))
    pairs = (each for each in records if isinstance(each, Pair) and each.status is Status.OK)
    return sorted(
        {pair.case for pair in pairs},
        key=lambda case: (
            lookup(case.executor).kind == "cluster",
            *(case.workload, case.executor, case.workers, case.pin),
            -case.chunk,
        ),
    )


def _by_reason(left_out: Sequence[NotLogged]) -> list[LeftOut]:
    by_reason: dict[str, list[Case]] = {}
    for case, reason in left_out:
        by_reason.setdefault(reason, []).append(case)
    return [
        LeftOut(
            executors=list(dict.fromkeys(case.executor for case in cases)),
            cases=len(cases),
            reason=reason,
        )
        for reason, cases in by_reason.items()
    ]
