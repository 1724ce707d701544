"""Lines of run time whose markers carry the verdict, and the baseline it was judged against."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from harness.core import units
from harness.core.records import Verdict
from harness.reading.analysis.verdict.estimates import Floats
from harness.reading.report.figures import base as draw


def run_time_line(axes: Axes, x: Floats, cases: pd.DataFrame, style: draw.Style) -> None:
    """One set-up: a line, its intervals, and markers whose fill is the verdict.

    Parameters
    ----------
    axes : Axes
    x : array
        Where each case stands.
    cases : DataFrame
        Obeys ``schema.CASES``; seconds and verdicts.
    style : Style
    """
    seconds, low, high = draw.ends(cases, "seconds")
    color = style.color
    axes.plot(x, seconds, color=color, linestyle=style.line, linewidth=1.6, zorder=3)
    across = np.maximum((seconds - low, high - seconds), 0)
    axes.errorbar(x, seconds, yerr=across, fmt="none", ecolor=color, capsize=3, zorder=3.5)
    verdicts = np.array(cases["verdict"].fillna(Verdict.UNDETERMINED.value).tolist())
    for verdict in dict.fromkeys(verdicts.tolist()):
        judged = verdicts == verdict
        for mark in _marks(style.marker, verdict, color):
            axes.plot(x[judged], seconds[judged], zorder=4, **mark)


def baseline(axes: Axes, cases: pd.DataFrame) -> list[Line2D]:
    """Draw the baseline as a line with a band, both over those of all cases; their legend entries.

    Parameters
    ----------
    axes : Axes
    cases : DataFrame
        Obeys ``schema.CASES``; each case has a baseline of its own.
    """
    points = cases["baseline_seconds"].dropna().to_numpy(dtype=np.float64)
    if not points.size:
        return []
    _, low, high = draw.ends(cases.dropna(subset="baseline_seconds"), "baseline_seconds")
    middle = float(np.median(points))
    axes.axhspan(float(low.min()), float(high.max()), color=draw.GREY, alpha=0.15, zorder=1, lw=0)
    axes.axhline(middle, color="black", linewidth=1.0, zorder=2)
    name = f"baseline T1, {units.seconds(middle)}"
    return [
        Line2D([], [], color="black", linewidth=1.0, label=name),
        Line2D([], [], color=draw.GREY, alpha=0.25, linewidth=8, label="its 95 % intervals"),
    ]


def verdict_legend(figure: Figure, cases: pd.DataFrame, title: str) -> None:
    """A legend of the markers of those verdicts that *cases* have."""
    present = set(cases["verdict"].fillna(Verdict.UNDETERMINED.value))
    shown = [verdict.value for verdict in Verdict if verdict.value in present]
    handles = [
        tuple(Line2D([], [], **mark) for mark in _marks("o", verdict, draw.GREY))
        for verdict in shown
    ]
    draw.legend(figure, handles, title, labels=shown, loc="outside right lower")


def _marks(marker: str, verdict: object, color: Any) -> list[dict[str, Any]]:
    """One marker whose fill says the verdict; a dot inside says that there is none."""
    half = verdict == Verdict.EQUAL
    mark = {
        "marker": marker,
        "markersize": 8,
        "markeredgewidth": 1.4,
        "markeredgecolor": color,
        "markerfacecolor": color if half or verdict == Verdict.PAYS else "white",
        "markerfacecoloralt": "white",
        "fillstyle": "left" if half else "full",
        "linestyle": "none",
    }
    if verdict in (Verdict.PAYS, Verdict.EQUAL, Verdict.OVERHEAD):
        return [mark]
    return [mark, {"marker": ".", "markersize": 5, "color": color, "linestyle": "none"}]
