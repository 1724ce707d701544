"""Lay a figure out once for all files that it is written to, and leave out what nobody sees."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.offsetbox import PackerBase
from matplotlib.ticker import LogFormatterSciNotation, NullLocator
from matplotlib.transforms import Bbox, BboxBase

_FORMULA = re.compile(r"\$\\mathdefault\{(.*?)\^\{(-?\d+)\}\}\$")
_ROOM = (40.0, 25.0, 5.0, 20.0)
"""Room left of, below, right of and above a panel, in points: a first guess."""
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
    for box in (box for legend in figure.legends for box in legend.findobj(PackerBase)):
        box.get_bbox = _remembered(box.get_bbox)  # type: ignore[assignment, method-assign]
    with _measured_once(figure):
        engine.execute(figure)
    figure.set_layout_engine("none")


@contextmanager
def _measured_once(figure: Figure) -> Iterator[None]:
    """Let a layout find the room around each panel in one measurement instead of two.

    Matplotlib measures what stands around each panel, gives all panels their size, and does both
    again, as the ticks follow the size. Roughly guessed room does as well the first time.
    """
    for axes in figure.axes:
        axes.get_tightbbox = _first_guessed(axes)  # type: ignore[assignment, method-assign]
    try:
        yield
    finally:
        for axes in figure.axes:
            del axes.get_tightbbox


def _first_guessed(axes: Axes) -> Callable[..., BboxBase | None]:
    measure, guesses = axes.get_tightbbox, iter([_ROOM])

    def get_tightbbox(*args: Any, **options: Any) -> BboxBase | None:
        room = next(guesses, None)
        if room is None:
            return measure(*args, **options)
        left, bottom, right, top = (points * axes.figure.dpi / 72 for points in room)
        panel = axes.get_window_extent()
        return Bbox.from_extents(
            panel.x0 - left, panel.y0 - bottom, panel.x1 + right, panel.y1 + top
        )

    return get_tightbbox


def _remembered(measure: Callable[[Any], BboxBase]) -> Callable[[Any], BboxBase]:
    """Measure a box of a legend once for each renderer, and not anew for each box around it."""
    known: WeakKeyDictionary[Any, BboxBase] = WeakKeyDictionary()

    def get_bbox(renderer: Any) -> BboxBase:
        if renderer not in known:
            known[renderer] = measure(renderer)
        return known[renderer]

    return get_bbox


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
