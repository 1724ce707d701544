"""chunkbench: where does scheduler overhead exceed the gain of going parallel?

In a notebook::

    import harness

    r = harness.read_results("results")
    r.cases                                    # a pandas frame; so are r.break_even, r.metg, ...
    r.only(workload="random-sum").plot.time_vs_chunk()
    harness.advise("mywork:mean", check=True)  # which chunks for one's own work?

What is named here is imported when it is first used, so that ``import harness`` stays cheap.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.advice import advise
    from harness.own_sweep import run
    from harness.report.notebook import read_results
    from harness.settle import settle

__version__ = "0.1.0"
__all__ = ["__version__", "advise", "read_results", "run", "settle"]

_HOMES = {
    "advise": "harness.advice",
    "read_results": "harness.report.notebook",
    "run": "harness.own_sweep",
}


def __getattr__(name: str) -> Any:
    if name == "settle":  # a module and its one function: the module can be called
        return import_module("harness.settle")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(_HOMES[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
