"""A short program that reproduces one case with its engine and NumPy alone."""

from __future__ import annotations

import ast
import inspect
import re
from importlib import import_module

from jinja2 import Environment, PackageLoader, StrictUndefined

from harness.core import units
from harness.core.errors import UsageError
from harness.core.records import Case
from harness.running.executors import lookup, registry
from harness.running.host import pins
from harness.running.plan.case_name import format_case
from harness.running.script.engines import ACTORS, ENGINES, HELPERS, RESULTS, Engine
from harness.running.script.formatting import imports, written
from harness.running.script.rewrite import Dialect
from harness.running.script.sources import Sources
from harness.running.script.specialise import Specialiser
from harness.running.workloads import make_workload
from harness.running.workloads.base import ActorWorkload, Workload
from harness.running.workloads.startup import STARTUP

ROUNDS = 5
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
    """The program for *case*, whose pin means *cores* usable cores where it says so.

    Nothing is executed, and the engine need not be installed. The case must be one that can run:
    see :func:`harness.running.measure.sweep.refusals.refusals`.

    Raises
    ------
    UsageError
        For the executor of a third party, of which nobody told how its programs look.
    """
    if case.executor not in ENGINES:
        raise UsageError(f"no script for {case.executor}: there are {', '.join(ENGINES)}")
    workload = make_workload(case.workload, case.size)
    actors = isinstance(workload, ActorWorkload)
    engine = (ACTORS if actors else {}).get(case.executor, ENGINES[case.executor])
    dialect = Dialect(engine.compute, engine.call, engine.results)
    parts = Specialiser(workload, dialect)
    body = _parallel(case, workload, engine)
    parallel = parts.function("parallel", ", ".join(filter(None, (engine.handle, "seed"))), body)
    serial = parts.function("serial", "seed", "return self.baseline(seed)")
    check = parts.function("check", "answer", "return self.check(answer)")
    timed = [] if case.workload == STARTUP else [parallel]
    functions = [*parts.methods, serial, *timed, check]
    texts = [written(node) for node in functions]
    start = _filled(engine.start, workload)
    used = set(re.findall(r"\w+", "\n".join([*texts, written(parallel), start, engine.opening])))
    sources = _sources(parts, engine, workload, case)
    sources.imports |= {line for name, line in _DASK.items() if name in used}
    numbers = parts.constants | {"CHUNK": case.chunk, "WORKERS": case.workers}
    shown = {name: _number(value) for name, value in numbers.items() if name in used}
    values = [text for text in sources.definitions.values() if "\n" not in text]
    threads = pins.native_threads(case.pin, cores)
    template = "start_up" if case.workload == STARTUP else "pairs"
    standard, others = imports(
        sources.imports | _TIMING if template == "pairs" else sources.imports
    )
    return _TEMPLATES.get_template(f"{template}.py.jinja").render(
        executor=case.executor,
        name=format_case(case),
        title=_title(case, workload),
        threads=threads,
        variables=pins.VARIABLES,
        settings=engine.environ,
        standard=standard,
        others=others,
        values=[f"{', '.join(shown)} = {', '.join(shown.values())}", *values],
        definitions=[*(set_ for set_ in sources.definitions.values() if "\n" in set_), *texts],
        opening=_opening(engine, used_in=f"{written(parallel)} {start}"),
        start=start,
        end=engine.end,
        serial=["serial", *(one.arg for one in serial.args.args)],
        body=[written(_as_answer(line)) for line in parallel.body],
        parallel=["parallel", *(one.arg for one in parallel.args.args)],
        rounds=ROUNDS,
    )


def _parallel(case: Case, workload: Workload, engine: Engine) -> str:
    """The body of the timed function, as the executor runs *workload*."""
    executor = lookup(case.executor)
    if not executor.chunked:
        return "return self.whole(seed)"
    if engine.call:
        return f"return self.converse({engine.handle}, call, results, CHUNK)"
    written = type(workload).expression is not Workload.expression
    if written and "dask" in executor.needs and workload.way in ("tasks", "collections"):
        return (
            "expression = self.expression(dask, CHUNK, seed)\n"
            "return self.evaluate(dask, expression)"
        )
    each = engine.ways[workload.way].replace("KERNEL", "self.kernel")
    return f"tasks = self.tasks(CHUNK, seed)\nreturn self.combine({each})"


def _sources(parts: Specialiser, engine: Engine, workload: Workload, case: Case) -> Sources:
    """Imports and definitions of everything that the script uses."""
    found = Sources()
    found.imports |= set(engine.imports)
    for name, (value, module) in parts.globals.items():
        found.add(name, value, module)
    if "KERNEL" in engine.start:
        found.add(workload.kernel.__name__, workload.kernel, workload.kernel.__module__)
    if isinstance(workload, ActorWorkload) and engine.call:
        found.add(workload.actor.__name__, workload.actor, workload.actor.__module__)
    home = import_module(registry()[case.executor].partition(":")[0])
    if engine.call and engine.results.startswith("results"):
        found.definitions["results"] = RESULTS
    used = written(parts.function("used", "", _parallel(case, workload, engine)))
    for helper, module in HELPERS.items():
        if f"{helper}(" in used:
            value = getattr(import_module(module), helper)
            found.add(helper, value, module)
    for helper in engine.helpers:
        found.add(helper, inspect.getattr_static(home, helper), home.__name__)
    return found


def _filled(text: str, workload: Workload) -> str:
    actor = workload.actor.__name__ if isinstance(workload, ActorWorkload) else ""
    return text.replace("KERNEL", workload.kernel.__name__).replace("ACTOR", actor)


def _opening(engine: Engine, used_in: str) -> str:
    """The head of the ``with`` statement, without a name for what nobody uses."""
    named = f" as {engine.opening.rpartition(' as ')[2].rstrip(':')}" if engine.opening else ""
    if named and not re.search(rf"\b{named.removeprefix(' as ')}\b", used_in):
        return f"{engine.opening.removesuffix(f'{named}:')}:"
    return engine.opening


def _as_answer(line: ast.stmt) -> ast.stmt:
    """A returned value as the variable ``answer``."""
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
