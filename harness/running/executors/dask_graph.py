"""Take Dask's collections apart: run their tasks one after the other without a scheduler, and say
which chunks Dask itself would choose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

Shape = tuple[int, ...]


@dataclass
class Flat:
    """The optimised graph of collections, in the order in which Dask would run its tasks.

    Attributes
    ----------
    order : list
        Keys.
    nodes : dict
        Key to task. A task is called with a dict of the results it depends on and returns its own.
    layers : list of str
        The layer of each key in *order*.
    widest : int
        Tasks in the layer that has most of them: the number of chunks.
    result_bytes : int or None
        Size of the answer, where the collection knows it.
    finish : callable
        Puts the answer together from the results by key.
    users : dict
        Key to the number of tasks that need its result; the answer counts as one more.
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


def stored_array(array: Any, chunks: tuple[int, ...]) -> Any:
    """Return a Dask array of an *array* in storage, to be read in *chunks*."""
    from dask.array import from_array  # noqa: PLC0415

    return from_array(array, chunks=chunks)


def delayed_calls(function: Callable[..., Any], arguments: list[Any]) -> list[Any]:
    """Return one delayed call a chunk; their results are not combined."""
    import dask  # noqa: PLC0415

    make = dask.delayed(function, pure=False)
    return [make(argument) for argument in arguments]


def optimised(collection: Any) -> tuple[Any, ...]:
    """Optimise *collection*, or each of several, as ``compute`` does, and make their graphs."""
    collections = _optimised(collection)
    for each in collections:
        dict(each.__dask_graph__())
    return collections


def optimised_keys(collection: Any) -> dict[Any, None]:
    """Return the keys of the tasks of what :func:`optimised` gives."""
    return {key: None for each in _optimised(collection) for key in each.__dask_graph__()}


def _optimised(collection: Any) -> tuple[Any, ...]:
    import dask  # noqa: PLC0415

    several = collection if isinstance(collection, list | tuple) else [collection]
    made = [each.optimize() if _is_frame(each) else each for each in several]
    others = iter(dask.optimize(*(each for each in made if not _is_frame(each))))
    return tuple(each if _is_frame(each) else next(others) for each in made)


def _is_frame(collection: Any) -> bool:
    """Whether *collection* is an expression, as those of ``dask.dataframe`` are: it optimises
    itself, and ``dask.optimize`` knows no graph of it before."""
    try:
        from dask._expr import Expr  # noqa: PLC0415
    except ImportError:  # of an older Dask: there only frames may be expressions
        return hasattr(collection, "expr")
    return isinstance(getattr(collection, "expr", None), Expr)


def needed_by(node: Any) -> frozenset[Any]:
    """Return the keys that *node* of a graph needs: none where it is a result that is kept, as it
    is or as a future."""
    return getattr(node, "dependencies", frozenset())


def with_nodes(collections: Iterable[Any], changed: Callable[[Any, Any], Any]) -> list[Any]:
    """Return *collections* with each node of their graphs as *changed* gives it of key and node;
    it is asked once for a key."""
    made: dict[Any, Any] = {}

    def rebuilt(collection: Any) -> Any:
        graph = collection.__dask_graph__()
        for key, node in graph.items():
            if key not in made:
                made[key] = changed(key, node)
        rebuild, arguments = collection.__dask_postpersist__()
        return rebuild({key: made[key] for key in graph}, *arguments)

    return [rebuilt(collection) for collection in collections]


def empty_work(function: Callable[..., Any], tasks: int) -> tuple[Any, ...]:
    """Return one optimised collection of *tasks* tasks that do nothing: it shows what scheduling
    costs."""
    import dask  # noqa: PLC0415

    make = dask.delayed(function, pure=False)
    return optimised(dask.delayed(len, pure=False)([make(1) for _ in range(tasks - 1)]))


def scheduled(collections: tuple[Any, ...], options: dict[str, Any]) -> tuple[Any, ...]:
    """Compute *collections* that are optimised already."""
    import dask  # noqa: PLC0415

    return tuple(dask.compute(*collections, optimize_graph=False, **options))


def flat(collections: tuple[Any, ...]) -> Flat:
    """Put the tasks of optimised *collections* in the order in which Dask would run them."""
    from dask._task_spec import convert_legacy_graph  # noqa: PLC0415
    from dask.core import flatten  # noqa: PLC0415
    from dask.order import order  # noqa: PLC0415
    from dask.utils import key_split  # noqa: PLC0415

    nodes: dict[Any, Any] = {}
    for collection in collections:
        nodes.update(convert_legacy_graph(dict(collection.__dask_graph__())))
    place = order(nodes)
    keys = sorted(nodes, key=place.__getitem__)
    layers = [str(key_split(key)) for key in keys]
    users: dict[Any, int] = dict.fromkeys(nodes, 0)
    for node in nodes.values():
        for needed in node.dependencies:
            users[needed] += 1
    for collection in collections:
        for key in flatten(collection.__dask_keys__()):
            users[key] += 1  # the answer is kept

    # Not the collections: a frame that lives on is remembered, and is optimised at once next time.
    answers = [(each.__dask_keys__(), *each.__dask_postcompute__()) for each in collections]

    def finish(results: dict[Any, Any]) -> Any:
        return [put(_nested(keys, results), *extra) for keys, put, extra in answers]

    nbytes = [None if _is_frame(each) else getattr(each, "nbytes", None) for each in collections]
    known = all(isinstance(size, int | float) and size == size for size in nbytes)
    total = int(sum(size for size in nbytes if size is not None)) if known else None
    return Flat(keys, nodes, layers, widest_layer(nodes), total, finish, users)


def widest_layer(keys: Iterable[Any]) -> int:
    """Count the tasks of the layer that has most of them, by the *keys* of a graph: the number of
    chunks."""
    from dask.utils import key_split  # noqa: PLC0415

    layers = Counter(key[0] if isinstance(key, tuple) else key_split(key) for key in keys)
    return max(layers.values(), default=0)


def _nested(keys: Any, results: dict[Any, Any]) -> Any:
    return [_nested(key, results) for key in keys] if isinstance(keys, list) else results[keys]


def replay(graph: Flat, tasks: int | None, until: float) -> Iterator[tuple[str, float]]:
    """Run the tasks of *graph* one after the other, each result kept as long as it is needed.

    Yields the layer and the seconds of each task. Where every task was run, a last item with the
    layer ``""`` has the seconds of putting the answer together.

    Parameters
    ----------
    graph : Flat
    tasks : int or None
        How many of the first tasks to run; ``None`` for all.
    until : float
        A moment of ``perf_counter`` after which no task but the first is begun.
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
    """Return the shape of chunks that ``chunks="auto"`` gives with Dask's ``array.chunk-size``."""
    from dask.array.core import normalize_chunks  # noqa: PLC0415

    by_axis = normalize_chunks("auto", shape=shape, dtype=dtype)
    return tuple(max(sizes) for sizes in by_axis)
