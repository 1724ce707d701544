"""How claims and forecasts are shown."""

from __future__ import annotations

from typing import Any

import pytest

from harness.reading.analysis.beyond.forecast import forecast
from harness.reading.ingest import to_frame
from harness.reading.ingest.published import task_bench
from harness.reading.report.formats.tables import FORMATS, render, to_text
from harness.reading.report.shown.plain import WIDTH
from tests.reading.analysis.beyond.test_forecast import fit
from tests.reading.report.frames import PROVENANCE

ROW: dict[str, Any] = {
    **PROVENANCE,
    "claim": "ray-sync",
    "says": "Ray: 981 tasks a second",
    "source": "a page (p, v)",
    "quantity": "tasks/s",
    "rule": "about",
    "published": 981.0,
    "allowed_low": 490.5,
    "allowed_high": 1962.0,
    "loop": 1042.0,
    "loop_low": 970.0,
    "loop_high": 1100.0,
    "paired": 990.0,
    "paired_low": 900.0,
    "paired_high": 1090.0,
    "rounds": 12,
    "blocks": 2,
    "judged": "loop",
    "verdict": "holds",
    "verdict_paired": "holds",
    "differs": "fewer cores",
}
LOST = {
    **PROVENANCE,
    **{
        name: ROW[name]
        for name in ("source", "quantity", "rule", "published", "allowed_low", "allowed_high")
    },
    "claim": "metg",
    "says": "METG is 186 ms",
    "verdict": "not measured here",
    "reason": "it needs 32 cores",
}


def test_a_claim_shows_what_was_published_both_figures_the_verdict_and_its_source():
    text = " ".join(to_text({"claims": to_frame("claims", [ROW, LOST])}).split())
    assert "Ray: 981 tasks a second [ray-sync]" in text
    assert "about 981 /s (490.5 to 1 962) 1 040 [970, 1 100] /s 990 [900, 1 090] /s holds -" in text
    assert "12 rounds over 2 start-ups of each engine" in text
    assert "ray-sync: fewer cores; source: a page (p, v)" in text
    assert "not measured here: made-up" in text
    assert "about 981 /s (490.5 to 1 962) it needs 32 cores" in text


@pytest.mark.parametrize(
    ("figure", "says"),
    [
        ({"quantity": "tasks/s", "loop": 250.0}, "worse, 0.250 times"),
        ({"quantity": "tasks/s", "loop": 4000.0}, "better, 4.00 times"),
        ({"quantity": "us a task", "loop": 4000.0}, "worse, 4.00 times"),
        ({"quantity": "us a task", "loop": 250.0}, "better, 0.250 times"),
    ],
)
def test_a_claim_that_does_not_hold_says_whether_it_is_better_or_worse_here(figure, says):
    """More tasks a second are better, more time a task is worse."""
    claimed = {"published": 1000.0, "allowed_low": 500.0, "allowed_high": 2000.0}
    row = {**ROW, **claimed, **figure, "verdict": "does not hold"}
    text = " ".join(to_text({"claims": to_frame("claims", [row])}).split())
    assert f"does not hold {says}" in text


def test_microseconds_are_written_as_such_in_what_is_claimed():
    row = {**ROW, "says": "a task costs 200 us to 1 ms", "quantity": "us a task"}
    text = to_text({"claims": to_frame("claims", [row])})
    assert "200 µs to 1 ms" in text
    assert " us " not in text


@pytest.mark.parametrize("style", sorted(FORMATS))
@pytest.mark.parametrize(
    "frame", [to_frame("claims", [ROW, LOST]), forecast(fit(), task_bench())], ids=["claims", "f"]
)
def test_both_tables_have_a_layout_in_every_format(frame, style):
    name = "claims" if "claim" in frame else "forecast"
    text = render({name: frame}, style)
    assert text
    if style == "text":
        assert max(map(len, text.splitlines())) <= WIDTH


def test_a_forecast_is_called_one_wherever_it_is_shown():
    text = to_text({"forecast": forecast(fit(), task_bench())})
    heading, _, rest = text.partition("\n")
    assert heading == "forecasts for more workers: nothing here was measured"
    titles = [part for part in rest.split("\n\n") if "forecast from" in part]
    assert len(titles) == 3
    assert "assumed: costs stay as they are" in " ".join(text.split())


def test_a_forecast_without_a_point_is_a_range_and_open_ends_stay_open():
    unknown = {"serial_us_per_task": None, "serial_us_per_task_low": None}
    text = to_text({"forecast": forecast(fit(**unknown), task_bench())})
    assert "1.69 ms to 300 ms" in text
    assert "can feed >= " in text


@pytest.mark.parametrize("name", ["claims", "forecast", "pins"])
def test_an_empty_table_says_so(name):
    text = to_text({name: to_frame(name, [])})
    assert "nothing measured yet" in text or "no fit to forecast from" in text
