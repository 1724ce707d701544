"""Run time against chunk size: returned, never shown, without pyplot's global state."""

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
from harness.core.records import Status, Verdict
from harness.reading.analysis.verdict.estimates import Floats
from harness.reading.report.analysed import Analysed
from harness.reading.report.figures.base import (
    GREY,
    LEGEND,
    Drawn,
    Picture,
    Style,
    aside,
    common,
    ends,
    grid,
    keys,
    listed,
    look,
    named,
    plain,
    point_in_words,
    styles,
    with_result,
    workers,
)

_SETUP = ["executor", "workers", "pin"]
_TOO_MANY = 8
"""More lines than this get a panel for each executor."""


def drawn(found: Analysed) -> Iterator[Drawn]:
    """A figure for each workload of each run with several chunk sizes."""
    good = with_result(found.cases)
    for _, rows in good.groupby(["run", "workload", "size"], sort=False):
        run, workload, size = rows.iloc[0][["run", "workload", "size"]]
        if rows["chunk"].nunique() > 1:
            figure = time_vs_chunk(found.cases, str(workload), int(size), run=str(run))
            yield Drawn(str(run), str(workload), figure, _alt(rows))


def time_vs_chunk(
    cases: pd.DataFrame, workload: str, size: int, *, run: str | None = None
) -> Figure:
    """Run time against chunk size, both on a log axis, one line an executor set-up.

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
        figure = Picture(figsize=(10.0, max(5.6, 2.8 + 0.25 * n_lines)), layout="constrained")
        axes = figure.add_subplot()
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlim(float(drawn["chunk"].min()) / 1.7, float(drawn["chunk"].max()) * 1.7)
        handles = [*_lines(axes, drawn), *_baseline(axes, drawn)]
        _labels(axes, rows, len(rows) - len(drawn))
        figure.legend(handles=handles, title=_common(drawn), loc="outside right upper", **LEGEND)
        keys = _verdict_keys(drawn)
        figure.legend(
            *zip(*keys), title="marker: verdict against T1", loc="outside right lower", **LEGEND
        )
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
    """A panel for each executor, its lines the workers and pins."""
    others = named(drawn.assign(executor="")).str.removeprefix(", ")
    drawn = drawn.assign(name=others.where(others.ne(""), "the executor"))
    styled = styles(sorted(drawn["name"].unique()))
    panels = list(drawn.groupby("executor"))
    with look():
        figure, axes = grid(len(panels), 3.7, 3.0)
        for one, (executor, mine) in zip(axes, panels):
            one.set_xscale("log")
            one.set_yscale("log")
            for index, (name, style) in enumerate(styled.items()):
                line = mine[mine["name"].eq(name)].sort_values("chunk")
                x = line["chunk"].to_numpy(dtype=np.float64)
                x = aside(x, index, len(styled))
                y = line["seconds"].to_numpy(dtype=np.float64)
                _line(one, x, y, line, style)
            base = _baseline(one, drawn)
            one.set_title(str(executor), fontsize="medium")
            plain(one.yaxis)
        case = rows.iloc[0]
        size = units.count(float(case["size"]))
        figure.suptitle(f"{case['workload']}, {size} elements, {case['machine']}")
        figure.supylabel("time of one call (s), median and 95 % interval", fontsize="medium")
        figure.supxlabel(_below(len(rows) - len(drawn)), fontsize="medium")
        handles = [*keys(styled), *base]
        figure.legend(handles=handles, title=common(drawn), loc="outside right upper", **LEGEND)
        figure.legend(
            *zip(*_verdict_keys(drawn)),
            title="marker: verdict\nagainst T1",
            loc="outside right lower",
            **LEGEND,
        )
    return figure


def _line(axes: Axes, x: Floats, y: Floats, group: pd.DataFrame, style: Style) -> None:
    """One set-up: a line, its intervals, and markers whose fill is the verdict."""
    _, low, high = ends(group, "seconds")
    color = style.color
    axes.plot(x, y, color=color, linestyle=style.line, linewidth=1.6, zorder=3)
    across = np.maximum((y - low, high - y), 0)
    axes.errorbar(x, y, yerr=across, fmt="none", ecolor=color, capsize=3, zorder=3.5)
    for chunk, seconds, verdict in zip(x, y, group["verdict"]):
        for mark in _marks(style.marker, verdict, color):
            axes.plot(chunk, seconds, zorder=4, **mark)


def _lines(axes: Axes, drawn: pd.DataFrame) -> Iterator[Line2D]:
    setups = [group.sort_values("chunk") for _, group in drawn.groupby(_SETUP, dropna=False)]
    varying = [name for name in _SETUP[1:] if drawn[name].nunique(dropna=False) > 1]
    looks = styles(str(index) for index in range(len(setups))).values()
    for index, (group, style) in enumerate(zip(setups, looks)):
        x = aside(group["chunk"].to_numpy(dtype=np.float64), index, len(setups))
        _line(axes, x, group["seconds"].to_numpy(dtype=np.float64), group, style)
        label = _name(group.iloc[0], varying)
        yield Line2D(
            [], [], color=style.color, ls=style.line, marker=style.marker, ms=7, label=label
        )


def _baseline(axes: Axes, drawn: pd.DataFrame) -> list[Line2D]:
    """The baseline as a line with a band; every case has its own, so both span all of them."""
    points = drawn["baseline_seconds"].dropna().to_numpy(dtype=np.float64)
    if not points.size:
        return []
    _, low, high = ends(drawn.dropna(subset="baseline_seconds"), "baseline_seconds")
    middle = float(np.median(points))
    axes.axhspan(float(low.min()), float(high.max()), color=GREY, alpha=0.15, zorder=1, lw=0)
    axes.axhline(middle, color="black", linewidth=1.0, zorder=2)
    return [
        Line2D([], [], color="black", linewidth=1.0, label=f"baseline T1, {units.seconds(middle)}"),
        Line2D([], [], color=GREY, alpha=0.25, linewidth=8, label="its 95 % intervals"),
    ]


def _marks(marker: str, verdict: object, color: Any) -> list[dict[str, Any]]:
    """One marker whose fill says the verdict; a dot inside says that there is none."""
    half = verdict == Verdict.EQUAL
    mark = {
        "marker": marker,
        "markersize": 8,
        "markeredgewidth": 1.4,
        "markeredgecolor": color,
        "markerfacecolor": color if half or verdict == Verdict.PAYS else "white",
        "markerfacecoloralt": "white",
        "fillstyle": "left" if half else "full",
        "linestyle": "none",
    }
    if verdict in (Verdict.PAYS, Verdict.EQUAL, Verdict.OVERHEAD):
        return [mark]
    return [mark, {"marker": ".", "markersize": 5, "color": color, "linestyle": "none"}]


def _verdict_keys(drawn: pd.DataFrame) -> list[tuple[tuple[Line2D, ...], str]]:
    present = set(drawn["verdict"].fillna(Verdict.UNDETERMINED.value))
    return [
        (tuple(Line2D([], [], **mark) for mark in _marks("o", verdict.value, GREY)), verdict.value)
        for verdict in Verdict
        if verdict.value in present
    ]


def _name(one: pd.Series[Any], varying: list[str]) -> str:
    """The executor, with its workers and pin where these differ within the figure."""
    return ", ".join([str(one["executor"]), *(_part(one, name) for name in varying)])


def _common(drawn: pd.DataFrame) -> str:
    """What all lines share, as the title of their legend."""
    same = [name for name in _SETUP[1:] if drawn[name].nunique(dropna=False) == 1]
    return ", ".join(["executor", *(_part(drawn.iloc[0], name) for name in same)])


def _part(one: pd.Series[Any], name: str) -> str:
    return workers(int(one[name])) if name == "workers" else f"{name} {one[name]}"


def _labels(axes: Axes, rows: pd.DataFrame, n_without: int) -> None:
    one = rows.iloc[0]
    axes.set_title(
        f"{one['workload']}, {units.count(float(one['size']))} elements, {one['machine']}"
    )
    axes.set_ylabel("time of one call (s), median and 95 % interval")
    plain(axes.yaxis)
    axes.grid(which="minor", alpha=0.3)
    axes.set_xlabel(_below(n_without))


def _below(n_without: int) -> str:
    cases = "1 case" if n_without == 1 else f"{n_without} cases"
    note = f"\n({cases} without a result, not drawn)" if n_without else ""
    return f"chunk size (elements a task){note}"


def _alt(rows: pd.DataFrame) -> str:
    one = rows.iloc[0]
    names = rows.assign(name=named(rows))
    texts = [
        point_in_words(part, str(name), "seconds", "chunk") for name, part in names.groupby("name")
    ]
    base = units.seconds(float(rows["baseline_seconds"].median()))
    return (
        f"Time of one call of {one['workload']} against chunk size, a line for each executor with "
        f"its workers and pin. The baseline takes {base}; the fastest: {listed(texts)}."
    )
