"""Match the rounds of two cases by their number, for many couples of cases at once."""

from __future__ import annotations

import numpy as np

from harness.reading.analysis.verdict.grouped_rounds import RoundColumns
from harness.reading.analysis.verdict.ragged import Ints, Ragged, places


def log_differences(rounds: RoundColumns, mine: Ints, theirs: Ints) -> tuple[Ragged, Ints]:
    """``log(T1/TP)`` of the one case less that of the other, of each round that both have.

    Rounds without a baseline are left out.

    Parameters
    ----------
    rounds : RoundColumns
        Ordered by their number within each case.
    mine, theirs : ndarray of int, shape (couples, 2)
        Where the rounds of the two cases of each couple start and stop.

    Returns
    -------
    tuple
        The differences, a case for each couple, in the order of the rounds; and the place in
        *rounds* of each one's round of the first of the two.
    """
    d, paired = rounds.log_ratio, ~np.isnan(rounds.serial_seconds)
    number = np.where(paired, rounds.round, 0).astype(np.int64)
    width = int(np.ptp(number)) + 1 if number.size else 1
    # Many couples may share the second case: its rounds are laid out once.
    others, other = np.unique(theirs, axis=0, return_inverse=True)
    there, which = places(others[:, 0], others[:, 1] - others[:, 0])
    there, which = there[paired[there]], which[paired[there]]
    here, couple = places(mine[:, 0], mine[:, 1] - mine[:, 0])
    # One number for case and round, so that a single search matches the rounds of all couples.
    known, wanted = which * width + number[there], other[couple] * width + number[here]
    found = np.searchsorted(known, wanted)
    both = paired[here] & (np.append(known, -1)[found] == wanted)
    here, there = here[both], there[found[both]]
    return Ragged(d[here] - d[there], couple[both], len(mine)), here
