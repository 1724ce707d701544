"""The frame that is grouped by a key: its answers, in one piece and in parts, and wrong ones."""

from __future__ import annotations

import numpy as np
import pytest

from harness.running.workloads import make_workload
from harness.running.workloads.frame_groupby import GROUPS, FrameGroupby, factor_of, table

SIZE = 10_000


@pytest.fixture
def workload() -> FrameGroupby:
    made = make_workload("frame-groupby", SIZE)
    assert isinstance(made, FrameGroupby)
    return made


def test_pandas_and_its_parts_give_what_counting_gives(workload):
    """Also where a part lacks groups, as one of a hundred rows must."""
    whole = workload.baseline(7)
    assert workload.check(whole) is None
    assert whole.key.size == np.unique(table(SIZE)["key"]).size
    for chunk in (100, 3_333, SIZE):
        parts = workload.combine(workload.replay(workload.tasks(chunk, 7)))
        assert workload.check(parts) is None
        np.testing.assert_allclose(parts.total, whole.total, rtol=1e-12)
        np.testing.assert_allclose(parts.mean, whole.mean, rtol=1e-12)


def test_every_seed_is_another_query_of_the_same_rows(workload):
    """No engine can have the answer already (rule 5)."""
    factors = {factor_of(seed) for seed in range(1_000)}
    assert len(factors) == 1_000
    assert all(1 <= factor < 2 for factor in factors)
    assert workload.digest(workload.baseline(1)) != workload.digest(workload.baseline(2))
    assert table(SIZE) is table(SIZE)
    assert set(table(SIZE)["key"]) <= set(range(GROUPS))


@pytest.mark.parametrize("wrong", ["key", "total", "mean"])
def test_a_wrong_answer_is_found_and_says_in_what(workload, wrong):
    answer = workload.baseline(3)
    changed = getattr(answer, wrong).copy()
    changed[5] += 1
    said = workload.check(answer._replace(**{wrong: changed}))
    assert said is not None
    assert ("groups" if wrong == "key" else f"the {wrong} of group") in said


def test_an_answer_is_taken_in_whatever_order_an_engine_gives_it(workload):
    answer = workload.baseline(3)
    order = np.random.default_rng(1).permutation(answer.key.size)
    again = workload.answer(answer.factor, *(each[order] for each in answer[1:]))
    assert workload.digest(again) == workload.digest(answer)
    assert np.array_equal(again.key, answer.key)
