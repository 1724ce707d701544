"""Time budgets of traced cases: where the time of all workers went."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from harness.core import units
from harness.core.units import plural
from harness.reading.analysis.by_group import records
from harness.reading.analysis.trace.time_budget import time_budget
from harness.reading.report.analysed import Analysed
from harness.reading.report.chapters.time_budget_chapter import SHOWN, share
from harness.reading.report.figures import base as draw
from harness.reading.report.figures import labels
from harness.reading.report.figures.palette import COLORBLIND, look
from harness.reading.report.figures.saving import Planned
from harness.reading.report.shown.cells import Row, number, text

HATCHES = ("", "//", "..", "\\\\", "xx", "--", "", "oo", "", "++")
"""One for each part, so that neighbours differ without colour."""
SAME = ["machine", "workload", "size"]


def planned(results: Analysed) -> Iterator[Planned]:
    """Plan a figure for each workload and size that was traced: the newest trace of each case."""
    table = time_budget(results.read.traces)
    table = table[table["median_call"].fillna(False).astype(bool)].sort_values("run")
    case = [*SAME, "executor", "workers", "pin", "chunk"]
    table = table.drop_duplicates(case, keep="last").sort_values(case)
    for (_, workload, _), rows in table.groupby(SAME, sort=False):
        yield Planned(str(rows["run"].max()), str(workload), _alt(rows), budgets, (rows,))


def budgets(rows: pd.DataFrame) -> Figure:
    """Draw a bar for each case, cut into its parts as shares of all worker seconds.

    Parameters
    ----------
    rows : DataFrame
        Obeys ``schema.TIME_BUDGET``; one row a case, of one workload, size and machine.
    """
    shown = records(rows)
    colors = dict(zip(SHOWN, COLORBLIND, strict=True))
    colors |= {"compute": "0.25", "idle": "0.97", "unexplained": "0.7"}
    with look():
        figure = Figure(figsize=(10.5, 1.7 + 0.62 * len(shown)), layout="constrained")
        axes = figure.subplots()
        for place, row in enumerate(shown):
            right = left = 0.0
            for part, hatch in zip(SHOWN, HATCHES, strict=True):
                width = share(row, part) or 0.0
                axes.barh(
                    place,
                    width,
                    left=right if width > 0 else left,
                    height=0.7,
                    color=colors[part],
                    hatch=hatch,
                    edgecolor="black",
                    linewidth=0.5,
                )
                right, left = right + max(width, 0.0), left + min(width, 0.0)
        axes.set_yticks(range(len(shown)), [_name(row) for row in shown])
        axes.invert_yaxis()
        axes.grid(visible=False, axis="y")
        axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
        first = shown[0]
        axes.set_xlabel("share of all worker seconds (workers x time of the call)")
        handles = [
            Patch(facecolor=colors[part], hatch=hatch, edgecolor="black", linewidth=0.5, label=part)
            for part, hatch in zip(SHOWN, HATCHES, strict=True)
        ]
        draw.legend(figure, handles, height=1)
        of = f"time budget of {text(first['workload'])}, {text(first['machine'])}"
        draw.title(figure, _finding(shown), of)
    return figure


def _name(row: Row) -> str:
    name = f"{text(row['executor'])}\n{plural(int(row['workers']), 'worker')}, chunk "
    pin = "" if text(row["pin"]) == "1" else f", pin {text(row['pin'])}"
    return f"{name}{number(row['chunk'], units.count)}{pin}"


def _finding(rows: Sequence[Row]) -> str:
    """Say how much of their time workers compute: in the best of the cases, or in the one case."""
    shares = [share(row, "compute") or 0.0 for row in rows]
    best = max(range(len(rows)), key=shares.__getitem__)
    name = " ".join(_name(rows[best]).split())
    return f"workers compute {100 * shares[best]:.0f} % of the time at best ({name})"


def _alt(rows: pd.DataFrame) -> str:
    texts = []
    for row in records(rows):
        shares = {part: share(row, part) for part in SHOWN}
        known = sorted((-value, part) for part, value in shares.items() if value)
        most = ", ".join(f"{part} {-value:.0%}".replace("%", " %") for value, part in known[:3])
        absent = [part for part, value in shares.items() if value is None]
        hidden = f" (not told apart: {', '.join(absent)})" if absent else ""
        texts.append(f"{_name(row)}: {most}{hidden}".replace("\n", ", "))
    return (
        "A bar for each traced case, cut into the parts of the time of all its workers. The "
        f"largest parts: {labels.listed(texts)}."
    )
