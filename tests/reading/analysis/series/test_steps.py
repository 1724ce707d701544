"""Steps in series of runs: planted ones are found, flat series show none."""

from __future__ import annotations

import numpy as np
import pytest

from harness.reading.analysis.series.steps import may_start, steps

SPREAD, STEP = 0.05, np.log(1.2)
SERIES = 200


def normal(rng, n):
    return rng.normal(0, SPREAD, n)


def heavy(rng, n):
    return rng.standard_t(4, n) * SPREAD / np.sqrt(2)


@pytest.mark.simulation
@pytest.mark.parametrize("noise", [normal, heavy])
@pytest.mark.parametrize(("n", "share"), [(12, 0.8), (30, 0.9), (100, 0.9)])
def test_a_step_of_20_per_cent_in_noise_of_5_per_cent_is_found(noise, n, share):
    """In at least 90 % of series, at most one run from its place, up or down; in 80 % of those of
    12 runs, which cannot tell a step from runs that hang together as surely."""
    rng = np.random.default_rng([n, 1])
    hits = 0
    for _ in range(SERIES):
        values, place = noise(rng, n), int(rng.integers(3, n - 2))
        values[place:] += STEP * rng.choice([-1, 1])
        hits += any(abs(step - place) <= 1 for step in steps(values))
    assert hits >= share * SERIES


@pytest.mark.simulation
@pytest.mark.parametrize("noise", [normal, heavy])
@pytest.mark.parametrize("n", [6, 12, 30, 100])
def test_a_flat_series_shows_a_step_in_at_most_5_per_cent(noise, n):
    """Counted in 500 series; 5 % and two standard errors of the count are allowed for."""
    rng = np.random.default_rng([n, 2])
    false = sum(bool(steps(noise(rng, n))) for _ in range(500))
    assert false <= 500 * (0.05 + 2 * np.sqrt(0.05 * 0.95 / 500))


@pytest.mark.simulation
@pytest.mark.parametrize(("rho", "share"), [(0.3, 0.12), (0.5, 0.25)])
@pytest.mark.parametrize("n", [12, 30, 100])
def test_runs_that_hang_together_seldom_show_a_false_step(n, rho, share):
    """Taken as independent they do in 13 to 30 % of series at 0.3, and in 27 to 71 % at 0.5."""
    rng = np.random.default_rng([n, 5])
    false = 0
    for _ in range(300):
        values = normal(rng, n)
        for at in range(1, n):
            values[at] = rho * values[at - 1] + np.sqrt(1 - rho**2) * values[at]
        false += bool(steps(values))
    assert false <= share * 300


def test_two_steps_are_two():
    rng = np.random.default_rng(3)
    values = normal(rng, 60)
    values[20:40] += STEP
    assert len(hits := steps(values)) == 2
    assert all(abs(step - place) <= 1 for step, place in zip(hits, (20, 40)))


@pytest.mark.parametrize("values", [[], [1.0], [1.0, 1.0, 1.0, 2.0, 2.0], [1.0] * 30])
def test_too_few_runs_or_none_that_differ_show_nothing(values):
    assert steps(np.array(values, dtype=float)) == []


@pytest.mark.filterwarnings("ignore:Precision loss")
def test_a_step_without_noise_is_found():
    assert steps(np.array([1.0] * 5 + [2.0] * 5)) == [5]


@pytest.mark.simulation
@pytest.mark.parametrize("noise", [normal, heavy])
def test_the_places_where_a_step_may_be_hold_it(noise):
    """In at least 90 % of 300 series, of a nominal 95 %, and they are few: of 20 runs 4 at most in
    half of the series."""
    rng = np.random.default_rng(7)
    held, sizes = [], []
    for _ in range(300):
        values = noise(rng, 20)
        values[12:] += STEP
        for start, end, place in edges(steps(values), 20):
            first, last = may_start(values[start:place], values[place:end])
            held.append(place + first <= 12 <= place + last)
            sizes.append(last - first + 1)
    assert len(held) > 270
    assert np.mean(held) >= 0.9
    assert np.median(sizes) <= 4


def edges(places, n):
    """Start, end and middle of two neighbouring stretches, where there is one step."""
    return [(0, n, places[0])] if len(places) == 1 else []
