"""Curves of timings that nobody paired: time against chunk, or against workers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from harness.core import units
from harness.core.records import Status
from harness.core.units import plural
from harness.reading.report.analysed import Analysed
from harness.reading.report.figures import base as draw
from harness.reading.report.figures.palette import look
from harness.reading.report.figures.saving import Planned

_UNPAIRED = "unpaired: no verdict"
_MOST = 10
"""So many lines can be told apart."""


def planned(results: Analysed) -> Iterator[Planned]:
    """Plan the figures of each workload in a file of timings with several chunks or workers."""
    timings = results.read.asv
    good = timings["status"].eq(Status.OK) & timings["seconds"].notna() & ~timings["paired"]
    drawn = timings[good.fillna(False).astype(bool)]
    for (_, run, workload), rows in drawn.groupby(["machine", "run", "workload"], sort=False):
        for axis in ("chunk", "workers"):
            if rows[axis].nunique() > 1:
                asked = (rows, axis)
                what = f"{workload}-by-{axis}"
                yield Planned(str(run), what, _alt(rows, axis), time_against, asked)


def time_against(rows: pd.DataFrame, axis: str) -> Figure:
    """Draw time against *axis*, both on a log axis, a line for each of what else differs.

    Parameters
    ----------
    rows : DataFrame
        Unpaired rows that obey ``schema.CASES``, of one workload of one file.
    axis : str
        ``chunk`` or ``workers``.

    Returns
    -------
    Figure
        Seconds; bars are intervals of the median where there are six timings or more.
    """
    known = rows[rows[axis].notna()]
    lines = _lines(known, axis)
    styled = draw.styles([*lines][:_MOST])
    with look():
        figure, (axes,) = draw.grid(1, 7.4, 4.6)
        axes.set_xscale("log")
        axes.set_yscale("log")
        for name, style in styled.items():
            line = lines[name].sort_values(axis)
            x = line[axis].to_numpy(dtype=np.float64)
            draw.curve(axes, x, draw.ends(line, "seconds"), style)
        first = known.iloc[0]
        axes.set_ylabel("time of one call, median")
        axes.set_xlabel(axis)
        draw.seconds_ticks(axes.yaxis)
        draw.count_ticks(axes.xaxis)
        if len(styled) > 1:
            more = f"{len(styled)} of {len(lines)} lines" if len(lines) > len(styled) else None
            draw.legend(figure, draw.keys(styled), more)
        of = f"{first['workload']}, {first['machine']}: {_UNPAIRED}"
        draw.title(figure, _finding(known, axis), of)
    return figure


def _lines(rows: pd.DataFrame, axis: str) -> dict[str, pd.DataFrame]:
    """The rows by all that differs among them but *axis*."""
    names = [name for name in ("executor", "workers", "pin", "chunk", "size") if name != axis]
    varying = [name for name in names if rows[name].nunique(dropna=False) > 1]
    if _follows(rows, "size", ["chunk", "workers"]) and "size" in varying:
        varying.remove("size")  # the problem grows with the chunk and the workers
    if not varying:
        return {"timings": rows}
    return {
        ", ".join(_part(name, value) for name, value in zip(varying, key)): line
        for key, line in rows.groupby(varying, dropna=False)
    }


def _follows(rows: pd.DataFrame, name: str, keys: list[str]) -> bool:
    return bool((rows.groupby(keys, dropna=False)[name].nunique(dropna=False) <= 1).all())


def _part(name: str, value: Any) -> str:
    if pd.isna(value):
        return f"{name} unknown"
    if name == "workers":
        return plural(int(value), "worker")
    return f"{name} {units.count(value)}" if name in ("chunk", "size") else str(value)


def _finding(rows: pd.DataFrame, axis: str) -> str:
    fastest = _fastest(rows)
    seconds = units.seconds(float(fastest["seconds"]))
    return f"fastest: {seconds} at {axis} {units.count(fastest[axis])}"


def _fastest(rows: pd.DataFrame) -> pd.Series[Any]:
    return rows.iloc[int(np.argmin(rows["seconds"].to_numpy(dtype=np.float64)))]


def _alt(rows: pd.DataFrame, axis: str) -> str:
    fastest = _fastest(rows)
    return (
        f"Time of one call of {rows['workload'].iloc[0]} against {axis}, "
        f"{units.count(rows[axis].min())} to {units.count(rows[axis].max())}; {_UNPAIRED}. "
        f"The fastest takes {units.seconds(float(fastest['seconds']))}, at {axis} "
        f"{units.count(fastest[axis])}."
    )
