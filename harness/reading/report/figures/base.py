"""How figures are drawn: their look, panels, lines, axes and legends."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import (
    EngFormatter,
    FuncFormatter,
    LogLocator,
    MaxNLocator,
    NullFormatter,
    NullLocator,
)

from harness.core.records import Status
from harness.reading.analysis.verdict.estimates import Floats
from harness.reading.report.figures.palette import told_apart

Place = Literal["outside right upper", "outside right center", "outside right lower"]
"""Where a legend stands beside the panels."""

GREY = "0.35"
_LEGEND_INCHES = 2.6
_LETTERS_A_LINE, _LEAST_TITLE = 96, 24
"""Letters in a line of a title: at most, and in the narrowest figure."""
_LETTERS_AN_INCH, _ABOVE = 9.0, 1.0
"""Letters in an inch of the words on the left, and what a title takes of the height, in inches."""
_LEFT, _GAP = 0.01, 0.2
"""Where a title begins, as a share of the width, and what is left free beside it, in inches."""
_NARROW = 2.0
"""A log axis that covers less than this factor has ticks at even steps."""
_POWERS = 300.0
"""An axis of counts that covers more than this factor has powers of ten."""
_LEGEND: dict[str, Any] = {"frameon": False, "alignment": "left", "handlelength": 2.6}
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "p")
_LINES: tuple[Any, ...] = ("-", "--", "-.", (0, (1, 1)), (0, (5, 1, 1, 1, 1, 1)), (0, (3, 3)))


_USED = (
    *("machine", "run", "workload", "size", "executor", "workers", "pin", "chunk", "n_chunks"),
    *("status", "paired", "verdict", "native_threads"),
    *(
        f"{name}{end}"
        for name in ("seconds", "baseline_seconds", "speedup", "efficiency")
        for end in ("", "_low", "_high")
    ),
)


class Picture(Figure):
    """A figure that notebooks show also where no window system is set up.

    ``alt`` says in words what it shows; it goes with the picture for those who do not see it.
    """

    alt: str = ""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # A figure without a canvas of its own makes a new one for each word that is measured.
        FigureCanvasAgg(self)

    def _repr_png_(self) -> tuple[bytes, dict[str, str]]:
        out = BytesIO()
        self.savefig(out, format="png", dpi=100, metadata={"Description": self.alt})
        return out.getvalue(), {"alt": self.alt}


class Style(NamedTuple):
    """How a series is told from the others, also without colour."""

    color: Any
    marker: str
    line: Any


def grid(n: int, width: float, height: float, most: int = 3) -> tuple[Figure, list[Axes]]:
    """Make a figure of *n* panels with common axes, at most *most* of them side by side.

    *width* and *height* of a panel are in inches; room for legends on the right comes on top.
    """
    columns = min(n, most)
    rows = -(-n // columns)
    figure = Picture(
        figsize=(columns * width + _LEGEND_INCHES, rows * height + 0.9), layout="constrained"
    )
    axes = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    for unused in axes[n:]:
        unused.remove()
    if n < len(axes):  # a panel with nothing below it shows the ticks itself
        for lowest in axes[n - columns : n]:
            lowest.tick_params(labelbottom=True)
    return figure, list(axes[:n])


def title(figure: Figure, finding: str, of: str, *, beside: bool = True) -> None:
    """Write what was found over the panels, and below it of what and where.

    To be called when the legends are there: a long finding gets lines of its own, so that it does
    not run into one that stands *beside* it.
    """
    boxes = figure.legends if beside else []
    taken = max((box.get_window_extent().width for box in boxes), default=0.0)
    room = figure.bbox.width - taken - _GAP * figure.dpi
    words = figure.suptitle(of, x=_LEFT, horizontalalignment="left")
    for letters in range(_LETTERS_A_LINE, _LEAST_TITLE, -4):
        lines = [*textwrap.wrap(finding, letters), *textwrap.wrap(of, letters)]
        words.set_text("\n".join(lines))
        if words.get_window_extent().width <= room:
            return


def name_rows(figure: Figure, name: str) -> None:
    """Write what all panels show upwards, on the left; in lines where the figure is low."""
    letters = int(_LETTERS_AN_INCH * (figure.get_figheight() - _ABOVE))
    figure.supylabel("\n".join(textwrap.wrap(name, letters)), fontsize="medium")


def styles(names: Iterable[str]) -> dict[str, Style]:
    """Give each name a colour, a marker and a line; ten colours are safe for the colour-blind."""
    names = list(names)
    looks = zip(names, told_apart(len(names)), itertools.cycle(_MARKERS), itertools.cycle(_LINES))
    return {name: Style(color, marker, line) for name, color, marker, line in looks}


def ends(rows: pd.DataFrame, name: str) -> tuple[Floats, Floats, Floats]:
    """Return point, low and high of an estimate; the point itself where an end is not known."""
    point, low, high = (
        rows[f"{name}{end}"].to_numpy(dtype=np.float64, na_value=np.nan)
        for end in ("", "_low", "_high")
    )
    return point, np.where(np.isnan(low), point, low), np.where(np.isnan(high), point, high)


def curve(axes: Axes, x: Floats, y: tuple[Floats, Floats, Floats], style: Style) -> None:
    """Draw points with their intervals, joined by the line of their style."""
    bars(axes, x, y, style, line=style.line)


def bars(
    axes: Axes, x: Floats, y: tuple[Floats, Floats, Floats], style: Style, line: Any = "none"
) -> None:
    """Draw points with their intervals, joined by *line*, if any."""
    point, low, high = y
    axes.plot(
        x,
        point,
        color=style.color,
        linestyle=line,
        marker=style.marker,
        ms=7,
        mec="white",
        zorder=3,
    )
    across = np.maximum((point - low, high - point), 0)
    axes.errorbar(x, point, yerr=across, fmt="none", ecolor=style.color, capsize=3, zorder=2.5)


def keys(styled: dict[str, Style], line: bool = True) -> list[Line2D]:
    """Make the legend entries of series, with their *line* or with the marker alone."""
    return [
        Line2D(
            [],
            [],
            color=style.color,
            marker=style.marker,
            ms=7,
            mec="white",
            label=name,
            linestyle=style.line if line else "none",
        )
        for name, style in styled.items()
    ]


def plain(axis: Any) -> None:
    """Write the numbers on a log axis as people say them, not as powers."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def log_ticks(axis: Any, span: float) -> None:
    """Put as many ticks on a log axis as can be read; *span* is the factor that it covers."""
    if span < _NARROW:
        axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
        axis.set_minor_locator(NullLocator())
        plain(axis)
        return
    subs = (1,) if span > 300 else (1, 2, 5) if span > 4 else (1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9)
    axis.set_major_locator(LogLocator(subs=subs))
    axis.set_minor_locator(NullLocator())
    plain(axis)


def seconds_ticks(axis: Any) -> None:
    """Put ticks on a log axis of seconds, each in the unit that fits it: 20 ms, 1 s."""
    _spanned(axis)
    axis.set_major_formatter(EngFormatter(unit="s"))


def count_ticks(axis: Any) -> None:
    """Put ticks on a log axis of counts, 50 k and 2 M; powers where it covers much."""
    if _spanned(axis, only_within=_POWERS):
        axis.set_major_formatter(EngFormatter(sep=" "))


def _spanned(axis: Any, only_within: float = np.inf) -> bool:
    """Put ticks where the factor that *axis* covers is at most *only_within*; say whether it is."""
    low, high = sorted(axis.get_view_interval())
    if high / low > only_within:
        return False
    log_ticks(axis, high / low)
    return True


def aside(x: Floats, index: int, n: int) -> Floats:
    """Move *x* on a log axis a little aside for series *index* of *n*, so that none hides another,
    and never as far as another chunk size."""
    step = min(1.08, 1.5 ** (1 / n))
    return np.asarray(x * step ** (index - (n - 1) / 2))


def used(cases: pd.DataFrame) -> pd.DataFrame:
    """Keep the columns that figures show: the others cost time in every selection of rows."""
    return cases[[name for name in _USED if name in cases]]


def with_result(cases: pd.DataFrame) -> pd.DataFrame:
    """Keep the paired cases that have a result."""
    good = cases["status"].eq(Status.OK) & cases["paired"].eq(True) & cases["seconds"].notna()
    return cases[good.fillna(False).astype(bool)]


def legend(
    figure: Figure,
    handles: Sequence[Any],
    title: str | None = None,
    *,
    labels: Sequence[str] | None = None,
    loc: Place = "outside right upper",
    height: float | None = None,
) -> None:
    """Put a legend beside the panels.

    *labels* are needed where the handles have none of their own; *height* is that of a patch, in
    units of the text.
    """
    more = _LEGEND if height is None else _LEGEND | {"handleheight": height}
    if labels is None:
        figure.legend(handles=handles, title=title, loc=loc, **more)
    else:
        figure.legend(handles, labels, title=title, loc=loc, **more)
