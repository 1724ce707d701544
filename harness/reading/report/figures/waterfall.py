"""Where the time of a case goes: a bar for each part, each from where the last one ended."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, MaxNLocator
from matplotlib.transforms import ScaledTranslation

from harness.core import units
from harness.core.units import plural
from harness.reading.report.analysed import Analysed
from harness.reading.report.figures import base as draw
from harness.reading.report.figures import labels
from harness.reading.report.figures.palette import look
from harness.reading.report.figures.saving import Planned
from harness.reading.report.words.time_parts import PART_NAMES

OVERHEAD = ("chunking", "scheduling", "imbalance", "remainder")
ORDER = ("ideal", "ceiling", *OVERHEAD)
"""The parts in the order in which they are drawn: those without overhead come before it."""
_FILLS = {"overhead": "0.45", "other": "0.85", "whole": "white"}
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
    """Draw a panel for each case, those of an executor beside each other on one axis: its parts
    add up to its time.

    Parameters
    ----------
    cases : DataFrame
        Rows of ``schema.CONTROLS`` of one workload and run, with ``which``, why each was chosen.
    """
    executors = [rows for _, rows in cases.groupby("executor", sort=False)]
    columns = max(map(len, executors))
    with look():
        figure = draw.Picture(
            figsize=(4.2 * columns + 2.4, 2.5 * len(executors) + 0.9), layout="constrained"
        )
        axes = figure.subplots(len(executors), columns, squeeze=False, sharex="row", sharey=True)
        for panels, rows in zip(axes, executors):
            for panel, (_, case) in zip(panels, rows.iterrows()):
                _panel(panel, case)
            for unused in panels[len(rows) :]:
                unused.remove()
            left, right = panels[0].get_xlim()
            panels[0].set_xlim(left, right + _ROOM * (right - left))
        first = cases.iloc[0]
        of = f"where the time goes: {first['workload']}, {first['machine']}"
        draw.title(figure, _finding(cases), of)
        figure.supxlabel(
            "time of one call; dark: overhead; the parts add up to the whole", fontsize="medium"
        )
    return figure


_ROOM = 0.2
"""Room for the number beside the longest bar, as a share of the axis."""


def _panel(axes: Axes, case: pd.Series[Any]) -> None:
    parts = bars(case)
    total = float(case["seconds"])
    ends = [bar.start + (bar.seconds or 0.0) for bar in parts]
    measured = [(place, bar) for place, bar in enumerate(parts) if bar.seconds is not None]
    axes.barh(
        [*(place for place, _ in measured), len(parts)],
        [*(bar.seconds or 0.0 for _, bar in measured), total],
        left=[*(bar.start for _, bar in measured), 0.0],
        height=0.75,
        color=[
            *(_FILLS["overhead" if bar.part in OVERHEAD else "other"] for _, bar in measured),
            _FILLS["whole"],
        ],
        edgecolor="black",
        linewidth=0.8,
        zorder=3,
    )
    low, high = (
        float(case[f"seconds{end}"]) if not pd.isna(case[f"seconds{end}"]) else np.nan
        for end in ("_low", "_high")
    )
    if not np.isnan([low, high]).any():
        across = [[total - low], [high - total]]
        axes.errorbar(
            [total],
            [len(parts)],
            xerr=across,
            fmt="none",
            ecolor="black",
            capsize=3,
            zorder=4,
        )
    beside = axes.transData + ScaledTranslation(4 / 72, 0, axes.figure.dpi_scale_trans)
    rightmost = [
        *(max(bar.start, end) for bar, end in zip(parts, ends, strict=True)),
        total if np.isnan(high) else high,
    ]
    words = [
        *("not measured" if bar.seconds is None else units.seconds(bar.seconds) for bar in parts),
        units.seconds(total),
    ]
    for place, (at, said) in enumerate(zip(rightmost, words, strict=True)):
        # A number stands inside of the panel, so that it need not be measured to place the panel.
        axes.text(at, place, said, transform=beside, va="center", fontsize="small", in_layout=False)
    steps = [[(end, place), (end, place + 1)] for place, end in enumerate(ends)]
    axes.add_collection(LineCollection(steps, colors="0.35", linewidths=0.8, zorder=2))
    axes.axvline(0, color="black", linewidth=1, zorder=1)
    axes.set_yticks(range(len(parts) + 1), list(PART_NAMES.values()))
    axes.set_ylim(len(parts) + 0.6, -0.6)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_formatter(EngFormatter(unit="s"))
    axes.grid(axis="y", visible=False)
    axes.set_title(_named(case), fontsize="medium")


def _named(case: pd.Series[Any]) -> str:
    return (
        f"{case['executor']}, {plural(int(case['workers']), 'worker')}, pin {case['pin']}\n"
        f"chunk {units.count(float(case['chunk']))}: {case['which']}"
    )


def _finding(cases: pd.DataFrame) -> str:
    """Say how much of a call overhead takes at most: parts below 0 take from it, so that all parts
    stay within the call."""
    measured = cases[[f"{part}_seconds" for part in OVERHEAD]].astype("float64")
    share = measured.sum(axis=1) / cases["seconds"].astype("float64")
    at = int(share.to_numpy().argmax())
    case, parts = cases.iloc[at], measured.iloc[at].fillna(0.0).to_numpy()
    what = PART_NAMES[OVERHEAD[int(parts.argmax())]]
    chunk = units.count(float(case["chunk"]))
    most = f"{100 * float(share.max()):.3g} %"
    return f"up to {most} of a call is overhead ({case['executor']}, chunk {chunk}), mostly {what}"


def _alt(cases: pd.DataFrame) -> str:
    texts = []
    for case in cases.to_dict("records"):
        known = ((part, pd.notna(case[f"{part}_seconds"])) for part in ORDER)
        parts = [
            f"{PART_NAMES[part]} {_signed(case, part) if measured else 'not measured'}"
            for part, measured in known
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
