"""What the overhead model misses: the model over what was measured, chunk by chunk."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from harness.core import units
from harness.reading.analysis.models.joint import STRUCTURE
from harness.reading.report.analysed import Analysed
from harness.reading.report.figures import base as draw
from harness.reading.report.figures import labels
from harness.reading.report.figures.palette import look
from harness.reading.report.figures.saving import Planned


def planned(results: Analysed) -> Iterator[Planned]:
    """Plan a figure for each workload of a run that a model was fitted to."""
    left = results.fits.residuals
    for (run, workload, _), rows in left.groupby(["run", "workload", "size"], sort=False):
        yield Planned(str(run), str(workload), _alt(rows), residuals, (rows,))


def residuals(rows: pd.DataFrame) -> Figure:
    """Draw a panel for each set-up; points outside its band of 10 % by more than noise reject it.

    Parameters
    ----------
    rows : DataFrame
        Obeys ``schema.RESIDUALS``; one workload and run.
    """
    rows = rows.assign(name=labels.named(rows))
    panels = list(rows.groupby("name", sort=False))
    with look():
        figure, axes = draw.grid(len(panels), 3.6, 2.9)
        for panel, (name, group) in zip(axes, panels):
            _panel(panel, str(name), group.sort_values("chunk"))
        axes[0].yaxis.set_major_formatter(PercentFormatter(1.0))
        first = rows.iloc[0]
        held = sum(bool(group["accepted"].all()) for _, group in panels)
        draw.title(
            figure,
            f"the overhead model holds for {held} of {len(panels)} set-ups",
            f"what it misses: {first['workload']}, {first['machine']}",
        )
        figure.supxlabel("chunk size (elements a task)", fontsize="medium")
        draw.name_rows(figure, "model over measured, less 1, 95 % interval")
    return figure


def _panel(axes: Axes, name: str, group: pd.DataFrame) -> None:
    x = group["chunk"].to_numpy(np.float64)
    style = draw.styles(["this"])["this"]
    axes.set_xscale("log")
    axes.axhspan(-STRUCTURE, STRUCTURE, color="0.9", zorder=0)
    axes.axhline(0, color="black", linewidth=1, zorder=1)
    draw.bars(axes, x, draw.ends(group, "residual"), style)
    outcome = "accepted" if group["accepted"].all() else "rejected"
    axes.set_title(f"{name}\n{outcome}", fontsize="medium")


def _alt(rows: pd.DataFrame) -> str:
    texts = []
    for name, group in rows.assign(name=labels.named(rows)).groupby("name", sort=False):
        worst = group.loc[[group["residual"].abs().idxmax()]].iloc[0]
        outcome = "accepted" if group["accepted"].all() else "rejected"
        texts.append(
            f"{name}, {outcome}: at most {worst['residual'] * 100:+.0f} % at chunk "
            f"{units.count(float(worst['chunk']))}"
        )
    return (
        f"How far the overhead model of {rows.iloc[0]['workload']} is above or below what was "
        f"measured, against chunk size, a panel for each set-up. {labels.listed(texts)}."
    )
