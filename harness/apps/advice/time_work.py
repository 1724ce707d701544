"""Time what a forecast rests on: the work at some chunk sizes, and the costs of the engine."""

from __future__ import annotations

from time import monotonic
from typing import NamedTuple

import numpy as np

from harness.apps.advice.affordable_cuts import SHARE, sample_affordable
from harness.apps.advice.described_work import DescribedWork
from harness.apps.advice.ways_to_cut import auto_cut, ways_to_cut
from harness.core import units
from harness.core.progress_step import Step
from harness.reading.analysis.beyond.timed_parts import EmptyCalls
from harness.reading.report.advice.advice_words import chunks_text
from harness.running.measure.own.own_calls import EMPTY_TASKS
from harness.running.measure.own.own_processes import OutOfTime
from harness.running.measure.own.own_records import Cut, Rounds, Sample
from harness.running.measure.own.own_rounds import Parts
from harness.running.measure.own.own_work import OwnWork

ROUNDS = 7
MOST_TIMED_CUTS = 6
"""The cuts between those that are timed are held out, for the check."""
DEAR = 0.1
"""Of the time left: a longer piece is not run on all cores as well."""
OVER = 0.4
"""By such a share of the budget a call may overrun it before it is ended."""


class TimedWork(NamedTuple):
    """All that was timed of a work.

    Attributes
    ----------
    cuts : list of Cut
        They rise in their number of chunks; if *auto*, the last is Dask's own and stands apart.
    auto : bool
    timed_cuts : list of int
        Places in *cuts* of those that were timed.
    samples : list of Sample
        One for each of *timed_cuts*.
    reference : int
        Place in *cuts* of the one whose serial run is the unit.
    rounds : Rounds
    engine : EmptyCalls
    asked : int
        How many rounds were asked for; time may have ended them earlier.
    notes : list of str
        What was left out.
    """

    cuts: list[Cut]
    auto: bool
    timed_cuts: list[int]
    samples: list[Sample]
    reference: int
    rounds: Rounds
    engine: EmptyCalls
    asked: int
    notes: list[str] = []  # noqa: RUF012 - never changed

    @property
    def unit(self) -> float:
        """Seconds of a serial run of the reference: all times of rounds are in this unit."""
        return float(np.median(self.rounds.reference_seconds))


def time_work(
    own: OwnWork,
    work: DescribedWork,
    *,
    workers: int,
    cores: float,
    began: float,
    budget_seconds: float,
    memory_bytes: float,
    check: bool,
    check_all: bool,
    rounds: int,
    step: Step,
) -> TimedWork:
    """Survey every cut, and time some of them and the engine, within the budget.

    What is begun is ended, so that the whole takes at most half as long again.

    Parameters
    ----------
    own : OwnWork
        The processes that run the work.
    work : DescribedWork
    workers : int
        The most workers.
    cores : float
        Usable cores.
    began : float
        The moment of ``monotonic`` from which the budget counts.
    budget_seconds : float
        For all that is done; where starting the processes takes most of it, half of it is for
        timing all the same. A check has as much again.
    memory_bytes : float
        No cut that needs more is tried.
    check : bool
        Also run the whole at the cuts that are held out, or at all where none is.
    check_all : bool
        With *check*, run the whole at every cut.
    rounds : int
        Every part is timed in each of them, in fewer where they take too long.
    step : Step
        Is told how far it is.

    Raises
    ------
    OutOfTime
        Where nothing can be said within the budget.
    """
    copies, engines = counts(workers), sorted({1, workers})
    several = cores >= 2
    ways = [pin for pin in ("1", "cores") if work.against and (pin == "1" or several)]
    look_seconds = budget_seconds / 4
    found, notes = ways_to_cut(own, work, memory_bytes, workers, look_seconds, step)
    own.warm_up(engines, ways)
    until = max(began + budget_seconds, monotonic() + budget_seconds / 2)
    own.patience.until = until + OVER * budget_seconds
    own.patience.least = budget_seconds / 2
    cuts = _at_most(2 * MOST_TIMED_CUTS - 1, found)
    runs = MOST_TIMED_CUTS * (2 + sum(1 + p for p in copies)) + len(cuts) + 1 + 4 * len(engines)
    left = until - monotonic()
    run_seconds = SHARE * left / (2 * MOST_TIMED_CUTS + rounds * 2 * runs)  # twice: one untimed
    sampled = sample_affordable(
        own,
        cuts,
        every_other(len(cuts)),
        copies=copies,
        rounds=rounds,
        run_seconds=run_seconds,
        until=until,
        step=step,
    )
    coarsest = sampled.places[0]
    if coarsest:
        notes.append(
            f"a task of chunks {chunks_text(cuts[coarsest - 1].spec)} or larger takes too long to "
            "be timed over and over within the budget: they were left out; give a longer --budget"
        )
    cuts = cuts[coarsest:]
    timed, reference = [i - coarsest for i in sampled.places], sampled.reference - coarsest
    auto = auto_cut(own, work)
    all_cuts = [*cuts, *([auto] if auto else [])]
    checked = [i for i in range(len(cuts)) if i not in timed or check_all] or timed
    on_all_cores: list[int] = []
    if several and not (work.by_hand or ways):
        longest = DEAR * (until - monotonic())
        piece = {i: sample.seconds for i, sample in zip(timed, sampled.samples)}
        on_all_cores = [i for i in sorted({0, reference}) if piece[i] < longest]
        if not on_all_cores:
            notes.append("not timed on all cores: a task takes too long for that")
    parts = Parts(
        cuts=all_cuts,
        timed=timed,
        reference=reference,
        at_once=copies,
        engines=engines,
        whole=checked if check else [],
        workers=workers,
        all_cores=on_all_cores,
        own_ways=ways,
    )
    if check:
        until += budget_seconds
        own.patience.until += budget_seconds
    try:
        measured = own.rounds(parts, rounds, until, step)
    except OutOfTime as error:
        serial = units.seconds(min(sample.serial_seconds for sample in sampled.samples))
        raise OutOfTime(
            f"not one round of timings was done within the budget of "
            f"{units.seconds(budget_seconds)}, as the whole takes about {serial} serially: {error}"
        ) from None
    done = len(measured.build[0])
    if done < rounds:
        enough = units.as_option(budget_seconds * rounds / done)
        notes.append(f"{done} of {rounds} rounds fitted into the budget: --budget {enough} for all")
    engine = EmptyCalls(EMPTY_TASKS, {p: np.array(each) for p, each in measured.empty.items()})
    return TimedWork(
        all_cuts,
        auto is not None,
        timed,
        sampled.samples,
        reference,
        measured,
        engine,
        rounds,
        notes,
    )


def _at_most(count: int, cuts: list[Cut]) -> list[Cut]:
    """Take *count* of the cuts, evenly spread, where there are more."""
    if len(cuts) <= count:
        return cuts
    return [cuts[i] for i in np.linspace(0, len(cuts) - 1, count).round().astype(int)]


def every_other(n: int) -> list[int]:
    """The places of every other one of *n* cuts, and of both ends."""
    return sorted({*range(0, n, 2), n - 1})


def counts(workers: int) -> list[int]:
    """Numbers of copies to run at once: by factors of two up to *workers*."""
    powers = [2**power for power in range(1, max(1, workers).bit_length()) if 2**power < workers]
    return [*powers, workers] if workers > 1 else []
