"""Settings of Dask by the names that people use."""

from __future__ import annotations

from difflib import get_close_matches

from harness.core.errors import UsageError

SHORT = {
    "worker-saturation": "distributed.scheduler.worker-saturation",
    "work-stealing": "distributed.scheduler.work-stealing",
    "chunk-size": "array.chunk-size",
}
"""What may be written for the settings that most often move a result."""


def setting_named(name: str) -> str:
    """The full name of the setting *name*, which Dask has here.

    Raises
    ------
    UsageError
        Where Dask has no such setting, or is not installed.
    """
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
