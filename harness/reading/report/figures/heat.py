"""Speed-up over chunk sizes and workers, a cell each, with the verdict as a sign in it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import FuncNorm
from matplotlib.figure import Figure

from harness.core import units
from harness.core.records import Status, Verdict
from harness.core.units import plural
from harness.reading.analysis.verdict.estimates import Floats
from harness.reading.report.analysed import Analysed
from harness.reading.report.figures import base as draw
from harness.reading.report.figures import labels
from harness.reading.report.figures.palette import look, luminance
from harness.reading.report.figures.saving import Planned

SIGNS = {
    Verdict.PAYS.value: "▲",
    Verdict.OVERHEAD.value: "▼",
    Verdict.EQUAL.value: "=",
    Verdict.UNDETERMINED.value: "?",
}
_COLOURS = "PuOr"
"""From slower to faster: told apart by the colour-blind, and nearly white in the middle."""
_TICKS = tuple(scale * 10.0**power for power in range(-9, 7) for scale in (1.0, 2.0, 5.0))
_SHORT = {Status.SKIPPED.value: "skip", Status.OUT_OF_MEMORY.value: "mem", "timeout": "time"}


def planned(results: Analysed) -> Iterator[Planned]:
    """Plan a figure for each workload of a run that has several chunks and several workers."""
    cases = draw.used(results.cases)
    good = draw.with_result(cases)
    for _, rows in good.groupby(["run", "workload", "size"], sort=False):
        per = rows.groupby(["executor", "pin"])
        several = per["chunk"].nunique().gt(1) & per["workers"].nunique().gt(1)
        set_ups = several[several].index
        if set_ups.empty:
            continue
        run, workload, size = rows.iloc[0][["run", "workload", "size"]]
        of_workload = cases["run"].eq(run) & cases["workload"].eq(workload)
        every = cases[of_workload & cases["size"].eq(size)].set_index(["executor", "pin"])
        every = every.loc[every.index.isin(set_ups)].reset_index()
        yield Planned(str(run), str(workload), _alt(every), speed_up, (every,))


def speed_up(cases: pd.DataFrame) -> Figure:
    """Draw a panel for each executor and pin, with a cell for each chunk and number of workers.

    Colour diverges around a speed-up of 1: one hue is faster than the baseline, the other slower.
    The sign and the number in a cell say the same without colour. A case without a result is left
    white, with its status, and one that was not planned is left empty.

    Parameters
    ----------
    cases : DataFrame
        Obeys ``schema.CASES``; one workload and size of one run.
    """
    panels = list(cases.groupby(["executor", "pin"], sort=True))
    chunks, workers = sorted(cases["chunk"].unique()), sorted(cases["workers"].unique())
    ratios = draw.with_result(cases)["speedup"].dropna()
    norm = around_one(ratios)
    with look(grid=False):
        width = max(2.6, 0.85 * len(workers) + 0.6)
        figure, axes = draw.grid(len(panels), width, 0.48 * len(chunks) + 0.9, most=4)
        for panel, ((executor, pin), rows) in zip(axes, panels):
            _panel(panel, rows, chunks, workers, norm)
            title = str(executor) if cases["pin"].nunique() == 1 else f"{executor}\npin {pin}"
            panel.set_title(title, fontsize="medium")
        case = cases.iloc[0]
        of = f"{case['workload']}, {units.count(case['size'])} elements, {case['machine']}"
        draw.title(figure, labels.finding(draw.with_result(cases)), of)
        figure.supxlabel(
            "workers\n" + "   ".join(f"{s} {v}" for v, s in SIGNS.items()), fontsize="medium"
        )
        draw.name_rows(figure, "chunk size (elements a task)")
        bar = figure.colorbar(ScalarMappable(norm, _COLOURS), ax=axes, aspect=30, pad=0.02)
        bar.set_label("speed-up")
        shown = [tick for tick in _TICKS if 0 <= float(norm(tick)) <= 1]
        bar.set_ticks(shown, labels=[f"{tick:g}" for tick in shown])
        bar.ax.minorticks_off()
    return figure


def around_one(ratios: pd.Series[float]) -> FuncNorm:
    """Scale ratios so that 1 is in the middle of the colours, each side on a log scale of its own.

    Each side reaches to the furthest ratio on it, and to a factor of two at least, so that what is
    nearly 1 looks so.
    """
    low, high = min(float(ratios.min()), 0.5), max(float(ratios.max()), 2.0)

    def forward(value: Floats) -> Floats:
        log = np.log(np.maximum(value, np.finfo(float).tiny))
        return np.asarray(np.where(log < 0, log / -np.log(low), log / np.log(high)))

    def inverse(place: Floats) -> Floats:
        at = np.asarray(place, dtype=np.float64)
        return np.asarray(np.exp(np.where(at < 0, at * -np.log(low), at * np.log(high))))

    return FuncNorm((forward, inverse), low, high)


def _panel(
    axes: Axes, rows: pd.DataFrame, chunks: list[int], workers: list[int], norm: FuncNorm
) -> None:
    values = np.full((len(chunks), len(workers)), np.nan)
    texts = np.full(values.shape, "", dtype=object)
    for row in rows.to_dict("records"):
        at = chunks.index(row["chunk"]), workers.index(row["workers"])
        if row["status"] == Status.OK and pd.notna(row["speedup"]):
            values[at] = row["speedup"]
            texts[at] = f"{row['speedup']:.2g} {SIGNS.get(row['verdict'], '?')}"
        else:
            texts[at] = _SHORT.get(row["status"], row["status"])
    axes.pcolormesh(
        np.ma.masked_invalid(values), norm=norm, cmap=_COLOURS, linewidth=1, edgecolor="white"
    )
    axes.set_xlim(0, len(workers))
    axes.set_ylim(0, len(chunks))
    axes.set_xticks(np.arange(len(workers)) + 0.5, [str(count) for count in workers])
    axes.set_yticks(
        np.arange(len(chunks)) + 0.5, [units.count(chunk) for chunk in chunks], va="center"
    )
    for spine in axes.spines.values():
        spine.set_visible(False)
    colors = ScalarMappable(norm, _COLOURS)
    for (i, j), value in np.ndenumerate(values):
        # Black or white by luminance: above 0.18 black has the larger contrast (WCAG 2.2, 1.4.3).
        light = np.isnan(value) or luminance(colors.to_rgba(value)) > 0.18
        ink = "black" if light else "white"
        axes.text(
            j + 0.5,
            i + 0.5,
            str(texts[i, j]),
            ha="center",
            va="center",
            fontsize="small",
            color=ink,
        )


def _alt(cases: pd.DataFrame) -> str:
    first, good = cases.iloc[0], draw.with_result(cases)
    best = good.loc[[good["speedup"].idxmax()]].iloc[0]
    counts = good["verdict"].value_counts()
    verdicts = ", ".join(f"{verdict} in {n}" for verdict, n in counts.items())
    lost = len(cases) - len(good)
    return (
        f"Heat map of the speed-up of {first['workload']} over chunk size and workers, a panel "
        f"for each of {', '.join(sorted(cases['executor'].unique()))}. Verdicts: {verdicts} of "
        f"{len(good)} cells; {lost} without a result. The largest speed-up is "
        f"{units.ratio(best['speedup'])}, by {best['executor']} with "
        f"{plural(best['workers'], 'worker')} and chunk {units.count(best['chunk'])}."
    )
