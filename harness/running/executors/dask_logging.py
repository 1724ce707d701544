"""Log with eliot what Dask computes: an action for each computation, and in it one for each task.

``eliot.dask.compute_with_trace`` does so for graphs of tuples, which Dask no longer has. As there,
tasks are actions whose parent is the computation, in an order in which they could have run, and
each names the tasks whose results it took: a log is a tree, and a graph is not.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import dask
from dask._task_spec import Task as Node
from dask.core import toposort
from dask.utils import funcname
from eliot import current_action, start_action

from harness.running.executors.dask_collections import DaskCollections
from harness.running.executors.dask_graph import needed_by, with_nodes
from harness.running.executors.logged_task import log_to, logged
from harness.running.executors.noting import replaced

CALL, COMPUTE, PERSIST = "chunkbench:call", "dask:compute", "dask:persist"
"""Types of actions: of a call, and of the computations in it."""

Key = Hashable


class CallLog:
    """The log of one call.

    Parameters
    ----------
    folder : Path
        Where each process writes what it logs.

    Attributes
    ----------
    tasks : int
        How many tasks the log should have.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = str(folder)
        self.tasks = 0

    def place(self, key: Key, needs: Iterable[Key]) -> tuple[str, str, str, list[str]]:
        """Return where the task *key* is in the log, as the first arguments of
        :func:`.logged_task.logged`: in the action of now."""
        self.tasks += 1
        task_id = current_action().serialize_task_id().decode("ascii")
        return self.folder, task_id, str(key), [str(need) for need in needs]

    def with_log(self, collections: Iterable[Any]) -> list[Any]:
        """Return optimised *collections* whose tasks log themselves."""
        collections = tuple(collections)
        nodes = {key: node for each in collections for key, node in each.__dask_graph__().items()}
        places = {key: self.place(key, needs) for key, needs in task_needs(nodes).items()}

        def changed(key: Key, node: Any) -> Any:
            if key not in places:
                return node
            return Node(key, logged, *places[key], node.func, *node.args, **node.kwargs)

        return with_nodes(collections, changed)


def task_needs(nodes: Mapping[Any, Any]) -> dict[Key, list[Key]]:
    """Return the keys of the tasks among *nodes*, in an order in which they could run, each with
    those of the tasks whose results it takes; what is no task (data, another name of a task, a
    list of some) is looked through. A result that an earlier computation keeps is a key as well."""
    direct = {key: needed_by(node) for key, node in nodes.items()}
    inside = {key: keys & nodes.keys() for key, keys in direct.items()}
    needs: dict[Key, list[Key]] = {}
    for key in toposort(nodes, dependencies=inside):
        behind = (
            needs[need] if need in nodes and type(nodes[need]) is not Node else [need]
            for need in sorted(direct[key], key=str)
        )
        needs[key] = list(dict.fromkeys(one for several in behind for one in several))
    return {key: found for key, found in needs.items() if type(nodes[key]) is Node}


class LoggedCollections(DaskCollections):
    """Collections whose tasks log themselves.

    Parameters
    ----------
    options : mapping
        Arguments of every ``compute``.
    log : CallLog
    """

    def __init__(self, options: Mapping[str, Any], log: CallLog) -> None:
        super().__init__(options)
        self.log = log

    def compute(self, *collections: Any) -> tuple[Any, ...]:
        with start_action(action_type=COMPUTE):
            logging = self.log.with_log(dask.optimize(*collections))
            return tuple(dask.compute(*logging, optimize_graph=False, **self.options))

    def persist(self, collection: Any) -> Any:
        with start_action(action_type=PERSIST):
            (logging,) = self.log.with_log(dask.optimize(collection))
            return super().persist(logging)


@contextmanager
def call_logged(folder: Path, fields: Mapping[str, Any]) -> Iterator[CallLog]:
    """Have the action of a call, with *fields*, around what is logged inside the ``with`` block."""
    log_to(str(folder))
    with start_action(action_type=CALL, **fields):
        yield CallLog(folder)


@contextmanager
def client_logged(client: Any, log: CallLog) -> Iterator[None]:
    """Log the tasks that *client* submits and maps inside the ``with`` block, which have no graph:
    their parent is the call."""
    from distributed import Future  # noqa: PLC0415 - the local schedulers need none

    submit, map_ = client.submit, client.map

    def logging_submit(function: Any, /, *arguments: Any, **options: Any) -> Any:
        key = _new_key(function)
        needs = [argument.key for argument in arguments if isinstance(argument, Future)]
        return submit(logged, *log.place(key, needs), function, *arguments, key=key, **options)

    def logging_map(function: Any, /, *columns: Any, **options: Any) -> Any:
        rows = list(zip(*columns, strict=True))
        keys = [_new_key(function) for _ in rows]
        places = [(*log.place(key, ()), function) for key in keys]
        filled = [(*place, *row) for place, row in zip(places, rows, strict=True)]
        return map_(logged, *map(list, zip(*filled, strict=True)), key=keys, **options)

    with replaced(client, submit=logging_submit, map=logging_map):
        yield


def _new_key(function: Any) -> str:
    """Return a key as the client makes one for a function that is not pure."""
    return f"{funcname(function)}-{uuid4()}"
