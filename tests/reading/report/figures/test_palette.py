"""Figures look like Seaborn's, which takes longer to load than a figure to draw."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pytest
import seaborn
from matplotlib.colors import to_rgb

from harness.reading.report.figures import palette


@pytest.mark.parametrize("grid", [True, False])
def test_the_style_is_seaborns(grid):
    """Its white style with or without a grid, in the context of a notebook with smaller letters."""
    style = "whitegrid" if grid else "white"
    asked = seaborn.axes_style(style) | seaborn.plotting_context("notebook", font_scale=0.95)
    with palette.look(grid=grid):
        ours = {name: mpl.rcParams[name] for name in asked}
    for name, value in asked.items():
        if isinstance(value, float):
            assert ours[name] == pytest.approx(value), name
        elif name not in ("image.cmap", "font.sans-serif"):
            assert ours[name] == value, name


def test_ten_colours_are_seaborns_for_the_colour_blind():
    """More than ten go around its circle of hues."""
    ten = [to_rgb(colour) for colour in palette.told_apart(10)]
    assert ten == pytest.approx(np.array(seaborn.color_palette("colorblind", 10)), abs=0.003)
    twelve = [to_rgb(colour) for colour in palette.told_apart(12)]
    assert twelve == pytest.approx(np.array(seaborn.color_palette("husl", 12)), abs=0.02)
