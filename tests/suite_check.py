"""What ASV would pass over in silence in a suite's file: each rule says what is wrong, or nothing.

ASV collects what looks like a benchmark and ignores everything else, so a slip of the pen costs
results without a word.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import Any

from asv_runner.benchmarks import benchmark_types
from asv_runner.benchmarks._base import get_setup_cache_key
from asv_runner.benchmarks.mark import _BENCHMARK_ATTRS

from harness.running.host.pins import PINS
from harness.running.plan.sweep import PARAMETERS
from harness.suite import _Suite

CALLED_BY_ASV = {"setup", "teardown", "setup_cache"}
READ_BY_ASV = {*_BENCHMARK_ATTRS, *CALLED_BY_ASV, "unit", "type", "benchmark_name", "pretty_source"}
OURS = {
    "workload",
    "axes",
    "share",
    "smoke_executors",
    "long_profiles_only",
    "every_worker_count",
    "scales",
    "extra_size",
    "size",
    "whole",
}
LONGEST_VALUE = 40
SILENCE_SECONDS = 60.0
"""ASV's own limit for a ``setup_cache`` that says nothing."""


def collected(name: str) -> bool:
    """Whether ASV takes a method of this name for a benchmark."""
    return any(kind.name_regex.match(name) for kind in benchmark_types)


def public_classes(module: ModuleType) -> list[Any]:
    """The classes that ASV looks into: suites, if all is well."""
    return [
        value
        for name, value in vars(module).items()
        if inspect.isclass(value) and not name.startswith("_")
    ]


def complaints(module: ModuleType) -> list[str]:
    """Everything that is wrong with the suite in *module*."""
    stem = module.__name__.rpartition(".")[2]
    suites = public_classes(module)
    texts = [text for suite in suites for text in _of_class(suite)]
    if not suites:
        texts.append("no public class")
    texts += _cache(module)
    texts += [
        f"public function {name!r} is no benchmark of a suite"
        for name, value in vars(module).items()
        if inspect.isfunction(value) and not name.startswith("_") and name != "setup_cache"
    ]
    return [f"{stem}: {text}" for text in texts]


def _of_class(suite: type) -> Iterator[str]:
    if not issubclass(suite, _Suite):
        yield f"{suite.__name__} does not inherit _Suite"
        return
    yield from _names(suite)
    yield from _parameters(suite)
    yield from _docstring(suite)


def _names(suite: type) -> Iterator[str]:
    for name in dir(suite):
        if name.startswith("_") or collected(name):
            continue
        value = inspect.getattr_static(suite, name)
        if name in OURS or name in READ_BY_ASV:
            continue
        if callable(value) or isinstance(value, (classmethod, staticmethod)):
            yield f"ASV does not collect the method {name!r}"
        else:
            yield f"ASV does not know the attribute {name!r}"


def _parameters(suite: type[_Suite]) -> Iterator[str]:
    if tuple(suite.param_names) != PARAMETERS:
        yield f"parameters {suite.param_names} instead of {list(PARAMETERS)}"
    if len(suite.params) != len(suite.param_names):
        yield f"{len(suite.params)} axes for {len(suite.param_names)} names"
    for name, values in zip(suite.param_names, suite.params):
        if len(set(values)) != len(values):
            yield f"axis {name!r} has a value twice: {values}"
        right = int if name in ("workers", "chunk") else str
        for value in values:
            if type(value) is not right or len(str(value)) > LONGEST_VALUE:
                yield f"axis {name!r} has {value!r}, which is no short {right.__name__}"
        if name == "pin" and not set(values) <= set(PINS):
            yield f"axis 'pin' has {values}, known are {PINS}"
    for name in suite.axes:
        if len(set(suite.axes[name])) != len(suite.axes[name]):
            yield f"axis {name!r} is written with a value twice: {suite.axes[name]}"


def _docstring(suite: type) -> Iterator[str]:
    text = " ".join((vars(suite).get("__doc__") or "").split())
    if not re.fullmatch(r"[A-Z0-9][^.!?]*[.!?]", text):
        yield f"its docstring is not one sentence: {text!r}"


def _cache(module: ModuleType) -> Iterator[str]:
    own = getattr(module, "setup_cache", None)
    if own is None:
        yield "no function setup_cache: nothing is measured"
        return
    if inspect.getsourcefile(own) != module.__file__:
        yield "setup_cache is defined in another file: ASV runs it once for all suites that use it"
    for suite in public_classes(module):
        if hasattr(suite, "setup_cache"):
            yield f"{suite.__name__} has a setup_cache of its own: the suite is measured twice"
        if getattr(suite, "timeout", 0.0) <= SILENCE_SECONDS:
            yield "the timeout is not set: ASV ends setup_cache after 60 s of silence"


def shared_caches(modules: Iterable[ModuleType]) -> list[str]:
    """Suites that ASV would give the data of another one."""
    owners: dict[str, str] = {}
    texts = []
    for module in modules:
        key = get_setup_cache_key(getattr(module, "setup_cache", None))
        other = owners.setdefault(key, module.__name__)
        if other != module.__name__:
            texts.append(f"{module.__name__} and {other} share the setup_cache {key}")
    return texts
