"""A case as one word that people type and copy: ``random-sum/dask-threads/chunk=100000``."""

from __future__ import annotations

import re

from harness.core.errors import UsageError
from harness.core.records import Case
from harness.core.run_options import DEFAULT_PROFILE
from harness.running.executors import lookup
from harness.running.host.pins import PINS
from harness.running.plan.profiles import make_profile
from harness.running.workloads import make_workload

EXAMPLE = "random-sum/dask-threads/chunk=100000"
_SETTINGS = ("chunk", "size", "workers", "pin")


def format_case(case: Case) -> str:
    """The full name of *case*, which :func:`parse_case` reads on every machine."""
    settings = (f"{name}={getattr(case, name)}" for name in _SETTINGS)
    return "/".join((case.workload, case.executor, *settings))


def parse_case(text: str, cores: int) -> Case:
    """The case called *text*: ``WORKLOAD/EXECUTOR/chunk=N[/size=N][/workers=N][/pin=PIN]``.

    Without ``size`` it is the default profile's, without ``workers`` as many as *cores* (1 where
    the executor runs one task at a time), without ``pin`` one native thread (or the executor's own
    pin). An executor that computes the whole at once needs no ``chunk``.

    Raises
    ------
    UsageError
        With one line that says what is wrong, and names what there is.
    """
    workload, executor, settings = _split(text)
    make_workload(workload, 1)  # the names first: they are what the rest depends on
    engine = lookup(executor)
    size = _number("size", settings["size"]) if "size" in settings else _default_size(workload)
    if "chunk" in settings:
        chunk = _number("chunk", settings["chunk"])
    elif engine.chunked:
        raise UsageError(f"{text!r} has no chunk: add for example /chunk=1000")
    else:
        chunk = size
    if chunk > size:
        raise UsageError(
            f"chunk={chunk} is larger than size={size}: give a smaller chunk or a larger size"
        )
    most = cores if engine.max_workers is None else engine.max_workers
    workers = _number("workers", settings["workers"]) if "workers" in settings else most
    pin = settings.get("pin", "1" if "1" in engine.pins else engine.pins[0])
    if pin not in PINS:
        raise UsageError(f"unknown pin {pin!r}: choose one of {', '.join(PINS)}")
    return Case(
        workload=workload, size=size, executor=executor, workers=workers, pin=pin, chunk=chunk
    )


def _split(text: str) -> tuple[str, str, dict[str, str]]:
    parts = text.strip().split("/")
    if len(parts) < 2 or any("=" in part for part in parts[:2]):
        raise UsageError(f"{text!r} is no case: write WORKLOAD/EXECUTOR/chunk=N, as in {EXAMPLE}")
    settings: dict[str, str] = {}
    for part in parts[2:]:
        name, equals, value = part.partition("=")
        if not equals or name not in _SETTINGS:
            raise UsageError(f"unknown setting {part!r}: use {', '.join(_SETTINGS)}, as in chunk=N")
        if name in settings:
            raise UsageError(f"{name} is given twice in {text!r}: give it once")
        settings[name] = value
    return parts[0], parts[1], settings


def _number(name: str, text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,18}(_[0-9]{1,3})*", text) or int(text) < 1:
        raise UsageError(f"{name}={text!r} is not a number: give a whole number of at least 1")
    return int(text)


def _default_size(workload: str) -> int:
    profile = make_profile(DEFAULT_PROFILE)
    if not profile.sizes(workload):
        raise UsageError(
            f"profile {DEFAULT_PROFILE} has no size for {workload}: say it, as in /size=1000000"
        )
    return profile.size(workload)
