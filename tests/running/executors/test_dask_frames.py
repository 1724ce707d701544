"""Frames are taken apart like arrays: the same answer without a scheduler, task by task."""

from __future__ import annotations

import gc
import weakref
from math import inf

import dask
import dask.array as da
import dask.dataframe as dd
import pandas as pd
import pytest
from dask._expr import Expr

from harness.running.executors import dask_graph

FRAME = pd.DataFrame({"key": [i % 7 for i in range(1000)], "x": [float(i) for i in range(1000)]})


def made(npartitions=4):
    return dd.from_pandas(FRAME, npartitions=npartitions)


def total():
    return made().x.sum()


def means():
    return made().groupby("key").x.mean()


WORKS = {
    "a reduction": total,
    "a groupby": means,
    "a frame": lambda: made()[made().x > 100].assign(y=lambda frame: frame.x * 2),
    "several": lambda: (made().x.sum(), made().x.max()),
}


@pytest.mark.parametrize("work", WORKS)
def test_run_task_by_task_it_gives_the_answer_of_compute(work):
    collection = WORKS[work]()
    graph = dask_graph.flat(dask_graph.optimised(collection))
    finished = []
    graph.finish, finish = (lambda results: finished.append(finish(results))), graph.finish
    layers = [layer for layer, _ in dask_graph.replay(graph, None, inf)]
    assert len(layers) == len(graph.order) + 1
    several = collection if isinstance(collection, tuple) else (collection,)
    for answer, expected in zip(finished[0], dask.compute(*several), strict=True):
        if isinstance(expected, pd.DataFrame):
            pd.testing.assert_frame_equal(answer, expected)
        elif isinstance(expected, pd.Series):
            pd.testing.assert_series_equal(answer, expected)
        else:
            assert answer == expected


def test_partitions_are_the_chunks():
    assert dask_graph.flat(dask_graph.optimised(made(8).x.sum())).widest == 8


def test_frames_and_arrays_may_stand_side_by_side():
    both = (made().x.sum(), da.ones(10, chunks=5).sum())
    graph = dask_graph.flat(dask_graph.optimised(both))
    assert len(list(dask_graph.replay(graph, None, inf))) == len(graph.order) + 1


def test_a_frame_that_was_taken_apart_is_not_remembered():
    """While a frame lives, building it anew takes no time, and would be timed as nothing."""
    expression = made(3).x.sum().expr
    name, kept = expression._name, weakref.ref(expression)
    del expression
    graph = dask_graph.flat(dask_graph.optimised(made(3).x.sum()))
    gc.collect()
    assert kept() is None
    assert graph.order
    assert all(each._name != name for each in gc.get_objects() if isinstance(each, Expr))
