"""A log of eliot has every task of a graph that is known, and what it came from."""

from __future__ import annotations

import operator
import os

import dask
import pytest
from dask._task_spec import Alias, DataNode, List, Task, TaskRef
from eliot.parse import Parser

from harness.core.errors import UsageError
from harness.running.executors import lookup
from harness.running.executors.dask_logging import task_needs
from harness.running.executors.logged_task import TASK
from harness.running.measure.trace.logged_rounds import taken

DIAMOND = {"low": [], "high": [], "sum": ["low", "high"], "end": ["sum"]}
"""Tasks of the graph, each with those whose results it takes."""

in_processes = pytest.mark.parametrize(
    ("name", "processes"),
    [
        ("dask-synchronous", False),
        ("dask-threads", False),
        ("dask-processes", True),
        ("dask-distributed-threads", False),
        ("dask-distributed-processes", True),
    ],
)


def diamond():
    """A graph of four tasks, whose answer is -5."""
    low, high = (
        dask.delayed(abs)(number, dask_key_name=name) for name, number in (("low", -2), ("high", 3))
    )
    total = dask.delayed(operator.add)(low, high, dask_key_name="sum")
    return dask.delayed(operator.neg)(total, dask_key_name="end")


@pytest.fixture
def started(tmp_path):
    """Start an executor by its name; it ends with the test."""
    engines = []

    def start(name):
        engines.append(lookup(name)(1 if name == "dask-synchronous" else 2, tmp_path))
        engines[-1].start()
        return engines[-1]

    yield start
    for engine in engines:
        engine.stop()


def trees(folder):
    """The whole trees that eliot makes of what was logged in *folder*."""
    found = list(Parser.parse_stream(message for message, _ in taken(folder)))
    assert all(tree.is_complete() for tree in found)
    return [tree.root() for tree in found]


def needs_of(action):
    """Key of each task right below *action* to those that it names."""
    tasks = [child for child in action.children if child.action_type == TASK]
    told = [task.start_message.contents for task in tasks]
    return {each["key"]: sorted(each["dependencies"]) for each in told}


@pytest.mark.engine
@in_processes
def test_every_task_of_a_known_graph_is_below_its_computation(started, tmp_path, name, processes):
    """With the tasks that it came from, and the process that it ran in."""
    engine, folder = started(name), tmp_path / "log"
    folder.mkdir()
    with engine.logged(folder, {"case": "a diamond"}) as log:
        assert engine.collections.compute(diamond()) == (-5,)
    assert log.tasks == len(DIAMOND)
    (call,) = trees(folder)
    assert (call.action_type, call.start_message.contents["case"]) == (
        "chunkbench:call",
        "a diamond",
    )
    (computation,) = call.children
    assert computation.action_type == "dask:compute"
    assert needs_of(computation) == {key: sorted(needs) for key, needs in DIAMOND.items()}
    keys = [child.start_message.contents["key"] for child in computation.children]
    assert all(keys.index(need) < keys.index(key) for key in keys for need in DIAMOND[key])
    ran_in = {child.start_message.contents["pid"] for child in computation.children}
    assert (os.getpid() in ran_in) is not processes


@pytest.mark.engine
def test_futures_are_logged_below_the_call_since_they_have_no_graph(started, tmp_path):
    """Submitted, mapped, and submitted with the futures that they need."""
    engine, folder = started("dask-distributed-threads"), tmp_path / "log"
    folder.mkdir()
    with engine.logged(folder, {}):
        assert engine.submit(abs, [(-1,), (2,)]) == [1, 2]
        assert engine.client_map(operator.add, [(1, 2), (3, 4)]) == [3, 7]
        assert engine.submit_dependent(max, [(1, 2, []), (3, [0])]) == [3]
    (call,) = trees(folder)
    needs = needs_of(call)
    assert [key.rpartition("-")[0][:3] for key in needs] == ["abs"] * 2 + ["add"] * 2 + ["max"] * 2
    first, second = (key for key in needs if key.startswith("max"))
    assert [*needs.values()] == [[]] * 5 + [[first]]
    assert first != second


@pytest.mark.engine
@pytest.mark.parametrize("name", ["dask-threads", "dask-distributed-threads"])
def test_what_persist_computes_is_logged_as_that(started, tmp_path, name):
    """Its result, kept here or in a worker, is no task of a later computation."""
    engine, folder = started(name), tmp_path / "log"
    folder.mkdir()
    with engine.logged(folder, {}):
        kept = engine.collections.persist(diamond())
        assert engine.collections.compute(dask.delayed(abs)(kept, dask_key_name="size")) == (5,)
    (call,) = trees(folder)
    persisted, computed = call.children
    assert (persisted.action_type, computed.action_type) == ("dask:persist", "dask:compute")
    assert needs_of(persisted).keys() == DIAMOND.keys()
    assert needs_of(computed).keys() == {"size"}


@pytest.mark.engine
def test_a_task_that_fails_is_in_the_log_as_failed(started, tmp_path):
    engine, folder = started("dask-threads"), tmp_path / "log"
    folder.mkdir()
    wrong = dask.delayed(operator.truediv)(1, 0, dask_key_name="wrong")
    with pytest.raises(ZeroDivisionError), engine.logged(folder, {}):
        engine.collections.compute(wrong)
    (call,) = trees(folder)
    (task,) = call.children[0].children
    assert task.end_message.contents["action_status"] == "failed"
    assert task.end_message.contents["exception"] == "builtins.ZeroDivisionError"


@pytest.mark.engine
def test_calls_without_a_log_are_as_before(started, tmp_path):
    """What was logged ends with the block, in the engine and in its client."""
    engine, folder = started("dask-distributed-threads"), tmp_path / "log"
    folder.mkdir()
    before = engine.collections
    with engine.logged(folder, {}):
        pass
    taken(folder)
    assert engine.collections is before
    assert engine.submit(abs, [(-1,)]) == [1]
    assert engine.collections.compute(diamond()) == (-5,)
    assert taken(folder) == []


def test_what_is_no_task_is_looked_through():
    """Data, another name of a task, a list of some: a task needs the tasks behind them."""
    nodes = {
        "made": Task("made", abs, 1),
        "name": Alias("name", "made"),
        "data": DataNode("data", 5),
        "both": List(TaskRef("name"), TaskRef("data")),
        "used": Task("used", sum, TaskRef("both")),
    }
    assert task_needs(nodes) == {"made": [], "used": ["made"]}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("thread-pool", "its tasks are not Dask's"),
        ("ray-tasks", "its tasks are not Dask's"),
        ("dask-dataframe", "its tasks are not Dask's"),
        ("dask-actors", "calls of actors are no tasks"),
        ("dask-slurm", "its workers may be on other machines"),
    ],
)
def test_other_executors_say_why_they_have_no_log(name, reason):
    assert lookup(name).unlogged() == reason


def test_an_executor_without_a_log_gives_none(tmp_path):
    """Its child says so in one line."""
    with pytest.raises(UsageError, match="no log of thread-pool: its tasks are not Dask's"):
        lookup("thread-pool")(1, tmp_path).logged(tmp_path, {})
