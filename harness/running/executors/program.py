"""How a program without chunkbench uses an engine, as the engine's own documentation shows it;
``chunkbench show --script`` fills it in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from textwrap import indent


@dataclass(frozen=True)
class Program:
    """How a script starts the engine of an executor and hands it the tasks of a workload.

    Its texts are Python. In them ``KERNEL`` stands for the workload's function, ``ACTOR`` for the
    class of its actors, ``METHOD`` for a method of theirs, and ``WORKERS`` is a constant.

    Attributes
    ----------
    ways : mapping of str to str
        Each way of running tasks (see ``Executor.ways``) to the expression that gives the partial
        results of ``tasks``.
    imports : tuple of str
        Import lines.
    environ : mapping of str to str
        Variables to set before the imports.
    handle : str or None
        Name of what ``opening`` or ``start`` brings up, if the timed calls use it.
    opening : str
        The head of a ``with`` statement, or ``""``.
    start, end : str
        Lines before the first call and after the last one.
    compute : str
        Arguments of every ``compute``, for workloads written with Dask's collections.
    call : str
        A call of an ``actor``; ``""`` where there are none.
    results : str
        How ``calls`` are waited for; by default ``call.result()`` for each of them.
    helpers : tuple of str
        Functions of the executor's own module that ``start`` and ``call`` use.
    launched : str
        What has to start such a program, or to compile it as a whole, where Python alone cannot;
        then these lines are shown and no script is written.
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
    launched: str = ""

    def idiom(self, definitions: Iterable[str] = ()) -> str:
        """Write the lines that call a function ``f`` with each of ``tasks``, tuples of arguments.

        *definitions* are those of the helpers. Without variables to set; empty where the program
        has actors instead.
        """
        if not self.ways:
            return ""
        called = f"results = {next(iter(self.ways.values()))}"
        body = "\n".join(filter(None, (self.start, called, self.end))).replace("KERNEL", "f")
        if self.opening:
            body = f"{self.opening}\n{indent(body, '    ')}"
        return "\n".join((*self.imports, *definitions, body))
