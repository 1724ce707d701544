"""Make one ``benchmarks.json`` from those of several results folders and from their results."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from harness.apps.asv.site import load_json, merged

BENCHMARKS = "benchmarks.json"


def union(folders: Sequence[Path], results: Iterable[Path]) -> str | None:
    """Write the text of ``benchmarks.json`` after a merge; ``None`` where no folder has one.

    Of several entries of one benchmark, that which is last in the order of texts counts, whatever
    the order of *folders*; parameters and version are those of the *results*.

    Raises
    ------
    InputError
        Where a file is not ASV's.
    """
    known: dict[str, dict[str, Any]] = {}
    version: Any = None
    for folder in folders:
        path = folder / BENCHMARKS
        if not path.is_file():
            continue
        for name, entry in load_json(path).items():
            if name == "version":
                version = max(version or 0, entry)
            elif name not in known or _rank(entry) > _rank(known[name]):
                known[name] = entry
    if not known:
        return None
    entries = known | merged(known, map(load_json, results))
    return json.dumps({**dict(sorted(entries.items())), "version": version}, indent=4)


def _rank(entry: dict[str, Any]) -> tuple[str, str]:
    """Rank entries by what :func:`merged` leaves as it is, then by the rest."""
    lasting = {name: value for name, value in entry.items() if name not in ("params", "version")}
    return json.dumps(lasting, sort_keys=True), json.dumps(entry, sort_keys=True)
