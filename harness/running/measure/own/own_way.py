"""The user's own serial way to do the whole: what going parallel is compared with."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from harness.core.errors import UsageError
from harness.running.executors import dask_graph
from harness.running.measure.process.timing import PRIMED_SECONDS, batch, timed


class OwnWay:
    """A function that does the whole work serially, and how long it takes.

    Parameters
    ----------
    function : callable
        It takes *array* where there is one, and nothing else.
    array : ndarray or None

    Raises
    ------
    UsageError
        Where it needs other arguments.
    """

    def __init__(self, function: Callable[..., Any], array: Any) -> None:
        self._function = function
        self._arguments = () if array is None else (array,)
        try:
            inspect.signature(function).bind(*self._arguments)
        except TypeError as error:
            gets = "the whole array" if self._arguments else "no argument"
            raise UsageError(
                f"{function.__name__} cannot be what it is compared with ({error}): "
                f"--against takes a function that does the whole work serially and gets {gets}"
            ) from None
        except ValueError:  # no signature to read: it is tried
            pass
        self._seconds = 0.0

    def seconds(self) -> float:
        """Time a batch of whole calls (rule 13), after one untimed unless they take long."""
        if self._seconds <= PRIMED_SECONDS:
            self._seconds = timed(int, self._call, 1).seconds
            if self._seconds > PRIMED_SECONDS:
                return self._seconds
        self._seconds = timed(int, self._call, batch(self._seconds)).seconds
        return self._seconds

    def _call(self, _: int) -> Any:
        answer = self._function(*self._arguments)
        if dask_graph.is_collection(answer):
            raise UsageError(
                f"{self._function.__name__} returned {type(answer).__name__}, which computes "
                "nothing yet: --against takes a function that does the whole work serially"
            )
        return answer
