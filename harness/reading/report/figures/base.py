"""What all figures share: their look, their text for those who do not see them, their files."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, NullLocator

from harness.core import units
from harness.core.errors import UsageError
from harness.core.records import Status
from harness.reading.analysis.verdict.estimates import Floats

GREY = "0.35"
LEGEND: dict[str, Any] = {"frameon": False, "alignment": "left", "handlelength": 2.6}
SETUP = ["executor", "workers", "pin"]
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "p")
_LINES: tuple[Any, ...] = ("-", "--", "-.", (0, (1, 1)), (0, (5, 1, 1, 1, 1, 1)), (0, (3, 3)))


class Picture(Figure):
    """A figure that notebooks show also where no window system is set up.

    ``alt`` says in words what it shows; it goes with the picture for those who do not see it.
    """

    alt: str = ""

    def _repr_png_(self) -> tuple[bytes, dict[str, str]]:
        out = BytesIO()
        self.savefig(out, format="png", dpi=100, metadata={"Description": self.alt})
        return out.getvalue(), {"alt": self.alt}


@dataclass(frozen=True)
class Drawn:
    """A figure of one run: ``what`` names its subject, ``alt`` says in words what it shows."""

    run: str
    what: str
    figure: Figure
    alt: str

    def __post_init__(self) -> None:
        if isinstance(self.figure, Picture):
            self.figure.alt = self.alt


class Saved(NamedTuple):
    """A file and the text for those who do not see it."""

    path: Path
    alt: str


class Style(NamedTuple):
    """How a series is told from the others, also without colour."""

    color: Any
    marker: str
    line: Any


@contextmanager
def look() -> Iterator[None]:
    """Seaborn's style, for the figures made inside."""
    with sns.axes_style("whitegrid"), sns.plotting_context("notebook", font_scale=0.95):
        yield


def grid(n: int, width: float, height: float, most: int = 3) -> tuple[Figure, list[Axes]]:
    """A figure of *n* panels with common axes, at most *most* side by side, each of this size in
    inches; room for legends on the right comes on top."""
    columns = min(n, most)
    rows = -(-n // columns)
    figure = Picture(figsize=(columns * width + 2.6, rows * height + 0.9), layout="constrained")
    axes = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    for unused in axes[n:]:
        unused.remove()
    if n < len(axes):  # a panel with nothing below it shows the ticks itself
        for one in axes[n - columns : n]:
            one.tick_params(labelbottom=True)
    return figure, list(axes[:n])


def styles(names: Iterable[str]) -> dict[str, Style]:
    """A colour, a marker and a line for each name; ten colours are safe for the colour-blind."""
    names = list(names)
    palette = sns.color_palette("colorblind" if len(names) <= 10 else "husl", len(names))
    looks = zip(names, palette, itertools.cycle(_MARKERS), itertools.cycle(_LINES))
    return {name: Style(color, marker, line) for name, color, marker, line in looks}


def ends(rows: pd.DataFrame, name: str) -> tuple[Floats, Floats, Floats]:
    """Point and both ends of an estimate; the point itself where an end is not known."""
    point, low, high = (
        rows[f"{name}{end}"].to_numpy(dtype=np.float64, na_value=np.nan)
        for end in ("", "_low", "_high")
    )
    return point, np.where(np.isnan(low), point, low), np.where(np.isnan(high), point, high)


def curve(axes: Axes, x: Floats, y: tuple[Floats, Floats, Floats], style: Style) -> None:
    """Points with their intervals, joined by a line."""
    bars(axes, x, y, style, line=style.line)


def bars(
    axes: Axes, x: Floats, y: tuple[Floats, Floats, Floats], style: Style, line: Any = "none"
) -> None:
    """Points with their intervals."""
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


def keys(looks: dict[str, Style], line: bool = True) -> list[Line2D]:
    """Legend entries."""
    return [
        Line2D(
            [],
            [],
            color=s.color,
            marker=s.marker,
            ms=7,
            mec="white",
            label=name,
            linestyle=s.line if line else "none",
        )
        for name, s in looks.items()
    ]


def plain(axis: Any) -> None:
    """Numbers on a log axis as they are said, not as powers."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def log_ticks(axis: Any, span: float) -> None:
    """Ticks of a log axis that covers a factor *span*: as many as can be read."""
    subs = (1,) if span > 300 else (1, 2, 5) if span > 4 else (1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9)
    axis.set_major_locator(LogLocator(subs=subs))
    axis.set_minor_locator(NullLocator())
    plain(axis)


def aside(x: Floats, index: int, n: int) -> Floats:
    """Places on a log axis a little apart for series *index* of *n*, so that none hides another,
    and never as far as another chunk size."""
    step = min(1.08, 1.5 ** (1 / n))
    return np.asarray(x * step ** (index - (n - 1) / 2))


def with_result(cases: pd.DataFrame) -> pd.DataFrame:
    """The paired cases that have a result."""
    good = cases["status"].eq(Status.OK) & cases["paired"].eq(True) & cases["seconds"].notna()
    return cases[good.fillna(False).astype(bool)]


def workers(count: int) -> str:
    """``"1 worker"``, ``"2 workers"``."""
    return f"{count} worker{'s' if count != 1 else ''}"


def named(rows: pd.DataFrame) -> pd.Series[str]:
    """Each row's set-up in words: the executor, and of workers and pin what varies."""
    name = rows["executor"].astype("string")
    if rows["workers"].nunique() > 1:
        name += ", " + rows["workers"].map(workers).astype("string")
    return name + ", pin " + rows["pin"] if rows["pin"].nunique() > 1 else name


def common(rows: pd.DataFrame) -> str:
    """What all rows share of workers and pin, to stand beside the names of :func:`named`."""
    one, parts = rows.iloc[0], []
    if rows["workers"].nunique() == 1:
        parts.append(workers(one["workers"]))
    if rows["pin"].nunique() == 1:
        parts.append(f"pin {one['pin']}")
    return ", ".join(parts)


def listed(texts: Sequence[str]) -> str:
    """Texts in one sentence, without the end of a long list, which is said to be missing."""
    shown = "; ".join(texts[:12])
    return shown if len(texts) <= 12 else f"{shown}; and {len(texts) - 12} more"


def point_in_words(rows: pd.DataFrame, label: str, name: str, column: str) -> str:
    """The lowest point of a series, for the text beside a figure."""
    best = rows.loc[[rows[name].idxmin()]].iloc[0]
    return f"{label}: {units.seconds(float(best[name]))} at {column} {units.count(best[column])}"


def slug(text: str) -> str:
    """*text* as a part of a file's name."""
    return re.sub(r"[^\w.-]+", "-", text).strip("-")


def save(drawn: Drawn, path: str | Path) -> Saved:
    """Write a figure as ``.png``, ``.svg`` or ``.pdf``: the same figure gives the same bytes,
    without dates.

    Its words are in the file: in the PNG's ``Description``, in the SVG's ``title`` and ``desc``,
    in the PDF's ``Subject``.

    Raises
    ------
    UsageError
        Where the ending is another one.
    """
    path = Path(path)
    title = f"{drawn.what}, run {drawn.run}"
    metadata: dict[str, dict[str, Any]] = {
        ".png": {"Software": None, "Title": title, "Description": drawn.alt},
        ".svg": {"Date": None, "Creator": None},
        ".pdf": {"CreationDate": None, "Title": title, "Subject": drawn.alt},
    }
    if path.suffix not in metadata:
        raise UsageError(f"{path}: figures are written as .png, .svg or .pdf: choose one")
    path.parent.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context({"svg.hashsalt": "chunkbench", "svg.fonttype": "path"}):
        drawn.figure.savefig(path, dpi=150, metadata=metadata[path.suffix])
    if path.suffix == ".svg":
        path.write_text(_described(path.read_text("utf-8"), title, drawn.alt), encoding="utf-8")
    return Saved(path, drawn.alt)


def _described(svg: str, title: str, alt: str) -> str:
    words = (
        ' role="img" aria-labelledby="figure-title figure-desc">\n'
        f' <title id="figure-title">{escape(title)}</title>\n'
        f' <desc id="figure-desc">{escape(alt)}</desc>'
    )
    start = svg.index("<svg")
    end = svg.index(">", start)
    return f"{svg[:end]}{words}{svg[end + 1 :]}"
