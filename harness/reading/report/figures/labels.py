"""Words of figures: names of series, and the text for those who do not see a figure."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from harness.core import units
from harness.core.records import Verdict
from harness.core.units import plural
from harness.reading.analysis.verdict.all_cores import ALL_CORES

_MOST_LISTED = 12
_BASELINE = "the serial baseline"


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


def finding(cases: pd.DataFrame) -> str:
    """Say for a title which executors beat the serial baseline, and by how much.

    Parameters
    ----------
    cases : DataFrame
        Rows of ``schema.CASES`` with a result; of those with several workers, if there are any.
    """
    several = cases[cases["workers"].gt(1) & cases["executor"].ne(ALL_CORES)]
    rows = several if len(several) else cases
    names = sorted(rows["executor"].unique())
    paying = rows[rows["verdict"].eq(Verdict.PAYS).fillna(False).astype(bool)]
    if paying.empty:
        lost = rows["verdict"].isin([Verdict.OVERHEAD.value, Verdict.EQUAL.value]).all()
        if len(names) == 1:
            return f"{names[0]} {'never beats' if lost else 'is not shown to beat'} {_BASELINE}"
        return (
            f"none of {len(names)} executors {'beats' if lost else 'is shown to beat'} {_BASELINE}"
        )
    best = paying.loc[[paying["speedup"].astype("float64").idxmax()]].iloc[0]
    most = f"{units.ratio(float(best['speedup']))} times as fast"
    many = paying["executor"].nunique()
    if len(names) == 1:
        return f"{names[0]} beats {_BASELINE}: {most} at best"
    beat = "beats" if many == 1 else "beat"
    return f"{many} of {len(names)} executors {beat} {_BASELINE}; best {best['executor']}, {most}"


def _workers(count: int) -> str:
    return plural(count, "worker")
