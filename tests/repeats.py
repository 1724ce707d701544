"""How often a simulation is repeated: a few times in ``make test``, as often as it takes to tell a
method that is slightly wrong from a right one in ``make test-all``.

Seeds are fixed, so that a limit on a share holds for few repeats as it does for many. Where a limit
is a number of hits, it is worked out for the number of repeats: see :func:`least`, :func:`most`.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import settings
from scipy import stats

CHANCE = 0.001
"""How often a method that keeps its promise exceeds a limit that is worked out here."""


def repeated(few: int, full: int) -> Any:
    """Mark a test as a simulation that takes ``repeats``: *few*, and as ``full`` that of *full*."""
    values = [pytest.param(few, id="few"), pytest.param(full, id="full", marks=pytest.mark.full)]
    several = pytest.mark.parametrize("repeats", values)
    return lambda test: pytest.mark.simulation(several(test))


def examples(few: int, full: int) -> int:
    """How many examples Hypothesis tries: *full* with ``--hypothesis-profile full``."""
    return full if settings.get_current_profile_name() == "full" else few


def least(rate: float, repeats: int) -> int:
    """The number of hits that a method with a true *rate* of them falls short of once in a thousand
    times *repeats*: the binomial quantile."""
    return int(stats.binom.ppf(CHANCE, repeats, rate))


def most(rate: float, repeats: int) -> int:
    """The number of hits that a method with a true *rate* of them exceeds once in a thousand times
    *repeats*."""
    return int(stats.binom.ppf(1 - CHANCE, repeats, rate))
