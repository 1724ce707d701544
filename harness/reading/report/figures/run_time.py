"""Run time against chunk size, a line for each set-up, without pyplot's global state."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from harness.core import units
from harness.core.errors import InputError, UsageError
from harness.core.records import Status
from harness.core.units import plural
from harness.reading.report.analysed import Analysed
from harness.reading.report.figures import base as draw
from harness.reading.report.figures import labels
from harness.reading.report.figures.palette import look
from harness.reading.report.figures.saving import Planned
from harness.reading.report.figures.verdict_marks import baseline, run_time_line, verdict_legend

_SETUP = ["executor", "workers", "pin"]
_TOO_MANY = 8
"""More lines than this get a panel for each executor."""


def planned(results: Analysed) -> Iterator[Planned]:
    """Plan a figure for each workload of a run that has several chunk sizes of one set-up."""
    cases = draw.used(results.cases)
    good = draw.with_result(cases)
    for _, rows in good.groupby(["run", "workload", "size"], sort=False):
        run, workload, size = rows.iloc[0][["run", "workload", "size"]]
        if rows.groupby(_SETUP, dropna=False)["chunk"].nunique().max() > 1:
            chosen = _chosen(cases, str(workload), int(size), str(run))
            asked = (chosen, str(workload), int(size))
            yield Planned(str(run), str(workload), _alt(rows), time_vs_chunk, asked)


def time_vs_chunk(
    cases: pd.DataFrame, workload: str, size: int, *, run: str | None = None
) -> Figure:
    """Draw run time against chunk size, both on a log axis, one line for each set-up.

    A marker's fill is the verdict against the baseline, which the eye cannot take from the lines:
    the verdict is paired (rule 19), the lines carry the drift between the rounds. Points of one
    chunk size stand a little apart, so that none hides another.

    Parameters
    ----------
    cases : DataFrame
        Obeys ``schema.CASES``. Unpaired rows and those without a result are not drawn; the latter
        are counted below the axes.
    workload : str
        The workload to draw.
    size : int
        Its size in elements.
    run : str, optional
        The run to draw; may be left out where *cases* has one run of this workload and size.

    Returns
    -------
    Figure
        Not attached to any window; seconds with 95 % intervals.

    Raises
    ------
    InputError
        Where there is nothing to draw.
    UsageError
        Where there are several runs and none is chosen: runs are never pooled silently.
    """
    rows = _chosen(cases, workload, size, run)
    drawn = rows[rows["status"].eq(Status.OK).fillna(False) & rows["seconds"].notna()]
    if drawn.empty:
        raise InputError(f"{workload}, {size} elements: no case has a result: measure it first")
    n_lines = drawn.groupby(_SETUP, dropna=False).ngroups
    if n_lines > _TOO_MANY and drawn["executor"].nunique() > 1:
        return _panels(rows, drawn)
    with look():
        figure = draw.Picture(figsize=(10.0, max(5.6, 2.8 + 0.25 * n_lines)), layout="constrained")
        axes = figure.add_subplot()
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlim(float(drawn["chunk"].min()) / 1.7, float(drawn["chunk"].max()) * 1.7)
        handles = [*_lines(axes, drawn), *baseline(axes, drawn)]
        _labels(axes, rows, drawn)
        draw.legend(figure, handles, _common(drawn))
        verdict_legend(figure, drawn, "marker: verdict against T1")
        draw.title(figure, labels.finding(drawn), _of(rows))
    return figure


def _chosen(cases: pd.DataFrame, workload: str, size: int, run: str | None) -> pd.DataFrame:
    wanted = cases["workload"].eq(workload) & cases["size"].eq(size)
    # A case that never ran has no pair, and still belongs to the sweep.
    wanted &= cases["paired"].eq(True) | cases["status"].ne(Status.OK)
    if run is not None:
        wanted &= cases["run"].eq(run)
    rows = cases[wanted.fillna(False).astype(bool)]
    runs = list(dict.fromkeys(rows["run"].dropna()))
    if rows.empty:
        raise InputError(f"no case of {workload} with {size} elements: see chunkbench tables")
    if len(runs) > 1:
        raise UsageError(f"{len(runs)} runs have {workload}: choose one of {', '.join(runs)}")
    return rows


def _panels(rows: pd.DataFrame, drawn: pd.DataFrame) -> Figure:
    """Draw a panel for each executor, with a line for each of its workers and pins."""
    others = labels.named(drawn.assign(executor="")).str.removeprefix(", ")
    drawn = drawn.assign(name=others.where(others.ne(""), "the executor"))
    styled = draw.styles(sorted(drawn["name"].unique()))
    panels = list(drawn.groupby("executor"))
    with look():
        figure, axes = draw.grid(len(panels), 3.7, 3.0)
        for panel, (executor, cases) in zip(axes, panels):
            panel.set_xscale("log")
            panel.set_yscale("log")
            for index, (name, style) in enumerate(styled.items()):
                line = cases[cases["name"].eq(name)].sort_values("chunk")
                x = draw.aside(line["chunk"].to_numpy(dtype=np.float64), index, len(styled))
                run_time_line(panel, x, line, style)
            baseline_handles = baseline(panel, drawn)
            panel.set_title(str(executor), fontsize="medium")
        draw.seconds_ticks(axes[0].yaxis)
        draw.count_ticks(axes[0].xaxis)
        draw.name_rows(figure, "time of one call, median and 95 % interval")
        figure.supxlabel(_below(len(rows) - len(drawn)), fontsize="medium")
        handles = [*draw.keys(styled), *baseline_handles]
        draw.legend(figure, handles, labels.common(drawn))
        verdict_legend(figure, drawn, "marker: verdict\nagainst T1")
        draw.title(figure, labels.finding(drawn), _of(rows))
    return figure


def _lines(axes: Axes, drawn: pd.DataFrame) -> Iterator[Line2D]:
    setups = [group.sort_values("chunk") for _, group in drawn.groupby(_SETUP, dropna=False)]
    varying = [name for name in _SETUP[1:] if drawn[name].nunique(dropna=False) > 1]
    looks = draw.styles(str(index) for index in range(len(setups))).values()
    for index, (group, style) in enumerate(zip(setups, looks)):
        x = draw.aside(group["chunk"].to_numpy(dtype=np.float64), index, len(setups))
        run_time_line(axes, x, group, style)
        label = _name(group.iloc[0], varying)
        yield Line2D(
            [], [], color=style.color, ls=style.line, marker=style.marker, ms=7, label=label
        )


def _name(case: pd.Series[Any], varying: list[str]) -> str:
    """Name the executor, with its workers and pin where these differ within the figure."""
    return ", ".join([str(case["executor"]), *(_part(case, name) for name in varying)])


def _common(drawn: pd.DataFrame) -> str:
    """Say what all lines share, as the title of their legend."""
    same = [name for name in _SETUP[1:] if drawn[name].nunique(dropna=False) == 1]
    return ", ".join(["executor", *(_part(drawn.iloc[0], name) for name in same)])


def _part(case: pd.Series[Any], name: str) -> str:
    return plural(int(case[name]), "worker") if name == "workers" else f"{name} {case[name]}"


def _labels(axes: Axes, rows: pd.DataFrame, drawn: pd.DataFrame) -> None:
    axes.set_ylabel("time of one call, median and 95 % interval")
    draw.seconds_ticks(axes.yaxis)
    draw.count_ticks(axes.xaxis)
    axes.set_xlabel(_below(len(rows) - len(drawn)))


def _of(rows: pd.DataFrame) -> str:
    """Of what it is, and where."""
    case = rows.iloc[0]
    return f"{case['workload']}, {units.count(float(case['size']))} elements, {case['machine']}"


def _below(n_without: int) -> str:
    note = f"\n({plural(n_without, 'case')} without a result, not drawn)" if n_without else ""
    return f"chunk size (elements a task){note}"


def _alt(rows: pd.DataFrame) -> str:
    names = rows.assign(name=labels.named(rows))
    texts = [
        labels.lowest_point(part, str(name), "seconds", "chunk")
        for name, part in names.groupby("name")
    ]
    base = units.seconds(float(rows["baseline_seconds"].median()))
    return (
        f"Time of one call of {rows['workload'].iloc[0]} against chunk size, a line for each "
        f"executor with its workers and pin. The baseline takes {base}; the fastest: "
        f"{labels.listed(texts)}."
    )
