"""Colours and style of figures, safe for the colour-blind, without loading Seaborn for them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.colors import LinearSegmentedColormap, to_rgba, to_rgba_array

RGB = tuple[float, float, float]

COLORBLIND = (
    *("#0173b2", "#de8f05", "#029e73", "#d55e00", "#cc78bc"),
    *("#ca9161", "#fbafe4", "#949494", "#ece133", "#56b4e9"),
)
"""Seaborn's palette ``colorblind``."""

_CIRCLE = LinearSegmentedColormap.from_list(
    "circle of hues",
    [
        *("#f77189", "#f7755d", "#e68332", "#ce9032", "#bb9832", "#aa9e31", "#97a431", "#7eaa31"),
        *("#50b131", "#32b166", "#34af84", "#35ae96", "#36ada4", "#37abb1", "#38aabf", "#39a7d0"),
        *("#3ba3ec", "#7a98f4", "#a48cf4", "#c67df4", "#e866f4", "#f561dd", "#f668c2", "#f66ca8"),
        "#f77189",
    ],
)
"""Seaborn's palette ``husl``: every hue equally light."""

_STYLE: dict[Any, Any] = {
    # Seaborn's style "whitegrid" ...
    "axes.axisbelow": True,
    "axes.edgecolor": ".8",
    "axes.grid": True,
    "axes.labelcolor": ".15",
    "font.family": ["sans-serif"],
    "font.sans-serif": [
        *("Arial", "DejaVu Sans", "Liberation Sans", "Bitstream Vera Sans", "sans-serif"),
    ],
    "grid.color": ".8",
    "lines.solid_capstyle": "round",
    "patch.edgecolor": "w",
    "patch.force_edgecolor": True,
    "text.color": ".15",
    "xtick.bottom": False,
    "xtick.color": ".15",
    "ytick.color": ".15",
    "ytick.left": False,
    # ... and its context "notebook", with letters of 95 %.
    "axes.labelsize": 11.4,
    "axes.linewidth": 1.25,
    "axes.titlesize": 11.4,
    "font.size": 11.4,
    "grid.linewidth": 1.0,
    "legend.fontsize": 10.45,
    "legend.title_fontsize": 11.4,
    **{
        f"{axis}tick.{name}": value
        for axis in "xy"
        for name, value in {
            "labelsize": 10.45,
            "major.size": 6.0,
            "major.width": 1.25,
            "minor.size": 4.0,
            "minor.width": 1.0,
        }.items()
    },
    # Titles stand right above their panels, and need not be held against the ticks at every draw.
    "axes.titley": 1.0,
}
_WITHOUT_GRID: dict[Any, Any] = {"axes.grid": False, "axes.edgecolor": ".15"}


@contextmanager
def look(*, grid: bool = True) -> Iterator[None]:
    """Set the style of the figures made inside."""
    with mpl.rc_context(_STYLE if grid else _STYLE | _WITHOUT_GRID):
        yield


def told_apart(n: int) -> list[Any]:
    """Choose *n* colours; ten are safe for the colour-blind."""
    if n <= len(COLORBLIND):
        return list(COLORBLIND[:n])
    return [_CIRCLE(at) for at in np.arange(n) / n]


def luminance(color: Any) -> float:
    """Work out how light *color* is, 0 to 1, as WCAG 2.2 defines relative luminance."""
    rgb = to_rgba_array(to_rgba(color))[0, :3]
    linear = np.where(rgb <= 0.03928, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))
