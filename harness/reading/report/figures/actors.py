"""Latency of actors: time of a call against calls in flight."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from harness.core import units
from harness.reading.report.analysed import Analysed
from harness.reading.report.figures.base import (
    LEGEND,
    Drawn,
    aside,
    common,
    curve,
    ends,
    grid,
    keys,
    listed,
    log_ticks,
    look,
    named,
    plain,
    point_in_words,
    styles,
    with_result,
)

WORKLOAD = "counter-actor"


def drawn(found: Analysed) -> Iterator[Drawn]:
    """A figure for each run with actors."""
    good = with_result(found.cases)
    for (run, workload, _), rows in good.groupby(["run", "workload", "size"], sort=False):
        if workload == WORKLOAD:
            yield Drawn(str(run), WORKLOAD, latency(rows), _alt(rows))


def latency(cases: pd.DataFrame) -> Figure:
    """Microseconds a call, that is ``TP`` over the calls, against calls in flight, a line a set-up.

    Parameters
    ----------
    cases : DataFrame
        Obeys ``schema.CASES``; the actors of one run.
    """
    cases = cases.assign(name=named(cases))
    styled = styles(sorted(cases["name"].unique()))
    with look():
        figure, [axes] = grid(1, 7.4, 4.7)
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlim(float(cases["chunk"].min()) / 1.7, float(cases["chunk"].max()) * 1.7)
        for index, (name, group) in enumerate(cases.groupby("name")):
            rows = group.sort_values("chunk")
            calls = rows["size"].to_numpy(dtype=np.float64)
            point, low, high = (1e6 * end / calls for end in ends(rows, "seconds"))
            curve(
                axes,
                aside(rows["chunk"].to_numpy(dtype=np.float64), index, len(styled)),
                (point, low, high),
                styled[str(name)],
            )
        one = cases.iloc[0]
        axes.set_title(f"{WORKLOAD}, {units.count(one['size'])} calls, {one['machine']}")
        axes.set_xlabel("calls in flight")
        axes.set_ylabel("time of a call (µs), median and 95 % interval")
        plain(axes.xaxis)
        low, high = axes.get_ylim()
        log_ticks(axes.yaxis, high / low)
        figure.legend(
            handles=keys(styled), title=common(cases), loc="outside right upper", **LEGEND
        )
    return figure


def _alt(cases: pd.DataFrame) -> str:
    cases = cases.assign(name=named(cases), call=cases["seconds"] / cases["size"].astype(float))
    texts = [
        point_in_words(rows, str(name), "call", "chunk") for name, rows in cases.groupby("name")
    ]
    return (
        "Time of one call of an actor against calls in flight, a line for each executor. The "
        f"shortest, with chunk the calls in flight: {listed(texts)}."
    )
