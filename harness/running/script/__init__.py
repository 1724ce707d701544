"""Write a short program that reproduces one case with its engine and NumPy alone."""

from __future__ import annotations

import ast
import inspect
import re
import sys
from importlib import import_module

from jinja2 import Environment, PackageLoader, StrictUndefined

from harness.core import units
from harness.core.errors import UsageError
from harness.core.records import Case
from harness.running.executors import lookup
from harness.running.executors.base import Executor
from harness.running.executors.program import Program
from harness.running.host import pins
from harness.running.plan.case_name import format_case
from harness.running.script.definitions import Definitions
from harness.running.script.formatting import imports, written
from harness.running.script.rewrite import Dialect
from harness.running.script.specialise import Specialiser
from harness.running.workloads import make_workload
from harness.running.workloads.base import ActorWorkload, Workload
from harness.running.workloads.startup import STARTUP

ROUNDS = 5
HELPERS = {"linked": "harness.running.workloads.base", "partial": "functools"}
"""Functions that a :class:`Program` may call in its ways, and their modules."""
RESULTS = "def results(calls):\n    return [call.result() for call in calls]"
"""How a script waits for calls of actors, where its program says nothing else."""
_TIMING = {"from statistics import median", "from time import perf_counter"}
_DASK = {"da": "import dask.array as da", "db": "import dask.bag as db", "dask": "import dask"}
_TEMPLATES = Environment(  # noqa: S701 - Python, not HTML
    loader=PackageLoader(__name__),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


def script(case: Case, cores: float) -> str:
    """Write the program for *case*; *cores* usable cores are what the pin ``cores`` means.

    Nothing is executed, and the engine need not be installed. The case must be one that can run:
    see :func:`harness.running.measure.sweep.refusals.refusals`.

    Raises
    ------
    UsageError
        Where the executor's class does not say how a program runs such a workload on it.
    """
    executor = lookup(case.executor)
    workload = make_workload(case.workload, case.size)
    program = executor.own_program(actors=isinstance(workload, ActorWorkload))
    if program is None:
        raise UsageError(f"no script for {case.executor}: its class has no program to show")
    if program.launched:
        raise UsageError(f"no script for {case.executor}: it needs {program.launched}")
    dialect = Dialect(program.compute, program.call, program.results)
    parts = Specialiser(workload, dialect)
    body = _parallel(executor, workload, program)
    parallel = parts.function("parallel", ", ".join(filter(None, (program.handle, "seed"))), body)
    serial = parts.function("serial", "seed", "return self.baseline(seed)")
    check = parts.function("check", "answer", "return self.check(answer)")
    timed = [] if case.workload == STARTUP else [parallel]
    functions = [*parts.methods, serial, *timed, check]
    texts = [written(node) for node in functions]
    start = _filled(program.start, workload)
    used = set(re.findall(r"\w+", "\n".join([*texts, written(parallel), start, program.opening])))
    needed = _definitions(parts, program, workload, executor)
    needed.imports |= {line for name, line in _DASK.items() if name in used}
    numbers = parts.constants | {"CHUNK": case.chunk, "WORKERS": case.workers}
    shown = {name: _number(value) for name, value in numbers.items() if name in used}
    values = [text for text in needed.texts.values() if "\n" not in text]
    threads = pins.native_threads(case.pin, cores)
    template = "startup" if case.workload == STARTUP else "pairs"
    standard, others = imports(needed.imports | _TIMING if template == "pairs" else needed.imports)
    return _TEMPLATES.get_template(f"{template}.py.jinja").render(
        executor=case.executor,
        name=format_case(case),
        title=_title(case, workload),
        threads=threads,
        variables=pins.VARIABLES,
        settings=program.environ,
        standard=standard,
        others=others,
        values=[f"{', '.join(shown)} = {', '.join(shown.values())}", *values],
        definitions=[*(text for text in needed.texts.values() if "\n" in text), *texts],
        opening=_opening(program, used_in=f"{written(parallel)} {start}"),
        start=start,
        end=program.end,
        serial=["serial", *(parameter.arg for parameter in serial.args.args)],
        body=[written(_as_answer(line)) for line in parallel.body],
        parallel=["parallel", *(parameter.arg for parameter in parallel.args.args)],
        rounds=ROUNDS,
    )


def _parallel(executor: type[Executor], workload: Workload, program: Program) -> str:
    """Return the body of the timed function, as the executor runs *workload*."""
    if not executor.chunked:
        return "return self.whole(seed)"
    if program.call:
        return f"return self.converse({program.handle}, call, results, CHUNK)"
    if executor.native(workload):
        return (
            "expression = self.expression(dask, CHUNK, seed)\n"
            "return self.evaluate(dask, expression)"
        )
    if workload.way not in program.ways:
        raise UsageError(f"no script for {executor.name}: its program has no {workload.way}")
    function = "coroutine" if executor.awaits and workload.coroutine else "kernel"
    partials = program.ways[workload.way].replace("KERNEL", f"self.{function}")
    return f"tasks = self.tasks(CHUNK, seed)\nreturn self.combine({partials})"


def _definitions(
    parts: Specialiser, program: Program, workload: Workload, executor: type[Executor]
) -> Definitions:
    """Collect imports and definitions of everything that the script uses."""
    needed = Definitions()
    needed.imports |= set(program.imports)
    for name, (value, module) in parts.globals.items():
        needed.add(name, value, module)
    if "KERNEL" in program.start:
        needed.add(workload.kernel.__name__, workload.kernel, workload.kernel.__module__)
    if isinstance(workload, ActorWorkload) and program.call:
        needed.add(workload.actor.__name__, workload.actor, workload.actor.__module__)
    if program.call and program.results.startswith("results"):
        needed.texts["results"] = RESULTS
    used = written(parts.function("used", "", _parallel(executor, workload, program)))
    for helper, module in HELPERS.items():
        if f"{helper}(" in used:
            value = getattr(import_module(module), helper)
            needed.add(helper, value, module)
    home = sys.modules[executor.__module__]
    for helper in program.helpers:
        needed.add(helper, inspect.getattr_static(home, helper), home.__name__)
    return needed


def _filled(text: str, workload: Workload) -> str:
    """Put the names of the workload's own function and class into *text*."""
    actor = workload.actor.__name__ if isinstance(workload, ActorWorkload) else ""
    return text.replace("KERNEL", workload.kernel.__name__).replace("ACTOR", actor)


def _opening(program: Program, used_in: str) -> str:
    """Return the head of the ``with`` statement, without a name that *used_in* does not use."""
    opening = program.opening
    named = f" as {opening.rpartition(' as ')[2].rstrip(':')}" if opening else ""
    if named and not re.search(rf"\b{named.removeprefix(' as ')}\b", used_in):
        return f"{opening.removesuffix(f'{named}:')}:"
    return opening


def _as_answer(line: ast.stmt) -> ast.stmt:
    """Turn a returned value into the variable ``answer``."""
    if isinstance(line, ast.Return) and line.value:
        return ast.Assign([ast.Name("answer", ast.Store())], line.value, lineno=0)
    return line


def _number(value: object) -> str:
    return f"{value:_}" if isinstance(value, int) else repr(value)


def _title(case: Case, workload: Workload) -> str:
    whole = case.chunk == case.size
    chunks = "at once" if whole else f"in chunks of {workload.chunk_shape(case.chunk)}"
    many = f"size {units.count(case.size)} {chunks}"
    return f"{case.workload} on {case.executor}: {many}, workers {case.workers}."
