from __future__ import annotations

from pathlib import Path

import pytest

from tests.apps.asv.asv_site import DEBIAN_FILES, STAND_INS, missing_for_browser, open_asv_site
from tests.browser.conftest import SUITE, UNITS

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(missing_for_browser() is not None, reason=missing_for_browser() or ""),
]

PLOTTED = "jQuery('#main-graph').data('plot')"


def test_the_grid_shows_our_benchmarks_and_asks_nobody_outside(asv_site: Path) -> None:
    """Every metric has its tile, nothing is written to the console, and no request leaves."""
    with open_asv_site(asv_site) as site:
        site.page.wait_for_selector(".benchmark-container")
        tiles = site.page.locator(".benchmark-container")
        shown = {tiles.nth(i).get_attribute("href") for i in range(tiles.count())}
    assert shown == {f"#{SUITE}.{metric}" for metric in UNITS}
    assert site.answered == DEBIAN_FILES.keys() | STAND_INS.keys()
    assert site.refused == []
    assert site.errors == []


def test_a_benchmark_page_draws_a_point_for_each_commit(asv_site: Path, tmp_path: Path) -> None:
    """A click on a tile leads to a Flot canvas with both commits of every case with a result."""
    with open_asv_site(asv_site) as site:
        # On its name: with Debian's Flot 4 a click on the little plot does not reach the link.
        site.page.locator(f"a[href='#{SUITE}.track_time_ratio'] .benchmark-text").click()
        site.page.wait_for_function(f"{PLOTTED} && {PLOTTED}.getData().length > 0")
        site.page.wait_for_selector("#main-graph canvas.flot-base")
        points = site.page.evaluate(
            f"Object.fromEntries({PLOTTED}.getData().map(one =>"
            " [one.label, one.data.filter(point => point[1] !== null).length]))"
        )
        inked = site.page.evaluate(
            """() => {
                const canvas = document.querySelector('#main-graph canvas.flot-base');
                const pixels = canvas.getContext('2d').getImageData(
                    0, 0, canvas.width, canvas.height).data;
                return pixels.some(value => value > 0);
            }"""
        )
        site.page.screenshot(path=tmp_path / "graph.png")  # to be looked at when this fails
    assert points.pop("chunk-1000; executor-dask-threads") == 0
    assert len(points) == 5
    assert set(points.values()) == {2}
    assert inked
    assert site.refused == []
    assert site.errors == []
