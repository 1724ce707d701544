"""Settings of Dask by the names that people use."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from harness.core.errors import UsageError
from harness.core.run_options import KEPT_OUT, SECURE
from harness.running.executors.dask_locked import as_variables

SHORT = {
    "worker-saturation": "distributed.scheduler.worker-saturation",
    "work-stealing": "distributed.scheduler.work-stealing",
    "chunk-size": "array.chunk-size",
}
"""What may be written for the settings that most often move a result."""


def setting_named(name: str) -> str:
    """The full name of the setting *name*, which Dask has here, or ``secure``.

    Raises
    ------
    UsageError
        Where Dask has no such setting, or is not installed.
    """
    if name == KEPT_OUT:
        return name
    try:
        import dask  # noqa: PLC0415
        import distributed  # noqa: F401, PLC0415 - it brings settings of its own
    except ImportError as error:
        raise UsageError(f"{name}: {error}; pip install 'dask[array,distributed]'") from None
    full = SHORT.get(name, name)
    absent = object()
    if dask.config.get(full, absent) is absent:
        near = get_close_matches(name, [*SHORT, *SHORT.values()], n=1)
        meant = f"; did you mean {near[0]}?" if near else ""
        raise UsageError(f"Dask has no setting {name}: write it as distributed.scheduler.X{meant}")
    return full


def checked_value(name: str, value: str) -> str:
    """*value*, which the setting *name* can have.

    Raises
    ------
    UsageError
        Where it is none of those there are.
    """
    if name == KEPT_OUT and value not in ("on", "off"):
        raise UsageError(f"{name}={value}: write {name}=on or {name}=off")
    return value


def setting_variables(settings: Mapping[str, str]) -> dict[str, str]:
    """The environment variables by which a start-up gets *settings*."""
    of_dask = {name: value for name, value in settings.items() if name != KEPT_OUT}
    ours = {SECURE: settings[KEPT_OUT]} if KEPT_OUT in settings else {}
    return as_variables(of_dask) | ours
