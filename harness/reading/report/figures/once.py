"""Lay a figure out once for all files that it is written to, and leave out what nobody sees."""

from __future__ import annotations

import re
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogFormatterSciNotation, NullLocator

_FORMULA = re.compile(r"\$\\mathdefault\{(.*?)\^\{(-?\d+)\}\}\$")
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class _Powers(LogFormatterSciNotation):
    """Writes powers as 10⁵ and not as a formula, which takes as long as the rest of a figure."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        match = _FORMULA.fullmatch(text := super().__call__(x, pos))
        if match is None:
            return text
        return match[1].replace(r"\times", "×") + match[2].translate(_RAISED)


def lay_out(figure: Figure) -> None:
    """Place the panels, axes and legends of *figure* for good.

    Matplotlib would do it anew for each file, and twice: it is what most of the time goes into.
    """
    engine = figure.get_layout_engine()
    if engine is None:
        return
    for axes in figure.axes:
        _make_light(axes)
    engine.execute(figure)
    figure.set_layout_engine("none")


def _make_light(axes: Axes) -> None:
    """Drop small ticks without line and word, and do not look for a place for empty labels."""
    for axis in (axes.xaxis, axes.yaxis):
        if not axis.get_label_text():
            axis.set_label_coords(0.5, 0.5)
        if type(axis.get_major_formatter()) is LogFormatterSciNotation:
            axis.set_major_formatter(_Powers())
        if type(axis.get_minor_formatter()) is LogFormatterSciNotation:
            axis.set_minor_formatter(_Powers(labelOnlyBase=False))
        if not _shows_small_ticks(axis):
            axis.set_minor_locator(NullLocator())


def _shows_small_ticks(axis: Any) -> bool:
    look = axis.get_tick_params(which="minor")
    if look.get("gridOn") or look.get("left") or look.get("bottom"):
        return True
    return any(axis.get_minor_formatter().format_ticks(axis.get_minorticklocs()))
