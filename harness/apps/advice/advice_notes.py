"""Notes of the advice: what was left out, and what it does not know."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

import numpy as np

from harness.apps.advice.described_work import DescribedWork
from harness.apps.advice.time_work import TimedWork
from harness.apps.advice.ways_to_cut import MOST_TASKS
from harness.core import units
from harness.core.units import plural
from harness.reading.analysis.verdict.moderated import MIN_MODERATED
from harness.reading.report.advice.choices import Choice
from harness.running.measure.own.own_records import Cut

MOST_UNSEEN = 0.1
"""With a larger share of the tasks unseen, what the work takes is not known."""


def notes_of(work: DescribedWork, timed: TimedWork, no_auto: bool) -> list[str]:
    """What to know of what was timed; *no_auto*: Dask's own choice has no forecast."""
    notes = []
    if timed.auto and no_auto:
        cut = timed.cuts[-1]
        beyond = f"{cut.n_tasks} tasks" if cut.n_tasks > MOST_TASKS else "beyond what was timed"
        notes.append(
            f"Dask's own chunks='auto' gives {plural(cut.n_chunks, 'chunk')}, {beyond}: no forecast"
        )
    if work.by_hand:
        notes.append(
            "what copies at once do is measured with sines that take as long, not with your work"
        )
    elif not work.numpy and any(sample.gather_seconds is None for sample in timed.samples):
        unseen = unseen_share(timed)
        share = f"{unseen:.0%}".replace("%", " %")
        counted = f"; up to {share}, of other kinds, counted as nothing" if unseen else ""
        untold = ", too much for a verdict on those" if unseen > MOST_UNSEEN else ""
        notes.append(
            "the whole takes too long to be run once at every chunk size: its first tasks stand "
            f"for all{counted}{untold}; putting the answer together is not in the forecast"
        )
    done = len(next(iter(timed.rounds.build.values())))
    if done < MIN_MODERATED:
        notes.append("one round shows no spread: no interval, and no verdict")
    return notes


def unseen_share(timed: TimedWork, cut: Cut | None = None) -> float:
    """The share of the tasks whose like was never run, where it is largest: of the timed cuts
    between which *cut* lies, and of the one that the serial time is of, or else of all of them."""
    cuts = [timed.cuts[i] for i in timed.timed_cuts]
    shares = [each.unseen_tasks / one.n_tasks for each, one in zip(timed.samples, cuts)]
    if cut is None:
        return max(shares)
    at = [one.n_chunks for one in cuts]
    first, last = bisect_right(at, cut.n_chunks) - 1, bisect_left(at, cut.n_chunks)
    used = {max(first, 0), min(last, len(at) - 1)}
    if not timed.rounds.own_way:
        serial = [float(np.median(timed.rounds.serial[i])) for i in timed.timed_cuts]
        used.add(serial.index(min(serial)))
    return max(shares[i] for i in used)


def too_much_memory(left_out: int, worker_bytes: float) -> list[str]:
    """Say how many chunk sizes need more memory than a worker has."""
    if not left_out:
        return []
    need = "needs" if left_out == 1 else "need"
    sizes = f"{plural(left_out, 'chunk size')} {need} more than the {units.size(worker_bytes)}"
    return [f"{sizes} of a worker: not recommended"]


def doubts(chosen: Choice) -> list[str]:
    """Say why a forecast is not believed."""
    if chosen.n_tasks <= MOST_TASKS:
        return []
    tasks = f"forecasts of more than {MOST_TASKS} tasks are 15 to 35 % too low, and this one has"
    return [f"{tasks} {chosen.n_tasks}: it is not said to pay; --check runs it"]
