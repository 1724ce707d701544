"""Words of figures: names of series, and the text for those who do not see a figure."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from harness.core import units
from harness.core.units import plural

_MOST_LISTED = 12


def named(rows: pd.DataFrame) -> pd.Series[str]:
    """Name the set-up of each row: its executor, and of workers and pin what varies."""
    name = rows["executor"].astype("string")
    if rows["workers"].nunique() > 1:
        name += ", " + rows["workers"].map(_workers).astype("string")
    return name + ", pin " + rows["pin"] if rows["pin"].nunique() > 1 else name


def common(rows: pd.DataFrame) -> str:
    """Say what all rows share of workers and pin, to stand beside the names of :func:`named`."""
    first, parts = rows.iloc[0], []
    if rows["workers"].nunique() == 1:
        parts.append(_workers(first["workers"]))
    if rows["pin"].nunique() == 1:
        parts.append(f"pin {first['pin']}")
    return ", ".join(parts)


def listed(texts: Sequence[str]) -> str:
    """Join *texts* to one sentence; of a long list the end is left out, and counted."""
    shown = "; ".join(texts[:_MOST_LISTED])
    more = len(texts) - _MOST_LISTED
    return f"{shown}; and {more} more" if more > 0 else shown


def lowest_point(rows: pd.DataFrame, label: str, name: str, column: str) -> str:
    """Say where the series *label* is lowest: its *name* in seconds, and at which *column*."""
    lowest = rows.loc[[rows[name].idxmin()]].iloc[0]
    seconds = units.seconds(float(lowest[name]))
    return f"{label}: {seconds} at {column} {units.count(lowest[column])}"


def _workers(count: int) -> str:
    return plural(count, "worker")
