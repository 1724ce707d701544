"""Latency of actors: time of a call against calls in flight."""

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

WORKLOAD = "counter-actor"


def planned(results: Analysed) -> Iterator[Planned]:
    """Plan a figure for each run with several numbers of calls in flight."""
    good = draw.with_result(draw.used(results.cases))
    for (run, workload, _), rows in good.groupby(["run", "workload", "size"], sort=False):
        if workload == WORKLOAD and rows["chunk"].nunique() > 1:
            yield Planned(str(run), WORKLOAD, _alt(rows), latency, (rows,))


def latency(cases: pd.DataFrame) -> Figure:
    """Draw the time of a call, ``TP`` over the calls, against calls in flight.

    Parameters
    ----------
    cases : DataFrame
        Obeys ``schema.CASES``; the actors of one run.
    """
    cases = cases.assign(name=labels.named(cases))
    styled = draw.styles(sorted(cases["name"].unique()))
    with look():
        figure, [axes] = draw.grid(1, 7.4, 4.7)
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlim(float(cases["chunk"].min()) / 1.7, float(cases["chunk"].max()) * 1.7)
        for index, (name, group) in enumerate(cases.groupby("name")):
            rows = group.sort_values("chunk")
            calls = rows["size"].to_numpy(dtype=np.float64)
            point, low, high = (end / calls for end in draw.ends(rows, "seconds"))
            draw.curve(
                axes,
                draw.aside(rows["chunk"].to_numpy(dtype=np.float64), index, len(styled)),
                (point, low, high),
                styled[str(name)],
            )
        first = cases.iloc[0]
        of = f"{WORKLOAD}, {units.count(first['size'])} calls, {first['machine']}"
        axes.set_xlabel("calls in flight")
        axes.set_ylabel("time of a call, median and 95 % interval")
        draw.count_ticks(axes.xaxis)
        draw.seconds_ticks(axes.yaxis)
        draw.legend(figure, draw.keys(styled), labels.common(cases))
        draw.title(figure, _finding(cases), of)
    return figure


def _finding(cases: pd.DataFrame) -> str:
    several = cases[cases["workers"].gt(1)]  # one worker is a control
    cases = several if len(several) else cases
    call = cases["seconds"] / cases["size"].astype(float)
    cheapest = cases.iloc[int(call.to_numpy(dtype=np.float64).argmin())]
    return f"a call costs least on {cheapest['name']}: {units.seconds(float(call.min()))}"


def _alt(cases: pd.DataFrame) -> str:
    cases = cases.assign(
        name=labels.named(cases), call=cases["seconds"] / cases["size"].astype(float)
    )
    texts = [
        labels.lowest_point(rows, str(name), "call", "chunk")
        for name, rows in cases.groupby("name")
    ]
    return (
        "Time of one call of an actor against calls in flight, a line for each executor. The "
        f"shortest, with chunk the calls in flight: {labels.listed(texts)}."
    )
