"""Task grain: efficiency against the work in a task, with and without the GIL."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter

from harness.core import units
from harness.reading.analysis.verdict.contrasts import GRAIN
from harness.reading.analysis.verdict.estimates import Floats
from harness.reading.report.analysed import Analysed
from harness.reading.report.figures import base as draw
from harness.reading.report.figures import labels
from harness.reading.report.figures.palette import look
from harness.reading.report.figures.saving import Planned
from harness.reading.report.words.contrast_words import HOLDS


def planned(results: Analysed) -> Iterator[Planned]:
    """Plan a figure for each run of tasks that only spin."""
    good = draw.with_result(draw.used(results.cases))
    good = good[good["workload"].isin(GRAIN)]
    for run, rows in good.groupby("run", sort=False):
        if rows["chunk"].nunique() > 1:
            yield Planned(str(run), "spin-task", _alt(rows), efficiency, (rows,))


def efficiency(cases: pd.DataFrame) -> Figure:
    """Draw the speed-up over workers against ``T1/K``, the serial seconds of one of ``K`` tasks.

    Parameters
    ----------
    cases : DataFrame
        Obeys ``schema.CASES``; the workloads of
        :data:`harness.reading.analysis.verdict.contrasts.GRAIN`, one run.
    """
    cases = cases.assign(name=labels.named(cases))
    styled = draw.styles(sorted(cases["name"].unique()))
    panels = [(w, cases[cases["workload"].eq(w)]) for w in GRAIN if cases["workload"].eq(w).any()]
    with look():
        figure, axes = draw.grid(len(panels), 4.6, 4.4)
        for panel, (workload, rows) in zip(axes, panels):
            panel.set_xscale("log")
            for index, (name, group) in enumerate(rows.groupby("name")):
                line = group.sort_values("chunk")
                draw.curve(
                    panel,
                    draw.aside(_work(line), index, len(styled)),
                    draw.ends(line, "efficiency"),
                    styled[str(name)],
                )
            panel.axhline(1, color="black", linewidth=1, zorder=1)
            panel.set_title(
                f"{workload}\n{HOLDS[workload].removeprefix('which ')}", fontsize="medium"
            )
            panel.set_ylim(bottom=0)
        best = cases.loc[[cases["efficiency"].astype("float64").idxmax()]].iloc[0]
        busy = f"{100 * float(best['efficiency']):.0f} %"
        figure.supxlabel("serial work in a task", fontsize="medium")
        draw.name_rows(figure, "efficiency (speed-up over workers), 95 % interval")
        for panel in axes:
            panel.xaxis.set_major_formatter(EngFormatter(unit="s"))
        draw.plain(axes[0].yaxis)
        draw.legend(figure, draw.keys(styled), labels.common(cases))
        draw.title(
            figure,
            f"at best {best['name']} keeps its workers busy for {busy} of a call",
            f"task grain, {cases['machine'].iloc[0]}",
        )
    return figure


def _work(rows: pd.DataFrame) -> Floats:
    t1 = rows["baseline_seconds"].to_numpy(dtype=np.float64)
    return np.asarray(t1 / rows["n_chunks"].to_numpy(dtype=np.float64))


def _alt(cases: pd.DataFrame) -> str:
    cases = cases.assign(name=labels.named(cases))
    texts = []
    for (workload, name), rows in cases.groupby(["workload", "name"]):
        best = rows.loc[[rows["efficiency"].idxmax()]]
        texts.append(
            f"{name} on {workload} {best['efficiency'].iloc[0]:.2f} at "
            f"{units.seconds(float(_work(best)[0]))} of work in a task"
        )
    return (
        "Efficiency against the serial seconds of work in one task, side by side for tasks that "
        f"hold the GIL and tasks that release it. The highest: {labels.listed(texts)}."
    )
