"""Figures of finished tables: returned, never shown, and made without pyplot's global state."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, NullFormatter

from harness import units
from harness.errors import InputError, UsageError
from harness.records import Status, Verdict

_SETUP = ["executor", "workers", "pin"]
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "p")
_LINES: tuple[Any, ...] = ("-", "--", "-.", (0, (1, 1)), (0, (5, 1, 1, 1, 1, 1)), (0, (3, 3)))
_GREY = "0.35"
_LEGEND: dict[str, Any] = {"frameon": False, "alignment": "left", "handlelength": 2.6}


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
    with sns.axes_style("whitegrid"), sns.plotting_context("notebook", font_scale=0.95):
        n_lines = drawn.groupby(_SETUP, dropna=False).ngroups
        figure = Figure(figsize=(10.0, max(5.6, 2.8 + 0.25 * n_lines)), layout="constrained")
        axes = figure.add_subplot()
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlim(float(drawn["chunk"].min()) / 1.7, float(drawn["chunk"].max()) * 1.7)
        handles = [*_lines(axes, drawn), *_baseline(axes, drawn)]
        _labels(axes, rows, len(rows) - len(drawn))
        figure.legend(handles=handles, title=_common(drawn), loc="outside right upper", **_LEGEND)
        keys = _verdict_keys(drawn)
        figure.legend(
            *zip(*keys), title="marker: verdict against T1", loc="outside right lower", **_LEGEND
        )
    return figure


def save(figure: Figure, path: str | Path) -> Path:
    """Write *figure* as ``.png`` or ``.svg``: the same figure gives the same bytes, without dates.

    Raises
    ------
    UsageError
        Where the ending is another one.
    """
    path = Path(path)
    metadata: dict[str, dict[str, Any]] = {
        ".png": {"Software": None},
        ".svg": {"Date": None, "Creator": None},
    }
    if path.suffix not in metadata:
        raise UsageError(f"{path}: figures are written as .png or .svg: choose one of these")
    path.parent.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context({"svg.hashsalt": "chunkbench", "svg.fonttype": "path"}):
        figure.savefig(path, dpi=150, metadata=metadata[path.suffix])
    return path


def save_all(cases: pd.DataFrame, folder: Path) -> list[Path]:
    """:func:`time_vs_chunk` of every workload of every run with more than one chunk size to show,
    as PNG and SVG.

    Raises
    ------
    InputError
        Where there is none.
    """
    drawable = cases[cases["status"].eq(Status.OK).fillna(False) & cases["paired"].eq(True)]
    paths = []
    for _, rows in drawable.groupby(["run", "workload", "size"], sort=False):
        if rows["chunk"].nunique() < 2:
            continue
        run, workload, size = rows.iloc[0][["run", "workload", "size"]]
        figure = time_vs_chunk(cases[cases["run"].eq(run)], workload, int(size), run=run)
        paths += [save(figure, folder / f"{run}-{workload}{end}") for end in (".png", ".svg")]
    if not paths:
        raise InputError("no run has more than one chunk size to draw: measure with settle or run")
    return paths


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


def _lines(axes: Axes, drawn: pd.DataFrame) -> Iterator[Line2D]:
    setups = [group.sort_values("chunk") for _, group in drawn.groupby(_SETUP, dropna=False)]
    varying = [name for name in _SETUP[1:] if drawn[name].nunique(dropna=False) > 1]
    palette = sns.color_palette("colorblind", len(setups))
    styles = zip(setups, palette, itertools.cycle(_MARKERS), itertools.cycle(_LINES))
    step = min(1.08, 1.5 ** (1 / len(setups)))
    for index, (group, color, marker, line) in enumerate(styles):
        x = group["chunk"].to_numpy(dtype=np.float64) * step ** (index - (len(setups) - 1) / 2)
        y = group["seconds"].to_numpy(dtype=np.float64)
        low, high = _ends(group, "seconds", y)
        axes.plot(x, y, color=color, linestyle=line, linewidth=1.6, zorder=3)
        axes.errorbar(
            x,
            y,
            yerr=np.maximum((y - low, high - y), 0),
            fmt="none",
            ecolor=color,
            capsize=3,
            zorder=3.5,
        )
        for chunk, seconds, verdict in zip(x, y, group["verdict"]):
            for style in _marks(marker, verdict, color):
                axes.plot(chunk, seconds, zorder=4, **style)
        yield Line2D(
            [], [], color=color, ls=line, marker=marker, ms=7, label=_name(group.iloc[0], varying)
        )


def _baseline(axes: Axes, drawn: pd.DataFrame) -> list[Line2D]:
    """The baseline as a line with a band; every case has its own, so both span all of them."""
    points = drawn["baseline_seconds"].dropna().to_numpy(dtype=np.float64)
    if not points.size:
        return []
    low, high = _ends(drawn.dropna(subset="baseline_seconds"), "baseline_seconds", points)
    middle = float(np.median(points))
    axes.axhspan(float(low.min()), float(high.max()), color=_GREY, alpha=0.15, zorder=1, lw=0)
    axes.axhline(middle, color="black", linewidth=1.0, zorder=2)
    return [
        Line2D([], [], color="black", linewidth=1.0, label=f"baseline T1, {units.seconds(middle)}"),
        Line2D([], [], color=_GREY, alpha=0.25, linewidth=8, label="its 95 % intervals"),
    ]


def _ends(
    rows: pd.DataFrame, name: str, point: np.ndarray[Any, np.dtype[np.float64]]
) -> tuple[np.ndarray[Any, np.dtype[np.float64]], np.ndarray[Any, np.dtype[np.float64]]]:
    """The ends of the intervals; the point itself where an end is not known."""
    low, high = (rows[f"{name}_{end}"].to_numpy(dtype=np.float64) for end in ("low", "high"))
    return np.where(np.isnan(low), point, low), np.where(np.isnan(high), point, high)


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
        (tuple(Line2D([], [], **mark) for mark in _marks("o", verdict.value, _GREY)), verdict.value)
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
    return f"{one[name]} workers" if name == "workers" else f"{name} {one[name]}"


def _labels(axes: Axes, rows: pd.DataFrame, n_without: int) -> None:
    one = rows.iloc[0]
    axes.set_title(
        f"{one['workload']}, {units.count(float(one['size']))} elements, {one['machine']}"
    )
    axes.set_ylabel("time of one call (s), median and 95 % interval")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.grid(which="minor", alpha=0.3)
    cases = "1 case" if n_without == 1 else f"{n_without} cases"
    note = f"\n({cases} without a result, not drawn)" if n_without else ""
    axes.set_xlabel(f"chunk size (elements a task){note}")
