"""METG over numbers of workers: forecasts, beside what was published."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import EngFormatter, LogLocator

from harness.core import units
from harness.core.units import plural
from harness.reading.analysis.beyond.forecast import HERE
from harness.reading.analysis.verdict.estimates import Floats
from harness.reading.report.analysed import Analysed
from harness.reading.report.figures import base as draw
from harness.reading.report.figures import labels
from harness.reading.report.figures.palette import look
from harness.reading.report.figures.saving import Planned

NAME = "metg-of-more-workers"
_MANY = 1024
"""Of at most so many workers the title speaks."""


def planned(results: Analysed) -> Iterator[Planned]:
    """Plan a figure for each run that has a fit to forecast from."""
    table = results.forecast
    published = table[table["calibration"].ne(HERE)]
    for run, rows in table[table["calibration"].eq(HERE)].groupby("run", sort=False):
        yield Planned(str(run), NAME, _alt(rows, published), over_workers, (rows, published))


def over_workers(rows: pd.DataFrame, published: pd.DataFrame) -> Figure:
    """Draw forecasts as bands or lines and published figures as stars, on logarithmic axes.

    Parameters
    ----------
    rows, published : DataFrame
        Obey ``schema.FORECAST``: forecasts from the fits of one run, and those calibrated on what
        was published.
    """
    rows = rows.assign(name=_names(rows))
    names = list(dict.fromkeys([*rows["name"], *published["calibration"]]))
    styled = draw.styles(names)
    hatches = dict(zip(names, ("//", "\\\\", "..", "xx", "--", "++") * len(names)))
    with look():
        figure = draw.Picture(figsize=(9.2, 5.0), layout="constrained")
        axes = figure.subplots()
        axes.set_xscale("log")
        axes.set_yscale("log")
        handles = []
        for name, group in rows.groupby("name", sort=False):
            x, point, low, high = _curve(group)
            style = styled[str(name)]
            axes.fill_between(
                x,
                low,
                high,
                facecolor=style.color,
                alpha=0.25,
                hatch=hatches[str(name)],
                edgecolor=style.color,
                linewidth=0.8,
            )
            for end in (low, high):
                axes.plot(x, end, color=style.color, linestyle=style.line, linewidth=1.2)
            if not np.isnan(point).all():
                axes.plot(x, point, color=style.color, linestyle=style.line, marker=style.marker)
        for name, group in published.groupby("calibration", sort=False):
            x, point, _, _ = _curve(group)
            style = styled[str(name)]
            axes.plot(x, point, color=style.color, linestyle=style.line, marker=style.marker, ms=5)
        handles = draw.keys(styled)
        if not published.empty:
            seen = published.drop_duplicates("at_workers")
            axes.plot(
                _floats(seen, "at_workers"),
                _floats(seen, "published_seconds"),
                linestyle="none",
                marker="*",
                ms=13,
                color="black",
                mec="white",
                zorder=5,
            )
            what = f"published: {seen['executor'].iloc[0]},\n{seen['workload'].iloc[0]}"
            handles.append(
                Line2D(
                    [],
                    [],
                    color="black",
                    marker="*",
                    ms=13,
                    mec="white",
                    linestyle="none",
                    label=what,
                )
            )
        axes.set_xlabel("workers")
        axes.set_ylabel("METG(50 %): task granularity")
        axes.yaxis.set_major_formatter(EngFormatter(unit="s"))
        axes.xaxis.set_major_locator(LogLocator(numticks=12))
        draw.legend(figure, handles, "forecast from")
        draw.title(figure, _finding(rows), f"METG(50 %), {rows['machine'].iloc[0]}")
    return figure


def _finding(rows: pd.DataFrame) -> str:
    """Say how long tasks have to be with many workers, over all set-ups that are drawn."""
    at = rows["at_workers"][rows["at_workers"].le(_MANY)].max()
    there = rows[rows["at_workers"].eq(at)]
    low, high = there["metg_seconds_low"].min(), there["metg_seconds_high"].max()
    return (
        f"a forecast, not a measurement: {units.count(at)} workers are half used by tasks of "
        f"{units.seconds(low)} to {units.seconds(high)}"
    )


def _names(rows: pd.DataFrame) -> pd.Series[str]:
    name = rows["executor"].astype("string") + ", " + rows["workload"].astype("string")
    workers = rows["workers"].map(lambda count: plural(int(count), "worker")).astype("string")
    return name + ",\n" + workers + ", pin " + rows["pin"]


def _curve(rows: pd.DataFrame) -> tuple[Floats, Floats, Floats, Floats]:
    point = _floats(rows, "metg_seconds")
    return (
        _floats(rows, "at_workers"),
        point,
        _floats(rows, "metg_seconds_low"),
        _floats(rows, "metg_seconds_high"),
    )


def _floats(rows: pd.DataFrame, name: str) -> Floats:
    return np.asarray(rows[name].to_numpy(dtype=np.float64, na_value=np.nan))


def _alt(rows: pd.DataFrame, published: pd.DataFrame) -> str:
    texts = []
    for name, group in rows.assign(name=_names(rows)).groupby("name", sort=False):
        last = group.sort_values("at_workers").iloc[-1]
        low, high = (units.seconds(last[f"metg_seconds{end}"]) for end in ("_low", "_high"))
        workers = plural(int(last["at_workers"]), "worker")
        texts.append(f"{' '.join(str(name).split())}: {low} to {high} at {workers}")
    for name, group in published.groupby("calibration", sort=False):
        ratios = group[group["calibrated_on"].eq(False)]["published_over_forecast"]
        texts.append(
            f"calibrated on {name}: the other published figures are {ratios.min():.2f} to "
            f"{ratios.max():.2f} of the forecast"
        )
    return (
        "Forecasts of METG(50 %) against the number of workers, both axes logarithmic; nothing of "
        f"it was measured. {labels.listed(texts)}."
    )
