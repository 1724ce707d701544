"""Dask collections taken apart: their tasks in order, to be run one after the other without any
scheduler; and the chunks that Dask itself would choose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

Shape = tuple[int, ...]


@dataclass
class Flat:
    """The optimised graph of a collection, flat, in the order in which Dask would run it.

    Attributes
    ----------
    order : list
        Keys.
    nodes : dict
        Key to task: called with a dict of the results it depends on, it gives its own.
    layers : list of str
        The layer that each key of *order* is of.
    widest : int
        Tasks of the layer with most of them: the number of chunks.
    result_bytes : int or None
        Of the answer, where the collection knows.
    """

    order: list[Any]
    nodes: dict[Any, Any]
    layers: list[str]
    widest: int
    result_bytes: int | None
    finish: Callable[[dict[Any, Any]], Any]
    users: dict[Any, int] = field(default_factory=dict)


def is_collection(value: Any) -> bool:
    """Whether *value* is one of Dask's collections, or a list of them."""
    import dask  # noqa: PLC0415

    if isinstance(value, list | tuple):
        return bool(value) and all(map(dask.is_dask_collection, value))
    return bool(dask.is_dask_collection(value))


def delayed_calls(function: Callable[..., Any], arguments: list[Any]) -> list[Any]:
    """One delayed call a chunk; their results stay apart."""
    import dask  # noqa: PLC0415

    make = dask.delayed(function, pure=False)
    return [make(argument) for argument in arguments]


def optimised(collection: Any) -> tuple[Any, ...]:
    """*collection*, or each of several, optimised as ``compute`` does."""
    import dask  # noqa: PLC0415

    several = isinstance(collection, list | tuple)
    found = dask.optimize(*collection) if several else dask.optimize(collection)
    for one in found:
        dict(one.__dask_graph__())
    return tuple(found)


def empty_work(function: Callable[..., Any], tasks: int) -> tuple[Any, ...]:
    """One collection of *tasks* tasks that do nothing, optimised: what is left is scheduling."""
    import dask  # noqa: PLC0415

    make = dask.delayed(function, pure=False)
    return optimised(dask.delayed(len, pure=False)([make(1) for _ in range(tasks - 1)]))


def scheduled(collections: tuple[Any, ...], options: dict[str, Any]) -> tuple[Any, ...]:
    """Compute what is optimised already."""
    import dask  # noqa: PLC0415

    return tuple(dask.compute(*collections, optimize_graph=False, **options))


def flat(collections: tuple[Any, ...]) -> Flat:
    """Lay the graph of optimised *collections* out."""
    from dask.core import flatten  # noqa: PLC0415
    from dask.order import order  # noqa: PLC0415
    from dask.utils import key_split  # noqa: PLC0415

    nodes: dict[Any, Any] = {}
    for one in collections:
        nodes.update(one.__dask_graph__())
    place = order(nodes)
    keys = sorted(nodes, key=place.__getitem__)
    layers = [str(key_split(key)) for key in keys]
    users: dict[Any, int] = dict.fromkeys(nodes, 0)
    for node in nodes.values():
        for needed in node.dependencies:
            users[needed] += 1
    for one in collections:
        for key in flatten(one.__dask_keys__()):
            users[key] += 1  # the answer is kept

    def finish(results: dict[Any, Any]) -> Any:
        return [_put_together(one, results) for one in collections]

    widest = Counter(key[0] if isinstance(key, tuple) else key_split(key) for key in nodes)
    nbytes = [getattr(one, "nbytes", None) for one in collections]
    known = all(isinstance(size, int | float) and size == size for size in nbytes)
    total = int(sum(size for size in nbytes if size is not None)) if known else None
    return Flat(keys, nodes, layers, max(widest.values(), default=0), total, finish, users)


def _put_together(collection: Any, results: dict[Any, Any]) -> Any:
    def nested(keys: Any) -> Any:
        return [nested(key) for key in keys] if isinstance(keys, list) else results[keys]

    finish, extra = collection.__dask_postcompute__()
    return finish(nested(collection.__dask_keys__()), *extra)


def replay(graph: Flat, tasks: int | None, until: float) -> Iterator[tuple[str, float]]:
    """Run the first *tasks* of *graph* one after the other, all by default, each result kept as
    long as it is needed; the layer and the seconds of each. The last item is that of putting the
    answer together, its layer ``""``, where every task was run.

    Parameters
    ----------
    until : float
        No task is begun after this moment of ``perf_counter``, but for the first.
    """
    results: dict[Any, Any] = {}
    left = dict(graph.users)
    for number, key in enumerate(graph.order[:tasks]):
        node = graph.nodes[key]
        begin = perf_counter()
        if number and begin > until:
            return
        results[key] = node({needed: results[needed] for needed in node.dependencies})
        for needed in node.dependencies:
            left[needed] -= 1
            if not left[needed]:
                del results[needed]
        yield graph.layers[number], perf_counter() - begin
    if tasks is None or tasks >= len(graph.order):
        begin = perf_counter()
        graph.finish(results)
        yield "", perf_counter() - begin


def auto_chunks(shape: Shape, dtype: str) -> Shape:
    """The shape of the chunks that ``chunks="auto"`` gives, by Dask's ``array.chunk-size``."""
    return chunks_of_bytes(shape, dtype, None)


def chunks_of_bytes(shape: Shape, dtype: str, most_bytes: int | None) -> Shape:
    """The shape of chunks of about *most_bytes* that ``chunks="auto"`` gives with that limit."""
    from dask.array.core import normalize_chunks  # noqa: PLC0415

    found = normalize_chunks("auto", shape=shape, limit=most_bytes, dtype=dtype)
    return tuple(max(sizes) for sizes in found)
