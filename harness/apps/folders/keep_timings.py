"""Keep timings that others took beside the journals, where every report finds them."""

from __future__ import annotations

import re
from pathlib import Path

from harness.apps.folders.staging import locked, put
from harness.core.errors import UsageError
from harness.core.records.timings import Timings
from harness.reading.ingest.foreign.kept_timings import FOLDER

_UNFIT = re.compile(r"[^A-Za-z0-9._+-]+")


def keep_timings(timings: Timings, results: Path) -> Path:
    """Write *timings* to ``<machine>/timings/<name>.json`` in *results*; return the path.

    A file of the same name that was read from the same source is replaced.

    Raises
    ------
    UsageError
        Where a file of that name holds timings of another source.
    """
    path = results / _fit(timings.machine) / FOLDER / f"{_fit(timings.name)}.json"
    if path.exists() and f'"source": "{timings.source}"' not in path.read_text("utf-8"):
        raise UsageError(
            f"{path} holds other timings: name this machine by --machine, or delete it"
        )
    text = timings.model_dump_json(indent=1) + "\n"
    with locked(results):
        put(results, {path.relative_to(results).as_posix(): text.encode}, [])
    return path


def _fit(name: str) -> str:
    return _UNFIT.sub("-", name).strip(".-") or "timings"
