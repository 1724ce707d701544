"""What a user says of a work: a function, its items, and how answers are compared."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.core.errors import UsageError
from harness.running.workloads import same_answers, users_objects
from harness.running.workloads.kept_works import WorkSpec
from harness.running.workloads.users_work import SAME

Named = str | Callable[..., Any]


@dataclass(frozen=True)
class GivenWork:
    """A work that can be measured: made by :func:`work`, measured by :func:`harness.run`.

    Attributes
    ----------
    task, items, against, check : object
        As they were given to :func:`work`.
    """

    task: Named
    items: Any
    against: Named | None
    check: Named | None

    @property
    def name(self) -> str:
        """What the journal calls it."""
        return self.task if isinstance(self.task, str) else _name(self.task)

    def spec(self, folder: Path) -> WorkSpec:
        """The work as processes find it; what no module has by name is written to *folder*.

        Raises
        ------
        UsageError
            Where something can neither be found by name nor pickled.
        """
        return WorkSpec(
            name=self.name,
            task=_place(self.task, "the function", folder / "task"),
            items=_given(self.items, "items", folder / "items"),
            against=_given(self.against, "the serial function", folder / "against"),
            check=_check(self.check, folder / "check"),
        )


def work(
    task: Named,
    *,
    items: str | Iterable[Any] | Callable[[], Iterable[Any]] | None = None,
    against: Named | None = None,
    check: Named | None = "default",
) -> GivenWork:
    """Say what to measure: *task* of each of *items*, beside the loop ``[task(x) for x in items]``;
    or a function that does the whole, beside *against*, which does the same serially.

    Example: ``harness.run(harness.work(task, items=inputs), budget="1m")``

    Parameters
    ----------
    task : function or str
        Takes one item; or ``module:function``. Without *items* it does the whole: it returns a
        Dask collection to be computed, or computes by itself, and takes nothing, or one argument
        called ``chunks`` or ``npartitions``.
    items : iterable, function or str
        The items; a function without arguments that makes them, which every process calls itself;
        or ``module:name`` of one of the two.
    against : function or str, optional
        What is run today instead of a *task* that does the whole; it takes nothing.
    check : function, str or None
        Compares the list of answers with that of the loop, or the answer of the whole with that of
        *against*: :func:`harness.equal`, the default with *items*; :func:`harness.close`, the
        default without; or a function of the two that says whether the first is right. ``None``
        compares nothing.

    Raises
    ------
    UsageError
        Where *task* is no function, or both or neither of *items* and *against* are given.
    """
    if (items is None) == (against is None):
        raise UsageError(
            "give items for a function that is mapped over them, or against for one that does the "
            "whole: one of the two"
        )
    if not isinstance(task, str) and not callable(task):
        raise UsageError(f"{type(task).__name__} is no function: give a function of one item")
    if items is not None and not isinstance(items, str) and not callable(items):
        items = list(items)
        if not items:
            raise UsageError("there are no items: give a list with at least one")
    if isinstance(check, str) and check == "default":
        check = same_answers.equal if against is None else same_answers.close
    return GivenWork(task, items, against, check)


def _name(function: Callable[..., Any]) -> str:
    if place := users_objects.place_of(function):
        return place
    inner = getattr(function, "func", function)  # of a functools.partial
    name = str(getattr(inner, "__qualname__", type(function).__name__))
    return name.rpartition("<locals>.")[2].replace("<lambda>", "lambda")


def _place(value: Any, what: str, file: Path) -> str:
    if isinstance(value, str):
        return value
    by_name = users_objects.place_of(value) if callable(value) else None
    return by_name or users_objects.write(value, what, file)


def _given(value: Any, what: str, file: Path) -> str | None:
    return None if value is None else _place(value, what, file)


def _check(check: Named | None, file: Path) -> str:
    for name, same in SAME.items():
        if check is same or check == name:
            return name
    return _place(check, "check", file)
