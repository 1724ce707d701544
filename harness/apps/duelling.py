"""``chunkbench duel``: two versions, Pythons or settings, their start-ups in turn in one run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from harness.apps.answer_so_far import StoppedWithAnswer
from harness.core.duel_size import MOST_FALSE_ALARMS, PAIRS, ROUNDS
from harness.core.errors import Interrupted, UsageError
from harness.core.records import Case
from harness.reading.analysis.duel.differences import LEAST_RATIO
from harness.reading.ingest import read_results
from harness.reading.report.duelled.duel_answer import DuelAnswer
from harness.reading.report.duelled.duel_of_runs import duel_of_runs
from harness.running.executors import TOLD_BY
from harness.running.measure.duel.duelled import DuelPlan, measure_duel
from harness.running.measure.duel.sides import DuelSide, parse_side
from harness.running.measure.environment.built_environment import built
from harness.running.measure.environment.requirements import name_of, parse_requirements, split_list
from harness.running.measure.sweep.ports import Progress
from harness.running.plan.case_name import parse_case
from harness.running.plan.sweep import usable_workers

TASKS = 400
"""Of the empty task, where no case is named: what a task costs is the question then."""


def duel(
    a: str,
    b: str,
    words: Sequence[str] = (),
    *,
    results: Path,
    pairs: int = PAIRS,
    rounds: int = ROUNDS,
    seconds: float | None = None,
    most_false_alarms: float = MOST_FALSE_ALARMS,
    least_ratio: float = LEAST_RATIO,
    machine_name: str | None = None,
    report: Callable[[Progress], None] = lambda progress: None,
    say: Callable[[str], None] = lambda line: None,
) -> DuelAnswer:
    """Measure side *a* against side *b*, and judge what differs.

    Parameters
    ----------
    a, b : str
        Sides, see :func:`harness.running.measure.duel.sides.parse_side`.
    words : sequence of str
        Cases, see :func:`harness.running.plan.case_name.parse_case`; by default empty tasks on
        the engine that the sides name, or else on Dask.
    results : Path
        Results folder; the two journals stay there.
    pairs, rounds : int
        Pairs of start-ups, and rounds of each start-up.
    seconds : float, optional
        For all of it: ends it early, from the third pair on.
    most_false_alarms : float
        Of the whole duel, where the sides are equal.
    least_ratio : float
        A difference below it raises no alarm.
    machine_name : str, optional
    report, say : callable
        Told of progress, and in one line of what is built.

    Raises
    ------
    UsageError
        Where a side, a case or a number is not what it should be.
    StoppedWithAnswer
        On Ctrl-C, SIGTERM or SIGHUP; it carries the answer so far.
    ChunkbenchError
        With one line that says what to do.
    """
    if pairs < 1 or rounds < 1:
        raise UsageError("a duel needs at least 1 pair of start-ups and 1 round")
    if not 0 < most_false_alarms < 1:
        raise UsageError(f"a chance of {most_false_alarms} is none: give one such as 0.05 or 0.01")
    cases = duel_cases((a, b), words)
    executors = list(dict.fromkeys(case.executor for case in cases))
    sides: list[DuelSide] = [
        parse_side(text, lambda named, base: built(named, executors, python=base, say=say))
        for text in (a, b)
    ]
    plan = DuelPlan((sides[0], sides[1]), cases, pairs, rounds, seconds)
    began: list[tuple[Path, Path]] = []
    try:
        journals = measure_duel(
            plan, results, machine_name=machine_name, report=report, begun=began.append
        )
    except Interrupted as stop:
        if not began:
            raise
        so_far = read_duel(began[0], most_false_alarms, least_ratio)
        raise StoppedWithAnswer(str(stop), so_far) from None
    return read_duel(journals, most_false_alarms, least_ratio)


def read_duel(
    journals: tuple[Path, Path], most_false_alarms: float, least_ratio: float = LEAST_RATIO
) -> DuelAnswer:
    """The answer that two journals hold, without measuring anything.

    Raises
    ------
    InputError
        Where they are not the two sides of one duel.
    """
    first, second = map(read_results, journals)
    return duel_of_runs(first, second, most_false_alarms, least_ratio)


def duel_cases(sides: tuple[str, str], words: Sequence[str]) -> tuple[Case, ...]:
    """The cases that *words* name; without any, empty tasks on the engines of the *sides*.

    Raises
    ------
    UsageError
        For a word that is no case.
    """
    cores = usable_workers()
    if words:
        return tuple(dict.fromkeys(parse_case(word, cores) for word in words))
    named = {_package(part) for side in sides for part in split_list(side)}
    package = next((name for name in TOLD_BY if name in named), "dask")
    chosen = TOLD_BY[package]
    return tuple(parse_case(f"empty-task/{name}/chunk=1/size={TASKS}", cores) for name in chosen)


def _package(part: str) -> str | None:
    try:
        return name_of(parse_requirements(part)[0])
    except UsageError:
        return None
