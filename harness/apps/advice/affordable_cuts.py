"""Which cuts can be timed within the budget: short pieces first, so that none overruns it."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic
from typing import NamedTuple

from harness.core.progress_step import Step
from harness.running.measure.own.own_records import Cut, Sample
from harness.running.measure.own.own_work import OwnWork

LEAST_ROUNDS = 6
"""A cut is timed where so many rounds of it fit, or all that are asked for."""
SHARE = 0.5
"""Of the time left that the cuts may take; engines, builds and the reference take the rest."""
LOOK_SHARE = 0.35
"""Of the time left that may go into running each cut wholly, once or more."""


class Sampled(NamedTuple):
    """Cuts that were sampled, the number of chunks rising.

    Attributes
    ----------
    places : list of int
        Among all cuts.
    samples : list of Sample
        One for each.
    reference : int
        The place of the one that is run beside everything else.
    """

    places: list[int]
    samples: list[Sample]
    reference: int


def sample_affordable(
    own: OwnWork,
    cuts: Sequence[Cut],
    places: Sequence[int],
    *,
    copies: Sequence[int],
    rounds: int,
    run_seconds: float,
    until: float,
    step: Step,
) -> Sampled:
    """Sample the cuts at *places* from many chunks to few, while their pieces are short enough.

    A cut is run at least by one task, and one of few chunks may be too long to be run over and
    over. How long follows from the work in the cut sampled before.

    Parameters
    ----------
    own : OwnWork
    cuts : sequence of Cut
    places : sequence of int
        Rising.
    copies : sequence of int
        Numbers of copies of each piece that run at once, once a round.
    rounds : int
        That are asked for.
    run_seconds : float
        About how long one run of a piece may be.
    until : float
        A moment of ``monotonic`` at which all rounds should be done.
    step : Step
    """
    left = SHARE * (until - monotonic())
    runs = min(rounds, LEAST_ROUNDS) * (1 + 2 * len(copies))
    known: dict[int, Sample] = {}
    for place in reversed(places):
        if known:
            work = known[min(known)].serial_seconds
            piece = max(run_seconds, work / max(1, cuts[place].n_chunks))
            if piece > run_seconds and piece * (2 + runs) > left:
                break
        began = monotonic()
        look_seconds = LOOK_SHARE * (until - began) / len(places)
        known[place] = own.sample(cuts[place], run_seconds, look_seconds)
        spent = known[place].seconds
        left -= monotonic() - began + runs * spent
        step("chunk sizes sampled", len(known), len(places))
    kept = sorted(known)
    return Sampled(kept, [known[i] for i in kept], _reference(known, run_seconds))


def _reference(known: dict[int, Sample], run_seconds: float) -> int:
    """Of the cuts whose piece is short enough the fastest one; else that of the shortest piece."""
    short = [i for i in known if known[i].seconds <= 2 * run_seconds]
    if short:
        return min(short, key=lambda i: known[i].serial_seconds)
    return min(known, key=lambda i: known[i].seconds)
