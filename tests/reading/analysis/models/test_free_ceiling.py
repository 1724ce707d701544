"""What the times of a sweep say of its ceiling."""

import numpy as np
import pytest

from harness.reading.analysis.models.fit import fit
from harness.reading.analysis.models.free_ceiling import asked_ceiling, with_free_ceiling
from harness.reading.analysis.models.predictors import predicted, predictors

N = np.exp2(np.arange(1.0, 12.0))
TRUE, CEILING = np.array([0.02, 2.3e-4, 1e-4]), 1.9


@pytest.mark.parametrize("off", [0.9, 1.0, 1.1])
def test_costs_are_found_and_the_ceiling_corrected_though_it_was_measured_wrong(off):
    """Of exact times: the fit that holds to the ceiling as measured has another ``o``."""
    control = np.array([2.0, 16.0, 256.0])
    y = predicted(TRUE, predictors(N, N, control, CEILING, 2))[None]
    measured = predictors(N, N, control, CEILING * off, 2)
    held = fit(y, measured)
    free = with_free_ceiling(held, y, measured)
    assert free.costs[0] == pytest.approx(TRUE, rel=0.01)
    assert free.factors[0] == pytest.approx(off, rel=0.01)
    assert (held[0] == pytest.approx(TRUE, rel=0.01)) == (off == 1.0)


def test_the_ceiling_is_refused_in_words_where_the_times_exclude_it():
    factors = np.linspace(0.80, 0.90, 200)
    assert asked_ceiling(factors, 0.025) == (
        "the times ask for 1.11 to 1.25 of the ceiling that was measured, "
        "so one of the two is wrong"
    )
    assert asked_ceiling(factors + 0.15, 0.025) is None
