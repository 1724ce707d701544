"""Every figure for which there is data, and none without."""

from __future__ import annotations

import itertools
import xml.etree.ElementTree as ET
from dataclasses import replace

import matplotlib.colors
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from harness.core.errors import InputError
from harness.core.records.timings import Timing, Timings
from harness.reading.ingest import to_frame
from harness.reading.ingest.foreign.kept_timings import rows_of
from harness.reading.ingest.published import task_bench
from harness.reading.report.figures import KINDS, save_all
from harness.reading.report.figures.actors import latency
from harness.reading.report.figures.heat import SIGNS, around_one, speed_up
from harness.reading.report.figures.metg_forecast import over_workers
from harness.reading.report.figures.once import lay_out
from harness.reading.report.figures.residuals import residuals
from harness.reading.report.figures.run_time import time_vs_chunk
from harness.reading.report.figures.waterfall import ORDER, bars, waterfall
from harness.reading.report.words.time_parts import PART_NAMES
from tests.reading.analysis.traces import PLANTED, trace
from tests.reading.report.frames import case_row
from tests.reading.report.planted_runs import EVERYTHING, WORKED, judged_run, sweep_of

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    everything = judged_run(EVERYTHING, traces=(trace(PLANTED),))
    timed = [Timing(workload="theirs", chunk=chunk, seconds=chunk / 7) for chunk in (1, 2, 4)]
    others = Timings(machine="m", name="other", source="o.csv", sha256="", timings=timed)
    read = replace(everything.read, asv=to_frame("cases", rows_of(others)))
    everything = replace(everything, read=read)
    return save_all(everything, tmp_path_factory.mktemp("figures"))


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    return sweep_of(tmp_path_factory.mktemp("swept"))


@pytest.fixture(scope="module")
def saved_too(swept, tmp_path_factory):
    return save_all(swept, tmp_path_factory.mktemp("figures-of-a-sweep"))


@pytest.fixture(scope="module")
def saved_works(tmp_path_factory):
    return save_all(judged_run(WORKED), tmp_path_factory.mktemp("figures-of-work"))


def test_each_kind_is_drawn_as_png_and_svg(saved, saved_too, saved_works):
    names = {file.path.name for file in [*saved, *saved_too, *saved_works]}
    for kind in KINDS:
        for end in ("png", "svg"):
            assert any(name.endswith(f"-{kind}.{end}") for name in names)
    assert len(names) == len(saved) + len(saved_too) + len(saved_works)


def test_every_workload_with_chunks_has_its_own_run_time(saved):
    drawn = [file.path.name for file in saved if file.path.name.endswith("run-time.png")]
    assert len(drawn) == 4  # random-sum, counter-actor and both spin tasks


def test_every_file_carries_its_text(saved, saved_too):
    for file in [*saved, *saved_too]:
        assert len(file.alt) > 60
        if file.path.suffix == ".png":
            with Image.open(file.path) as image:
                assert image.info["Description"] == file.alt
        else:
            root = ET.parse(file.path).getroot()
            assert root.attrib["role"] == "img"
            named = {child.attrib.get("id"): child.text for child in root}
            first, second = root.attrib["aria-labelledby"].split()
            assert named[second] == file.alt
            assert named[first]


def test_what_is_not_measured_is_not_drawn(tmp_path):
    only = {key: s for key, s in EVERYTHING.items() if key[0] == "startup"}
    assert {file.path.suffix for file in save_all(judged_run(only), tmp_path)} == {".png", ".svg"}
    assert len(list(tmp_path.iterdir())) == 2
    alone = {("random-sum", "a", 1, "1", 10): 0.1}
    with pytest.raises(InputError, match="nothing to draw"):
        save_all(judged_run(alone), tmp_path)


def test_each_cell_of_the_heat_map_has_its_verdict_as_a_sign():
    places = [(10**4, 1), (10**4, 2), (10**5, 1), (10**5, 2)]
    rows = [
        case_row("ray", chunk, workers=workers, verdict=verdict)
        for (chunk, workers), verdict in zip(places, SIGNS, strict=True)
    ]
    lost = {"status": "skipped", "paired": False, "speedup": None}
    rows.append(case_row("ray", 10**3, workers=2, **lost))
    figure = speed_up(to_frame("cases", rows))
    texts = [text.get_text() for text in figure.axes[0].texts]
    for sign in SIGNS.values():
        assert sum(text.endswith(f" {sign}") for text in texts) == 1
    assert texts.count("skip") == 1
    assert texts.count("") == 1  # never planned: nothing is said of it


def test_the_colours_of_the_heat_map_diverge_around_the_baseline():
    """What is as fast as the baseline is in the middle, whatever lies on either side; what is
    nearly as fast looks nearly so."""
    for least, most in ((0.001, 1.9), (0.9, 1.2), (1.5, 30.0)):
        norm = around_one(pd.Series([least, most]))
        assert float(norm(1.0)) == pytest.approx(0.5)
        assert float(norm(least)) < float(norm(most))
        assert 0 <= float(norm(least)) <= 1
        assert float(norm.inverse(norm(least))) == pytest.approx(least)
    assert abs(float(around_one(pd.Series([0.9, 1.1]))(1.1)) - 0.5) < 0.1


def test_no_figure_has_a_single_point(tmp_path):
    """One engine's start-up, or one case of an actor, is a number and not a picture."""
    one = {("startup", "a", 1, "1", 1): 0.1, ("counter-actor", "a", 1, "1", 10): 0.1}
    with pytest.raises(InputError, match="nothing to draw"):
        save_all(judged_run(one), tmp_path)


def test_a_time_of_an_actor_is_that_of_one_call():
    row = case_row("ray-actors", 10, workload="counter-actor", size=200, seconds=0.1)
    figure = latency(to_frame("cases", [row]))
    assert np.ravel(figure.axes[0].lines[0].get_ydata()) == pytest.approx([500e-6])


def test_many_executors_get_a_panel_each_with_common_axes():
    rows = [case_row(f"executor-{i}", chunk) for i in range(9) for chunk in (10**4, 10**5)]
    figure = time_vs_chunk(to_frame("cases", rows), "random-sum", 10_000_000)
    assert [panel.get_title() for panel in figure.axes] == [f"executor-{i}" for i in range(9)]
    assert len({panel.get_ylim() for panel in figure.axes}) == 1


def without_replay(table):
    """The same cases, had their serial replay not been measured."""
    remainder = table["remainder_seconds"] + table["chunking_seconds"]
    return table.assign(chunking_seconds=np.nan, remainder_seconds=remainder)


def test_the_parts_of_a_waterfall_follow_one_another_and_end_at_the_time(swept):
    """Each begins where the one before ended; a part that was not measured adds nothing."""
    table = pd.concat([swept.controls, without_replay(swept.controls)])
    assert len(swept.controls) >= 7  # those of the grid, and what refining added
    for _, case in table.iterrows():
        parts = bars(case)
        assert tuple(bar.part for bar in parts) == ORDER
        assert parts[0].start == 0
        for before, after in itertools.pairwise(parts):
            assert after.start == pytest.approx(before.start + (before.seconds or 0))
        assert parts[-1].seconds is not None
        assert parts[-1].start + parts[-1].seconds == pytest.approx(case["seconds"])
    assert any(bar.part == "chunking" and bar.seconds is None for bar in parts)


def test_each_part_of_a_waterfall_is_named_and_told_from_the_others_without_colour(swept):
    """By its name beside its bar, in words that need no explanation; overhead is dark."""
    table = without_replay(swept.controls)
    [axes] = waterfall(table.iloc[[0]].assign(which="smallest chunk")).axes
    named = [label.get_text() for label in axes.get_yticklabels()]
    assert named == [PART_NAMES[part] for part in (*ORDER, "time")]
    assert not set(named) & set(ORDER)
    shades = {bar.get_facecolor() for bar in axes.patches}
    assert len(shades) == 3
    for red, green, blue in map(matplotlib.colors.to_rgb, shades):
        assert red == green == blue
    assert "not measured" in {text.get_text() for text in axes.texts}


def test_what_stands_beside_each_other_in_a_waterfall_has_one_axis(swept):
    """Two chunks of an executor can be compared by eye, and every axis has several numbers."""
    twice = pd.concat([swept.controls.iloc[[0]]] * 2).assign(which=["smallest", "fastest"])
    for name in ("seconds", "seconds_low", "seconds_high"):
        twice.iloc[1, twice.columns.get_loc(name)] *= 3
    figure = waterfall(twice)
    first, second = figure.axes
    assert first.get_xlim() == second.get_xlim()
    low, high = first.get_xlim()
    assert sum(low <= tick <= high for tick in first.get_xticks()) >= 3


def test_no_title_runs_into_a_legend(swept, tmp_path):
    """However long the finding and the names beside the panels."""
    rows = [
        case_row(f"an-executor-with-a-long-name-{i}", chunk, workers=workers)
        for i in range(2)
        for chunk in (10**4, 10**5)
        for workers in (1, 2)
    ]
    figures = [
        time_vs_chunk(to_frame("cases", rows), "random-sum", 10_000_000),
        *(plan.figure for plans in KINDS.values() for plan in [*plans(swept)][:1]),
    ]
    titled = 0
    for figure in figures:
        lay_out(figure)
        if figure.get_suptitle() and figure.legends:
            words = figure.get_suptitle()
            [title] = [text for text in figure.texts if text.get_text() == words]
            assert title.get_window_extent().x1 <= min(
                box.get_window_extent().x0 for box in figure.legends
            )
            titled += 1
    assert titled >= 3


def test_the_residuals_are_those_of_the_table_between_bands_of_10_per_cent(swept):
    """A point a chunk, at what the model misses, and a heading that says what became of the fit."""
    table = swept.fits.residuals.sort_values("chunk")
    [axes] = residuals(table).axes
    points = next(line for line in axes.lines if line.get_marker() not in ("", "None", None))
    assert np.ravel(points.get_xdata()) == pytest.approx(table["chunk"].to_numpy(float))
    assert np.ravel(points.get_ydata()) == pytest.approx(table["residual"].to_numpy(float))
    assert axes.get_title().endswith("\naccepted")
    band = axes.patches[0].get_extents().transformed(axes.transData.inverted())
    assert (band.y0, band.y1) == pytest.approx((-0.1, 0.1))


def test_the_figure_of_forecasts_shows_every_published_point_and_says_what_it_is(swept):
    table = swept.forecast
    mine = table[table["machine"].eq("simulated")]
    figure = over_workers(mine, table[table["machine"].eq("published")])
    axes = figure.axes[0]
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert figure.get_suptitle().startswith("a forecast, not a measurement")
    [stars] = [line for line in axes.lines if line.get_marker() == "*"]
    assert np.ravel(stars.get_xdata()).tolist() == list(task_bench().by_workers)
    assert np.ravel(stars.get_ydata()).tolist() == list(task_bench().by_workers.values())
    assert len(axes.collections) == 1  # the interval of the one fit, as a band
