"""The program of the child that looks at a work before it is swept: what an item takes, what goes
between processes, and what cannot.

Nobody else imports the user's modules before the plan stands.
"""

from __future__ import annotations

import inspect
import pickle
from collections.abc import Callable, Sequence
from importlib import import_module
from statistics import fmean
from time import perf_counter
from typing import Any, ClassVar

from harness.core.errors import UsageError
from harness.running.executors.dask_graph import is_collection
from harness.running.measure.own.own_function import chunk_argument, find_function
from harness.running.measure.process.child import COMMANDS, Child, Message, main
from harness.running.workloads import users_objects
from harness.running.workloads.users_work import SAME, apply, make_items

MOST_ITEMS = 50
"""Items that are looked at, evenly spaced, as far as there is time."""


class LookingChild(Child):
    """Loads the work, and runs a few of its items in a plain loop."""

    commands: ClassVar[frozenset[str]] = COMMANDS | {"load", "look", "look_at_whole"}

    def load(self, task: str, check: str, items: str | None, against: str | None) -> Message:
        """Find the functions, and make the items; how many there are.

        Raises
        ------
        UsageError
            Where something of it is not there, or not what it should be.
        """
        self.task = _function(task)
        if check not in SAME:
            _function(check)
        if items is None:
            self.serial = _function(against or "")
            return {}
        self.items = _items(items)
        return {"items": len(self.items)}

    def look_at_whole(self, most_seconds: float) -> Message:
        """Run the serial function once, and again where *most_seconds* allow; build the other.

        Returns
        -------
        dict
            ``serial_seconds``; ``takes``, the argument that says how the work is cut, and its
            ``default``, where that is a number; ``collection``, whether the function returns
            something of Dask's to be computed, and ``returns``, of which type.
        """
        takes = chunk_argument(self.task)
        parameter = inspect.signature(self.task).parameters.get(takes or "")
        default = None if parameter is None else parameter.default
        begin = perf_counter()
        self.serial()
        seconds = perf_counter() - begin
        if seconds <= most_seconds / 2:
            begin = perf_counter()
            self.serial()
            seconds = perf_counter() - begin
        needs = parameter is not None and default is parameter.empty
        made = self.task(**({takes: "auto" if takes == "chunks" else 2} if needs and takes else {}))
        return {
            "serial_seconds": seconds,
            "takes": takes,
            "default": default if isinstance(default, int) else None,
            "needed": needs,
            "collection": is_collection(made),
            "returns": type(made).__name__,
        }

    def look(self, most_seconds: float, check: str) -> Message:
        """Run items until there were enough, or *most_seconds* are over; at least one.

        Returns
        -------
        dict
            ``first_seconds`` of the first call; ``item_seconds``, the mean of a call, without the
            first one where there was time for others; ``looked``, how many items; ``task_bytes``
            of a task without its items, ``item_bytes`` and ``result_bytes`` of one of them, as
            pickled; ``unpicklable`` by pickle and by cloudpickle, ``None`` where all can be;
            ``unstable``, whether the first item gave two answers.
        """
        items, function = self.items, self.task
        begin = perf_counter()
        results = [function(items[0])]
        first = perf_counter() - begin
        places = _spaced(len(items))
        seconds: list[float] = []
        unstable = False
        for number, place in enumerate(places):
            began = perf_counter()
            if began - begin + (seconds[-1] if seconds else first) > most_seconds:
                break
            result = function(items[place])
            seconds.append(perf_counter() - began)
            if number == 0:
                same = SAME.get(check, lambda a, b: True)
                unstable = same is not None and not same(result, results[0])
            else:
                results.append(result)
        seen = [items[place] for place in places[: len(results)]]
        return {
            "first_seconds": first,
            "item_seconds": fmean(seconds) if seconds else first,
            "looked": len(results),
            "unstable": unstable,
            **_pickled(function, seen, results),
        }


def _pickled(function: Callable[..., Any], items: Sequence[Any], results: list[Any]) -> Message:
    """Bytes of a task and of a result, and what cannot be pickled, by either way."""
    import cloudpickle  # noqa: PLC0415 - as the engines do it

    found: dict[str, Any] = {"task_bytes": None, "item_bytes": None, "result_bytes": None}
    reasons = {}
    for name, dumps in (("cloudpickle", cloudpickle.dumps), ("pickle", pickle.dumps)):
        reasons[name] = (
            users_objects.unpicklable(function, "the function", dumps)
            or users_objects.unpicklable(list(items), "items", dumps)
            or users_objects.unpicklable(results, "the result of items", dumps)
        )
        if reasons[name] is None:
            nothing: list[Any] = []
            found = {
                "task_bytes": len(dumps((apply, function, nothing))),
                "item_bytes": len(dumps(list(items))) / len(items),
                "result_bytes": len(dumps(results)) / len(items),
            }
    return {**found, "unpicklable": reasons}


def _spaced(number: int) -> list[int]:
    """Places of at most :data:`MOST_ITEMS` of so many items, evenly spaced from the first on."""
    count = min(number, MOST_ITEMS)
    return [place * number // count for place in range(count)]


def _function(place: str) -> Callable[..., Any]:
    if place.startswith(users_objects.BY_VALUE):
        return users_objects.function_at(place)
    _importable(place)
    return find_function(place)


def _items(place: str) -> list[Any]:
    """The items at *place*.

    Raises
    ------
    UsageError
        Where there are none.
    """
    by_name = not place.startswith(users_objects.BY_VALUE)
    if by_name:
        _importable(place)
    try:
        made = make_items(place)
    except AttributeError as error:
        raise UsageError(f"{error}: write module:name of a list, or of a function") from error
    except TypeError as error:
        raise UsageError(
            f"the items are no list ({_line(error)}): name a list, or a function without "
            "arguments that returns one"
        ) from error
    except Exception as error:
        raise UsageError(f"the items could not be made: {_line(error)}") from error
    if not made:
        raise UsageError("there are no items: give a list with at least one")
    return made


def _importable(place: str) -> None:
    """Import the module of *place*.

    Raises
    ------
    UsageError
        Where it cannot be imported, and what to do about it.
    """
    module, _, name = place.partition(":")
    if not name:
        raise UsageError(f"{place!r} names no function: write module:function")
    try:
        import_module(module)
    except ImportError as error:
        if "relative import" in str(error):
            raise UsageError(
                f"{module} uses relative imports, so it is part of a package: run in the folder "
                f"above the package, and name it with the package: package.{module}:{name}"
            ) from error
        if getattr(error, "name", None) == module:
            hint = f": did you mean {module[:-3]}:{name}?" if module.endswith(".py") else ""
            raise UsageError(
                f"there is no module {module} in the current folder, nor on the path{hint or ': '}"
                f"{'' if hint else 'run where it can be found'}"
            ) from error
        raise UsageError(f"cannot import {module}: {_line(error)}") from error
    except Exception as error:
        raise UsageError(f"cannot import {module}: {_line(error)}") from error


def _line(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"


if __name__ == "__main__":
    main(LookingChild)
