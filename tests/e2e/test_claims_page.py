"""The pages of claims and forecasts show what the committed results say."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.apps.measured_claims import read_claims
from harness.core.units import ratio, seconds
from harness.reading.analysis.beyond.forecast import HERE, forecast
from harness.reading.analysis.by_group import records
from harness.reading.analysis.models.overhead_model import fits
from harness.reading.ingest.published import published_claims, task_bench
from harness.reading.report.chapters.forecast_chapter import spread
from harness.reading.report.formats.tables import render

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "results" / "reference-2core"


@pytest.fixture(scope="module")
def claims():
    (journal,) = REFERENCE.glob("journal/*-claims-*.jsonl")
    return read_claims(journal, published_claims())


@pytest.mark.e2e
def test_the_page_of_claims_shows_the_committed_run(claims):
    """To the letter; where this fails, paste what ``read_claims`` renders as Markdown."""
    page = (ROOT / "docs/claims.md").read_text("utf-8")
    assert render({"claims": claims}, "markdown").strip() in page


@pytest.mark.e2e
def test_every_claim_that_can_be_measured_was_measured_in_the_committed_run(claims):
    wanted = {claim.name: bool(claim.settings) for claim in published_claims()}
    found = claims.set_index("claim")["verdict"].ne("not measured here")
    assert found.to_dict() == wanted


@pytest.mark.e2e
def test_the_page_of_forecasts_shows_the_committed_fit_and_what_was_published(reference):
    page = " ".join((ROOT / "docs/forecast.md").read_text("utf-8").split())
    swept = reference.cases[reference.cases["suite"].eq("many_vs_few_chunks").fillna(False)]
    read = reference.read
    fitted = fits(
        swept, read.pairs, read.blocks, read.runs
    ).model  # with the controls of other runs
    rows = records(forecast(fitted, task_bench()))
    mine = {
        row["at_workers"]: row
        for row in rows
        if row["calibration"] == HERE and row["executor"] == "dask-distributed-processes"
    }
    for workers in (32, 512):
        assert f"{spread(mine[workers], 'metg_seconds', seconds)} for {workers}" in page
        assert mine[workers]["published_over_forecast_low"] < 1  # it lies below the upper end
    published = [row for row in rows if row["calibration"] != HERE]
    for workers in (64, 128, 256):
        one, both = (row for row in published if row["at_workers"] == workers)
        cells = (
            str(workers),
            seconds(one["published_seconds"]),
            seconds(one["metg_seconds"]),
            ratio(one["published_over_forecast"]),
            seconds(both["metg_seconds"]),
            ratio(both["published_over_forecast"]),
        )
        assert f"| {' | '.join(cells)} |" in page
