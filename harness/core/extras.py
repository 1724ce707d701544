"""What comes with an extra of the package, and what to type where it is missing."""

from __future__ import annotations

from importlib.util import find_spec

from harness.core.errors import UsageError

EXTRAS = {
    "asv": ("asv", "virtualenv"),
    "dashboard": ("bokeh", "graphviz"),
    "eliot": ("eliot",),
    "plots": ("matplotlib", "seaborn"),
    "ray": ("ray",),
    "site": ("altair", "markdown_it", "vl_convert"),
}
"""Extra to the modules that it brings. What only executors need, they say themselves."""


def installing(extra: str) -> str:
    """The command that installs *extra*."""
    return f"pip install 'chunkbench[{extra}]'"


def missing_words(error: ModuleNotFoundError) -> str | None:
    """What to install for the module that *error* misses; ``None`` where no extra has it."""
    module = (error.name or "").split(".")[0]
    extra = next((extra for extra, modules in EXTRAS.items() if module in modules), None)
    return None if extra is None else _words(module, extra)


def check_installed(extra: str) -> None:
    """Refuse before anything is measured or written what the last step would lack.

    Raises
    ------
    UsageError
        With what is missing of *extra*, and the command that installs it.
    """
    for module in EXTRAS[extra]:
        if find_spec(module) is None:
            raise UsageError(_words(module, extra))


def _words(module: str, extra: str) -> str:
    return f"this needs {module}, which is not installed: {installing(extra)}"
