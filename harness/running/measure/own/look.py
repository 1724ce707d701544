"""Look at a user's work before it is swept, in a process of its own."""

from __future__ import annotations

import sys
from functools import partial
from time import monotonic
from typing import Any

from harness.core import units
from harness.core.errors import MeasureError
from harness.core.records import Record, Status
from harness.running.host import pins
from harness.running.measure.environment.other_python import Environment
from harness.running.measure.own.own_processes import Patience, ask
from harness.running.measure.process.case_error import CaseError
from harness.running.measure.process.channel import Channel, child_environment
from harness.running.measure.process.supervision import supervised
from harness.running.workloads import kept_works
from harness.running.workloads.kept_works import WorkSpec

PROGRAM = "harness.running.measure.own.looking_child"


class Looked(Record):
    """What a few items told of a work.

    Attributes
    ----------
    start_seconds : float
        What starting the process that looked took, with the user's modules and items.
    items : int
        How many items there are.
    looked : int
        How many of them were run.
    first_seconds, item_seconds : float
        The very first call, and the mean of the others, in s.
    task_bytes, item_bytes, result_bytes : float or None
        Pickled: a task without items, an item, and what the function returns of it; ``None``
        where that cannot be pickled.
    unpicklable : dict
        ``pickle`` and ``cloudpickle``, each to the part that it cannot take and why, or ``None``.
    unstable : bool
        Whether two calls of the first item gave different answers.
    """

    start_seconds: float
    items: int
    looked: int
    first_seconds: float
    item_seconds: float
    task_bytes: float | None
    item_bytes: float | None
    result_bytes: float | None
    unpicklable: dict[str, str | None]
    unstable: bool

    @property
    def whole_seconds(self) -> float:
        """About what the plain loop over all items takes, in s."""
        return self.items * self.item_seconds


class LookedWhole(Record):
    """What one call told of a work whose function does the whole.

    Attributes
    ----------
    start_seconds : float
        What starting the process that looked took, with the user's modules.
    serial_seconds : float
        What the serial function takes, in s.
    takes : str or None
        The argument that says how the work is cut.
    default : int or None
        Its default, where that is a number.
    needed : bool
        Whether it has no default.
    collection : bool
        Whether the function returns something of Dask's to be computed.
    returns : str
        The type of what it returns.
    """

    start_seconds: float
    serial_seconds: float
    takes: str | None
    default: int | None
    needed: bool
    collection: bool
    returns: str


def look(
    spec: WorkSpec,
    cores: float,
    most_seconds: float,
    budget_seconds: float,
    elsewhere: Environment | None = None,
) -> Looked | LookedWhole:
    """Run a few items of *spec* in a plain loop, or its serial function, on one native thread.

    Parameters
    ----------
    spec : WorkSpec
    cores : float
        Usable cores.
    most_seconds : float
        No item is begun that would end later than this; one is run in any case.
    budget_seconds : float
        What there is for the whole sweep: one item that takes longer is not waited for.
    elsewhere : Environment, optional
        The Python to look on, where it is another one than this.

    Raises
    ------
    UsageError
        Where a function or the items are not there, or not what they should be.
    MeasureError
        Where a function raises, or its process dies.
    """
    began = monotonic()
    names = {name: getattr(spec, name) for name in ("task", "items", "against", "check")}
    with supervised() as reaper:
        scratch, mark = reaper.scratch / "look", reaper.mark("look")
        pinned = pins.environment("1", cores)
        folders = kept_works.folders()
        environment = child_environment(mark, scratch, pinned, folders, elsewhere)
        python = elsewhere.python if elsewhere else sys.executable
        channel = Channel(environment, scratch, PROGRAM, python)
        reaper.watch(channel.process.pid)
        try:
            made = ask(channel, "load", Patience(), **names)
            start = monotonic() - began
            if spec.items is None:
                told = _within(channel, budget_seconds, "look_at_whole", most_seconds=most_seconds)
                return LookedWhole(start_seconds=start, **told)
            found = _within(
                channel, budget_seconds, "look", most_seconds=most_seconds, check=spec.check
            )
            return Looked(start_seconds=start, **made, **found)
        finally:
            channel.close(partial(reaper.end, mark))


def _within(channel: Channel, seconds: float, command: str, **arguments: Any) -> dict[str, Any]:
    """The reply of the child to *command*, which must not take as long as the whole sweep may.

    Raises
    ------
    MeasureError
        Where it does, or the work fails.
    """
    try:
        return channel.ask(command, seconds, **arguments)
    except CaseError as error:
        if error.status is Status.TIMEOUT:
            raise MeasureError(
                f"one call takes longer than the budget of {units.seconds(seconds)}: give a larger "
                "--budget, or smaller items"
            ) from None
        raise MeasureError(
            f"the work fails without any engine ({error.reason}): run the function by itself"
        ) from None
