"""The work of an item: what handing items out gains, one by one and at the best chunk."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter

from harness.core import units
from harness.core.work_families import family_of
from harness.reading.analysis.crossover.work import BEST, ONE_BY_ONE
from harness.reading.report.analysed import Analysed
from harness.reading.report.figures import base as draw
from harness.reading.report.figures import labels
from harness.reading.report.figures.palette import look
from harness.reading.report.figures.saving import Planned


def planned(results: Analysed) -> Iterator[Planned]:
    """Plan a figure for each run and family with several amounts of work."""
    good = draw.with_result(draw.used(results.cases))
    families = set(results.table("break_even_work")["family"])
    good = good.assign(family=[family_of(name)[0] for name in good["workload"]])
    good = good[good["family"].isin(families)]
    for (run, family), rows in good.groupby(["run", "family"], sort=False):
        curves = by_work(rows)
        if curves["work_seconds"].nunique() > 1:
            yield Planned(str(run), str(family), _alt(curves), speed_up, (curves,))


def by_work(cases: pd.DataFrame) -> pd.DataFrame:
    """Take of each amount of work on each set-up the case of one item a task, and the best one.

    Parameters
    ----------
    cases : DataFrame
        Obeys ``schema.CASES``, with a column ``family``; one run and family.

    Returns
    -------
    DataFrame
        *cases* as far as they are drawn, with ``chunks`` (a rule of the table
        ``break_even_work``), ``name`` of the set-up and ``work_seconds`` of an item.
    """
    serial = (
        cases.groupby("workload")["baseline_seconds"].median()
        / cases.groupby("workload")["size"].max()
    )
    cases = cases.assign(
        name=labels.named(cases), work_seconds=cases["workload"].map(serial).astype("float64")
    )
    one = cases[cases["chunk"].eq(1)].assign(chunks=ONE_BY_ONE)
    best = cases.loc[cases.groupby(["name", "workload"])["speedup"].idxmax()].assign(chunks=BEST)
    return pd.concat([one, best]).sort_values(["name", "work_seconds"])


def speed_up(curves: pd.DataFrame) -> Figure:
    """Draw the speed-up against the work of an item, on logarithmic axes.

    Parameters
    ----------
    curves : DataFrame
        As from :func:`by_work`.
    """
    styled = draw.styles(sorted(curves["name"].unique()))
    with look():
        figure, axes = draw.grid(2, 4.6, 4.4)
        for panel, rule in zip(axes, (ONE_BY_ONE, BEST)):
            panel.set_xscale("log")
            panel.set_yscale("log")
            rows = curves[curves["chunks"].eq(rule)]
            for name, line in rows.groupby("name"):
                x = line["work_seconds"].to_numpy(dtype="float64")
                draw.curve(panel, x, draw.ends(line, "speedup"), styled[str(name)])
            panel.axhline(1, color="black", linewidth=1, zorder=1)
            panel.set_title(_TITLES[rule], fontsize="medium")
            panel.xaxis.set_major_formatter(EngFormatter(unit="s"))
        low, high = axes[0].get_ylim()
        draw.log_ticks(axes[0].yaxis, high / low)
        first = curves.iloc[0]
        figure.supxlabel("work of an item", fontsize="medium")
        draw.name_rows(figure, "speed-up T1/TP, 95 % interval")
        draw.legend(figure, draw.keys(styled), labels.common(curves))
        draw.title(figure, _finding(curves), f"{first['family']}, {first['machine']}")
    return figure


_TITLES = {ONE_BY_ONE: "items handed out one by one", BEST: "in the chunks that are best there"}


def _finding(curves: pd.DataFrame) -> str:
    """Say what is gained with the most work in an item."""
    most = curves[curves["work_seconds"].eq(curves["work_seconds"].max())]
    best = most.loc[[most["speedup"].astype("float64").idxmax()]].iloc[0]
    work = units.seconds(float(best["work_seconds"]))
    return f"with {work} an item {best['name']} is {best['speedup']:.3g} times as fast at best"


def _alt(curves: pd.DataFrame) -> str:
    most = curves[curves["work_seconds"].eq(curves["work_seconds"].max())]
    texts = [f"{row['name']} {row['chunks']} {row['speedup']:.3g}" for _, row in most.iterrows()]
    work = units.seconds(float(most["work_seconds"].iloc[0]))
    return (
        "Speed-up against the work of an item, side by side for items handed out one by one and "
        f"for the best chunk of each amount. With {work} an item: {labels.listed(texts)}."
    )
