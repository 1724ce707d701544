"""How often a flat series of runs shows a step, as measured, to be said beside a step.

The figures are those of ``python -m selfbench.false_steps``, which prints them anew with other
seeds, and beside them how often a step of 20 % is found.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

RUNS = (6, 8, 12, 20, 30, 60, 100, 365)
TOGETHER = (0.0, 0.3, 0.5, 0.7)
RATES = (
    (0.044, 0.082, 0.124, 0.148),
    (0.028, 0.06, 0.13, 0.148),
    (0.024, 0.09, 0.166, 0.25),
    (0.024, 0.116, 0.212, 0.322),
    (0.012, 0.058, 0.176, 0.288),
    (0.014, 0.052, 0.142, 0.222),
    (0.004, 0.068, 0.074, 0.144),
    (0.002, 0.054, 0.03, 0.044),
)
"""Share of 500 flat series that show a step: a row a number of :data:`RUNS`, a column a value of
:data:`TOGETHER`."""


class FalseSteps(NamedTuple):
    """Of flat series of *runs* that hang together by *rho* the share *rate* shows a step."""

    runs: int
    rho: float
    rate: float

    @property
    def words(self) -> str:
        """What to say beside a step."""
        together = f"hang together by {self.rho:g}" if self.rho else "do not hang together"
        return (
            f"of flat series of about {self.runs} runs that {together} from one to the next "
            f"{100 * self.rate:.0f} % show a step as well"
        )


def false_steps(runs: int, rho: float) -> FalseSteps:
    """What was measured nearest to a series.

    Parameters
    ----------
    runs : int
        How many runs with a value it has.
    rho : float
        By how much each run hangs together with the next.
    """
    row = int(np.argmin(np.abs(np.log(RUNS) - np.log(runs))))
    column = int(np.argmin(np.abs(np.array(TOGETHER) - rho)))
    return FalseSteps(RUNS[row], TOGETHER[column], RATES[row][column])
