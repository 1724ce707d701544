"""What starting each engine costs, beside a process that starts none."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from harness.core import units
from harness.reading.report.analysed import Analysed
from harness.reading.report.figures import base as draw
from harness.reading.report.figures import labels
from harness.reading.report.figures.palette import look
from harness.reading.report.figures.saving import Planned

WORKLOAD = "startup"


def planned(results: Analysed) -> Iterator[Planned]:
    """Plan a figure for each run that measured start-ups."""
    good = draw.with_result(draw.used(results.cases))
    for run, rows in good[good["workload"].eq(WORKLOAD)].groupby("run", sort=False):
        if len(rows) < 2:
            continue
        yield Planned(str(run), WORKLOAD, _alt(rows), seconds, (rows,))


def seconds(cases: pd.DataFrame) -> Figure:
    """Draw the seconds from the birth of a process to the answer of its first call, slowest last.

    Parameters
    ----------
    cases : DataFrame
        Obeys ``schema.CASES``; the start-ups of one run.
    """
    cases = cases.assign(name=labels.named(cases)).sort_values("seconds")
    with look():
        figure, [axes] = draw.grid(1, 6.6, 0.42 * len(cases) + 1.2)
        y = np.arange(len(cases))
        point, low, high = draw.ends(cases, "seconds")
        across = np.maximum((point - low, high - point), 0)
        axes.errorbar(point, y, xerr=across, fmt="o", color="C0", ms=7, capsize=3, zorder=3)
        for at, right, value in zip(y, high, point):
            axes.annotate(
                units.seconds(float(value)),
                (right, at),
                (8, 0),
                va="center",
                textcoords="offset points",
                fontsize="small",
            )
        middle, bottom, top = draw.ends(cases, "baseline_seconds")
        axes.axvspan(float(bottom.min()), float(top.max()), color=draw.GREY, alpha=0.15, lw=0)
        axes.axvline(float(np.median(middle)), color="black", linewidth=1)
        axes.set_yticks(y, cases["name"])
        axes.set_ylim(len(cases) - 0.5, -0.5)
        axes.set_xlim(0, float(high.max()) * 1.18)
        axes.grid(axis="y", visible=False)
        draw.plain(axes.xaxis)
        axes.set_xlabel(
            "start-up and first call (s), median and 95 % interval\n"
            "line and band: a bare process that starts no engine, "
            f"{units.seconds(float(np.median(middle)))}"
        )
        first, last = cases.iloc[0], cases.iloc[-1]
        quick, slow = (units.seconds(float(row["seconds"])) for row in (first, last))
        axes.set_title(
            f"{first['name']} starts in {quick}, {last['name']} in {slow}\n"
            f"start-up, {labels.common(cases)}, {first['machine']}"
        )
    return figure


def _alt(cases: pd.DataFrame) -> str:
    cases = cases.assign(name=labels.named(cases)).sort_values("seconds")
    texts = [f"{row['name']} {units.seconds(row['seconds'])}" for row in cases.to_dict("records")]
    bare = units.seconds(float(cases["baseline_seconds"].median()))
    return (
        "Seconds from the birth of a process to the answer of its engine's first call: "
        f"{labels.listed(texts)}. A bare process without an engine takes {bare}."
    )
