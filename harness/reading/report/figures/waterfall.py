"""Where the time of a case goes: a bar for each part, each from where the last one ended."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.transforms import ScaledTranslation

from harness.core import units
from harness.core.units import plural
from harness.reading.report.analysed import Analysed
from harness.reading.report.figures import base as draw
from harness.reading.report.figures import labels
from harness.reading.report.figures.palette import greys, look
from harness.reading.report.figures.saving import Planned

OVERHEAD = ("chunking", "scheduling", "imbalance", "remainder")
ORDER = ("ideal", "ceiling", *OVERHEAD)
"""The parts in the order in which they are drawn: those without overhead come before it."""
_HATCHES = dict(zip(ORDER, ("", "///", "...", "xxx", "\\\\\\", "ooo")))
MOST_PANELS = 12
_SMALLEST, _FASTEST = "smallest chunk", "fastest chunk"


class Bar(NamedTuple):
    """One part: where it begins and what it adds, in s; ``None`` where it was not measured."""

    part: str
    start: float
    seconds: float | None


def planned(results: Analysed) -> Iterator[Planned]:
    """Plan a figure for each workload of a run that has controls.

    Of each executor it has the set-up with the most workers and the first pin, with its smallest
    chunk and its fastest one.
    """
    for (run, workload, _), rows in results.controls.groupby(
        ["run", "workload", "size"], sort=False
    ):
        chosen = [part for _, rows in rows.groupby("executor") for part in _ends_of(rows)]
        if chosen:
            cases = pd.DataFrame(chosen[:MOST_PANELS])
            yield Planned(str(run), str(workload), _alt(cases), waterfall, (cases,))


def _ends_of(rows: pd.DataFrame) -> list[dict[Any, Any]]:
    """Choose the smallest chunk and the fastest one of the set-up with the most workers.

    Where scheduling was measured at some chunks only, the smallest is one of those. Nothing is
    chosen where no part of the overhead was measured.
    """
    rows = rows[rows["workers"].eq(rows["workers"].max()) & rows["seconds"].notna()]
    rows = rows[rows["pin"].eq(rows["pin"].iloc[0])]
    complete = rows[rows["scheduling_seconds"].notna()]
    if complete.empty and rows["chunking_seconds"].isna().all():
        return []
    among = rows if complete.empty else complete
    smallest, fastest = among["chunk"].idxmin(), rows["seconds"].idxmin()
    name = _SMALLEST if len(among) == len(rows) else f"{_SMALLEST} with all parts"
    reasons = {smallest: name, fastest: _FASTEST}
    if smallest == fastest:
        reasons = {smallest: f"{name}, the fastest"}
    return [
        {**rows[rows.index == index].iloc[0].to_dict(), "which": which}
        for index, which in reasons.items()
    ]


def bars(case: pd.Series[Any]) -> list[Bar]:
    """Put the parts of a row of ``schema.CONTROLS`` one after the other; the last one ends at the
    time of the case."""
    parts, at = [], 0.0
    for part in ORDER:
        seconds = case[f"{part}_seconds"]
        value = None if pd.isna(seconds) else float(seconds)
        parts.append(Bar(part, at, value))
        at += value or 0.0
    return parts


def waterfall(cases: pd.DataFrame) -> Figure:
    """Draw a panel for each case, with its own scale: its parts add up to its time.

    Parameters
    ----------
    cases : DataFrame
        Rows of ``schema.CONTROLS`` of one workload and run, with ``which``, why each was chosen.
    """
    shades = dict(zip(ORDER, greys(len(ORDER) + 3)))
    columns = 2 if len(cases) > 1 else 1
    height = -(-len(cases) // columns)
    with look():
        figure = draw.Picture(
            figsize=(4.6 * columns + 2.6, 3.0 * height + 0.9), layout="constrained"
        )
        axes = figure.subplots(height, columns, squeeze=False).ravel()
        for panel, (_, case) in zip(axes, cases.iterrows()):
            _panel(panel, case, shades)
        for unused in axes[len(cases) :]:
            unused.remove()
        first = cases.iloc[0]
        of = f"where the time goes: {first['workload']}, {first['machine']}"
        draw.title(figure, _finding(cases), of)
        figure.supylabel("time of one call, parts add up to it", fontsize="medium")
        handles = [
            Patch(facecolor=shades[part], hatch=_HATCHES[part], edgecolor="black", label=part)
            for part in ORDER
        ]
        draw.legend(figure, handles, "overhead: the last four", height=1.4)
    return figure


def _panel(axes: Axes, case: pd.Series[Any], shades: dict[Any, Any]) -> None:
    total = float(case["seconds"])
    scale, unit = next(
        (scale, unit) for scale, unit in ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs")) if total >= scale
    )
    parts = bars(case)
    above = axes.transData + ScaledTranslation(0, 3 / 72, axes.figure.dpi_scale_trans)
    measured = [(place, bar) for place, bar in enumerate(parts) if bar.seconds is not None]
    axes.bar(
        [place for place, _ in measured],
        [(bar.seconds or 0.0) / scale for _, bar in measured],
        bottom=[bar.start / scale for _, bar in measured],
        width=0.8,
        color=[shades[bar.part] for _, bar in measured],
        hatch=[_HATCHES[bar.part] for _, bar in measured],
        edgecolor="black",
        linewidth=0.8,
        zorder=3,
    )
    for place, bar in enumerate(parts):
        known = bar.seconds is not None
        words = f"{(bar.seconds or 0.0) / scale:.3g}" if known else "not\nmeasured"
        top = max(bar.start, bar.start + (bar.seconds or 0.0)) / scale
        # A number stands inside of the panel, so that it need not be measured to place the panel.
        axes.text(
            place, top, words, transform=above, ha="center", fontsize="x-small", in_layout=False
        )
    ends = [(bar.start + (bar.seconds or 0.0)) / scale for bar in parts[:-1]]
    steps = [[(place, end), (place + 1, end)] for place, end in enumerate(ends)]
    axes.add_collection(LineCollection(steps, colors="0.35", linewidths=0.8, zorder=2))
    low, high = (
        float(case[f"seconds{end}"]) / scale if not pd.isna(case[f"seconds{end}"]) else np.nan
        for end in ("_low", "_high")
    )
    place = len(parts)
    axes.bar(place, total / scale, width=0.8, color="white", edgecolor="black", zorder=3)
    if not np.isnan([low, high]).any():
        across = [[total / scale - low], [high - total / scale]]
        axes.errorbar(
            [place], [total / scale], yerr=across, fmt="none", ecolor="black", capsize=3, zorder=4
        )
    axes.axhline(0, color="black", linewidth=1, zorder=1)
    axes.set_xticks(
        range(len(parts) + 1), [*ORDER, "time"], rotation=30, ha="right", fontsize="small"
    )
    axes.set_ylabel(unit)
    axes.use_sticky_edges = False  # a bar that goes down starts at its top
    axes.margins(y=0.15)
    axes.grid(axis="x", visible=False)
    axes.set_title(_named(case), fontsize="medium")


def _named(case: pd.Series[Any]) -> str:
    return (
        f"{case['executor']}, {plural(int(case['workers']), 'worker')}, pin {case['pin']}\n"
        f"chunk {units.count(float(case['chunk']))}: {case['which']}"
    )


def _finding(cases: pd.DataFrame) -> str:
    """Say how much of a call overhead takes at most, of what was measured of it."""
    measured = cases[[f"{part}_seconds" for part in OVERHEAD]].clip(lower=0).astype("float64")
    share = measured.sum(axis=1) / cases["seconds"].astype("float64")
    at = int(share.to_numpy().argmax())
    case, parts = cases.iloc[at], measured.iloc[at].fillna(0.0).to_numpy()
    what = OVERHEAD[int(parts.argmax())]
    chunk = units.count(float(case["chunk"]))
    most = f"{100 * float(share.max()):.0f} %"
    return (
        f"overhead takes up to {most} of a call ({case['executor']}, chunk {chunk}), mostly {what}"
    )


def _alt(cases: pd.DataFrame) -> str:
    texts = []
    for case in cases.to_dict("records"):
        parts = [
            f"{part} {'not measured' if pd.isna(case[f'{part}_seconds']) else _signed(case, part)}"
            for part in ORDER
        ]
        texts.append(
            f"{case['executor']}, chunk {units.count(case['chunk'])} ({case['which']}): "
            f"{units.seconds(case['seconds'])} = {', '.join(parts)}"
        )
    return (
        f"Where the time of one call of {cases.iloc[0]['workload']} goes, each part from where the "
        f"last one ended. {labels.listed(texts)}."
    )


def _signed(case: dict[Any, Any], part: str) -> str:
    return units.seconds(float(case[f"{part}_seconds"]))
