"""Good practices: how many times as fast as their opposite."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from harness.reading.analysis.verdict.contrasts import PRACTICE, PRACTICES
from harness.reading.report.analysed import Analysed
from harness.reading.report.figures import base as draw
from harness.reading.report.figures import labels
from harness.reading.report.figures.palette import look
from harness.reading.report.figures.saving import Planned


def planned(results: Analysed) -> Iterator[Planned]:
    """Plan a figure for each run with good practices."""
    rows = results.contrasts
    rows = rows[rows["kind"].eq(PRACTICE) & rows["ratio"].notna()]
    for run, of_run in rows.groupby("run", sort=False):
        if len(of_run) < 2:
            continue
        yield Planned(str(run), "practices", _alt(of_run), ratios, (of_run,))


def ratios(contrasts: pd.DataFrame) -> Figure:
    """Draw ratios with intervals on a log axis: a row for each pair, a mark for each set-up.

    Parameters
    ----------
    contrasts : DataFrame
        Obeys ``schema.CONTRASTS``; the practices of one run.
    """
    contrasts = contrasts.assign(name=_names(contrasts))
    styled = draw.styles(sorted(contrasts["name"].unique()))
    order = [pair for pair in PRACTICES if contrasts["workload"].eq(pair[0]).any()]
    with look():
        height = len(order) * max(0.7, 0.22 * len(styled) + 0.3) + 0.8
        figure, [axes] = draw.grid(1, 7.4, height)
        axes.set_xscale("log")
        for i, (name, style) in enumerate(styled.items()):
            rows = contrasts[contrasts["name"].eq(name)]
            shift = (i - (len(styled) - 1) / 2) * 0.7 / len(styled)
            firsts = [pair[0] for pair in order]
            y = np.array([firsts.index(first) + shift for first in rows["workload"]], float)
            point, low, high = draw.ends(rows, "ratio")
            axes.plot(point, y, style.marker, color=style.color, ms=7, mec="white", zorder=3)
            across = np.maximum((point - low, high - point), 0)
            axes.errorbar(
                point, y, xerr=across, fmt="none", ecolor=style.color, capsize=3, zorder=2
            )
        axes.axvline(1, color="black", linewidth=1, zorder=1)
        axes.set_yticks(range(len(order)), [f"{good}\nagainst {bad}" for good, bad in order])
        axes.set_ylim(len(order) - 0.5, -0.5)
        axes.grid(axis="y", visible=False)
        axes.set_xlabel("times as fast as its opposite, 95 % interval (above 1: the practice wins)")
        wins = contrasts.loc[contrasts["verdict"].eq("faster"), "workload"].nunique()
        left, right = axes.get_xlim()
        draw.log_ticks(axes.xaxis, right / left)
        draw.legend(figure, draw.keys(styled, line=False), labels.common(contrasts))
        draw.title(
            figure,
            f"{wins} of {len(order)} good practices are shown to be faster",
            str(contrasts["machine"].iloc[0]),
        )
    return figure


def _names(rows: pd.DataFrame) -> pd.Series[str]:
    name = labels.named(rows)
    return (
        name + ", chunk " + rows["chunk"].astype("string") if rows["chunk"].nunique() > 1 else name
    )


def _alt(contrasts: pd.DataFrame) -> str:
    texts = [str(sentence).rstrip(".") for sentence in contrasts["sentence"]]
    return f"How many times as fast good practices are as their opposites. {labels.listed(texts)}."
