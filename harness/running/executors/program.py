"""How a program of one's own starts an engine and hands it the tasks, as the engine's documentation
shows it; ``chunkbench show --script`` fills it in.

The texts are Python with names to fill in: ``KERNEL`` is the workload's function, ``ACTOR`` its
actors' class, ``METHOD`` a method of an actor. ``WORKERS`` is a constant of the script.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Program:
    """What a script says to one executor.

    Attributes
    ----------
    ways : mapping of str to str
        Way to the expression that gives the partial results of ``tasks``.
    imports : tuple of str
        Import lines.
    environ : mapping of str to str
        Variables to set before the imports.
    handle : str or None
        Name of what ``opening`` or ``start`` brings up, if the calls need it.
    opening : str
        The head of a ``with`` statement, or ``""``.
    start, end : str
        Lines before the first call and after the last one.
    compute : str
        Arguments of Dask's ``compute``.
    call : str
        A call of an ``actor``; ``""`` where there are none.
    results : str
        How ``calls`` are waited for; by default ``call.result()`` for each of them.
    helpers : tuple of str
        Functions of the executor's own module that ``start`` and ``call`` use.
    """

    ways: Mapping[str, str]
    imports: tuple[str, ...] = ()
    environ: Mapping[str, str] = field(default_factory=dict)
    handle: str | None = None
    opening: str = ""
    start: str = ""
    end: str = ""
    compute: str = ""
    call: str = ""
    results: str = "results(calls)"
    helpers: tuple[str, ...] = ()
