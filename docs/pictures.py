"""Make the README's two pictures anew from the committed results (``make pictures``)."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import harness
from harness.reading.report.site import build, from_results

FOLDER = Path(__file__).parent
RESULTS = FOLDER.parent / "results"
EXERCISE, GRID = FOLDER / "many-or-few.png", FOLDER / "first-page.png"


def exercise() -> None:
    """Draw the exercise: run time against chunk size."""
    settled = harness.read_results(RESULTS / "reference-2core").only(suite="settle")
    figure = settled.plot.time_vs_chunk("random-sum")
    figure.savefig(EXERCISE, dpi=150, metadata={"Description": getattr(figure, "alt", "")})


def grid() -> None:
    """Photograph the grid of the site's first page in Debian's Chromium, without its scripts, which
    would say how old it is."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        site = Path(folder) / "site"
        first = build(from_results(RESULTS), site, version=harness.__version__, figures=False)
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(
            viewport={"width": 1320, "height": 900},
            device_scale_factor=1.5,
            java_script_enabled=False,
        )
        page.goto(first.as_uri())
        page.locator(".grid").first.screenshot(path=GRID)
        browser.close()


if __name__ == "__main__":
    exercise()
    grid()
