"""How many rounds each case gets where a whole plan must fit a budget: by cost alone (rule 18).

The rounds that make all estimates together most precise for the time are in proportion to
``1 / sqrt(cost)``: Neyman's and Cochran's allocation (W. G. Cochran, *Sampling Techniques*, 3rd
ed., section 5.5). No ratio that was measured enters, so that an interval over the rounds stays
exact.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.core.records import Case

LEAST_ROUNDS = 2
"""Rounds from which there is an interval (rule 19): a case with fewer has no verdict."""
CHEAP_SHARE = 0.25
"""A thrifty allocation is full once this share of the cases, the cheapest, have the most rounds."""
_HALVINGS = 60


@dataclass(frozen=True)
class Demand:
    """What one case asks for: wall seconds of a pair, the rounds that it has already, and whether
    the seconds are a guess, since no call of it was made."""

    pair_seconds: float
    done: int = 0
    guessed: bool = False


def allocate(
    demands: Sequence[Demand],
    seconds: float,
    *,
    most: int,
    least: int = LEAST_ROUNDS,
    thrifty: bool = False,
    kept_share: float = 0.0,
) -> list[int]:
    """The rounds that each case gets in all, those that it has included.

    ``clip(round(k / sqrt(cost)), least, most)`` with the largest ``k`` that fits. Where not even
    *least* rounds of everything fit, those cases get them that need the least time for it. Of the
    others each gets one round, the cheapest first, as far as there is time left: at the end, or
    where its cost is a guess, before any has more than *least*. That round tells what it costs,
    and guesses may be several times too high.

    Parameters
    ----------
    demands : sequence of Demand
    seconds : float
        What there is for pairs.
    most : int
        The most rounds of a case.
    least : int
        Rounds below which a case cannot be judged.
    thrifty : bool
        Whether ``k`` is also bounded by the cheap cases: it rises no more once
        :data:`CHEAP_SHARE` of all have *most* rounds, so that time that only more rounds of dear
        cases would fill is not spent.
    kept_share : float
        The part, of what is left when each has its least, that is kept for other things.

    Returns
    -------
    list of int
        For each of *demands*; never below the rounds that it has.

    Raises
    ------
    ValueError
        Where a cost is not above 0, or *least* above *most*.
    """
    if least > most or any(not demand.pair_seconds > 0 for demand in demands):
        raise ValueError("a pair takes time, and the least rounds are at most the most")
    rounds = [demand.done for demand in demands]
    left = seconds
    served: list[int] = []
    for place in sorted(range(len(demands)), key=lambda place: _missing(demands[place], least)):
        needed = _missing(demands[place], least)
        if needed > left and needed > 0:
            break
        left -= needed
        served.append(place)
    others = sorted(
        set(range(len(demands))).difference(served), key=lambda place: demands[place].pair_seconds
    )
    left = _try_once(rounds, demands, [place for place in others if demands[place].guessed], left)
    spare = max(0.0, left)
    for place, number in _spread(
        demands, served, (1 - kept_share) * spare, most=most, least=least, thrifty=thrifty
    ):
        left -= (number - max(rounds[place], least)) * demands[place].pair_seconds
        rounds[place] = number
    _try_once(rounds, demands, others, left)
    return rounds


def likest(case: Case, known: Iterable[Case]) -> Case:
    """Which of the *known* cases may take about as long as *case*: of its workload and size if
    there is one, then of its executor and number of workers, cut into about as many chunks."""
    return min(
        known,
        key=lambda other: (
            (other.workload, other.size) != (case.workload, case.size),
            other.executor != case.executor,
            other.workers != case.workers,
            abs(math.log(other.size / other.chunk * case.chunk / case.size)),
        ),
    )


def _try_once(
    rounds: list[int], demands: Sequence[Demand], places: Sequence[int], left: float
) -> float:
    """Give a round to each case at *places* that has none, while *left* s last; what is left."""
    for place in places:
        if rounds[place] == 0 and demands[place].pair_seconds <= left:
            left -= demands[place].pair_seconds
            rounds[place] = 1
    return left


def _missing(demand: Demand, rounds: int) -> float:
    """Seconds until a case has so many *rounds*."""
    return max(0, rounds - demand.done) * demand.pair_seconds


def _spread(
    demands: Sequence[Demand],
    served: Sequence[int],
    spare: float,
    *,
    most: int,
    least: int,
    thrifty: bool,
) -> list[tuple[int, int]]:
    """The rounds of the cases *served*, by their places, that take *spare* s beyond the least."""
    if not served:
        return []

    def wanted(k: float) -> list[int]:
        return [
            max(
                demands[place].done,
                min(max(round(k / math.sqrt(demands[place].pair_seconds)), least), most),
            )
            for place in served
        ]

    def beyond_least(k: float) -> float:
        return math.fsum(
            (number - max(demands[place].done, least)) * demands[place].pair_seconds
            for place, number in zip(served, wanted(k), strict=True)
        )

    costs = sorted(demand.pair_seconds for demand in demands)
    cheap = costs[math.ceil(CHEAP_SHARE * len(costs)) - 1]
    low, high = 0.0, most * math.sqrt(cheap if thrifty else costs[-1])
    if beyond_least(high) <= spare:
        low = high
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if beyond_least(middle) <= spare else (low, middle)
    return list(zip(served, wanted(low), strict=True))
