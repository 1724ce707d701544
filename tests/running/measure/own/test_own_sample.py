"""What is said of all tasks of a graph from some of them."""

from __future__ import annotations

import pytest

from harness.running.executors import dask_graph
from harness.running.executors.dask_graph import Flat
from harness.running.measure.own.own_sample import piece_seconds, sampled

LAYERS = ("load", "alias") * 8 + ("add",)
COSTS = {"load": 5.0, "alias": 0.0, "add": 2.0, "": 0.25}


GRAPH = Flat(
    order=list(range(len(LAYERS))),
    nodes={},
    layers=list(LAYERS),
    widest=8,
    result_bytes=None,
    finish=lambda results: results,
)


@pytest.fixture
def clock(monkeypatch):
    """Tasks that take what COSTS says, on a clock of its own; the first pass is half as slow."""
    now = [0.0]
    passes = [0]

    def replay(graph, tasks, until):
        passes[0] += 1
        slower = 1.5 if passes[0] == 1 else 1.0
        for layer in graph.layers[:tasks]:
            now[0] += COSTS[layer] * slower
            yield layer, COSTS[layer] * slower
        if tasks is None or tasks >= len(graph.order):
            now[0] += COSTS[""]
            yield "", COSTS[""]

    monkeypatch.setattr(dask_graph, "replay", replay)
    monkeypatch.setattr("harness.running.measure.own.own_sample.perf_counter", lambda: now[0])
    return now


def test_a_whole_that_fits_is_run_and_its_first_look_is_not_counted(clock):
    reply = sampled(GRAPH, 11.0, 200.0, None)
    assert reply["serial_seconds"] == 8 * 5.0 + 2.0
    assert (reply["tasks"], reply["seconds"]) == (4, 10.0)
    assert reply["gather_seconds"] == 0.25
    assert clock[0] <= 200.0


def test_a_piece_is_never_of_tasks_that_take_nothing(clock, monkeypatch):
    monkeypatch.setattr(GRAPH, "layers", ("alias", "load", *LAYERS[2:]))
    assert sampled(GRAPH, 0.1, 200.0, None)["seconds"] == 5.0


def test_of_a_whole_that_does_not_fit_each_kind_of_task_seen_stands_for_its_like(clock):
    """Eight tasks of 5 s and as many that take nothing were once taken for 80 s."""
    reply = sampled(GRAPH, 0.1, 1.0, None)
    assert reply["serial_seconds"] == 8 * 7.5
    assert reply["tasks"] == 1
    assert reply["unseen_tasks"] == 1  # the sum comes last
    assert reply["gather_seconds"] is None
    assert clock[0] == 7.5  # one look, which went no further than it had to


def test_few_chunks_stand_for_all_that_do_not_fit_in_memory(clock):
    reply = sampled(GRAPH, 1e9, 1e9, 170)
    assert reply["serial_seconds"] == 10 * (8 * 5.0 + 2.0)


def test_what_takes_long_is_not_run_twice(clock):
    assert piece_seconds(GRAPH, 1) == 7.5
    assert clock[0] == 7.5
