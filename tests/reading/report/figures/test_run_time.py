from __future__ import annotations

import re
import sys

import matplotlib.colors
import numpy as np
import pytest

from harness.core.errors import InputError, UsageError
from harness.reading.ingest import to_frame
from harness.reading.report.figures.run_time import time_vs_chunk
from harness.reading.report.figures.saving import Drawn, save
from tests.reading.report.frames import COST, T1, case_row, cases_frame

PROBLEM = ("random-sum", 10_000_000)


@pytest.fixture(scope="module")
def figure():
    return time_vs_chunk(cases_frame(), *PROBLEM)


def _legend_texts(figure):
    return [text.get_text() for legend in figure.legends for text in legend.get_texts()]


def _curves(axes):
    return [line for line in axes.lines if line.get_linestyle() != "None" and _n(line) > 2]


def _n(line):
    return len(line.get_xdata())


def test_both_axes_are_logarithmic_and_labelled_with_units(figure):
    axes = figure.axes[0]
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert "elements" in axes.get_xlabel()
    assert "s" in {label.partition(" ")[2] for label in tick_labels(axes.yaxis)}
    assert "random-sum, 10 000 000 elements" in figure.get_suptitle()


def tick_labels(axis):
    """What stands at the large ticks within the axis."""
    low, high = axis.get_view_interval()
    shown = [tick for tick in axis.get_majorticklocs() if low <= tick <= high]
    return axis.get_major_formatter().format_ticks(shown)


@pytest.mark.parametrize("factor", [1.05, 1.5, 3.0, 40.0, 5000.0])
def test_an_axis_of_seconds_has_several_ticks_in_units_that_fit(factor):
    """However little it covers; 20 ms and not 0.02."""
    rows = [
        case_row("ray", chunk, baseline_seconds=None, seconds=0.02 * scale)
        for chunk, scale in ((10, 1.0), (100, factor))
    ]
    axis = time_vs_chunk(to_frame("cases", rows), *PROBLEM).axes[0].yaxis
    texts = tick_labels(axis)
    assert len(texts) >= 2, texts
    assert all(re.fullmatch(r"\d+(\.\d+)? (s|ms|µs)", text) for text in texts), texts


def test_the_title_says_what_was_found():
    title = time_vs_chunk(cases_frame(), *PROBLEM).get_suptitle()
    assert title.startswith("3 of 3 executors beat the serial baseline; best dask-threads, 1.8")
    lost = [case_row("ray", chunk, verdict="overhead exceeds gain") for chunk in (10, 100)]
    title = time_vs_chunk(to_frame("cases", lost), *PROBLEM).get_suptitle()
    assert title.startswith("ray never beats the serial baseline\n")
    lost[0] |= {"verdict": "undetermined"}
    title = time_vs_chunk(to_frame("cases", lost), *PROBLEM).get_suptitle()
    assert title.startswith("ray is not shown to beat the serial baseline\n")


def test_one_line_an_executor_distinguishable_without_colour(figure):
    curves = _curves(figure.axes[0])
    assert len(curves) == len(COST)
    assert len({str(curve.get_linestyle()) + str(curve._dash_pattern) for curve in curves}) == 3
    handles = figure.legends[0].legend_handles[: len(COST)]
    assert len({handle.get_marker() for handle in handles}) == len(COST)
    assert _legend_texts(figure)[: len(COST)] == sorted(COST)


def test_the_lines_are_the_times_of_the_table(figure):
    frame = cases_frame()
    for curve, executor in zip(_curves(figure.axes[0]), sorted(COST)):
        of_executor = frame[frame["executor"].eq(executor) & frame["status"].eq("ok")]
        assert list(curve.get_ydata()) == of_executor.sort_values("chunk")["seconds"].tolist()
        # Shifted sideways, but never as far as another chunk size.
        assert curve.get_xdata() == pytest.approx(
            of_executor["chunk"].sort_values().astype(float), rel=0.25
        )


def test_the_baseline_is_a_line_with_its_interval_band(figure):
    axes = figure.axes[0]
    flat = [line for line in axes.lines if len(set(line.get_ydata())) == 1 and _n(line) == 2]
    assert [line.get_ydata()[0] for line in flat] == [pytest.approx(T1)]
    assert axes.patches[0].get_y() == pytest.approx(T1 / 1.08)
    assert axes.patches[0].get_y() + axes.patches[0].get_height() == pytest.approx(T1 * 1.08)
    assert "baseline T1, 58.0 ms" in _legend_texts(figure)


def test_every_verdict_has_a_marker_of_its_own_and_a_key():
    verdicts = ["pays", "overhead exceeds gain", "equal", "undetermined"]
    rows = [case_row("ray", 10 ** (n + 2), verdict=verdict) for n, verdict in enumerate(verdicts)]
    figure = time_vs_chunk(to_frame("cases", rows), *PROBLEM)
    marks: dict[tuple[object, ...], list[tuple[object, ...]]] = {}
    for line in figure.axes[0].lines:
        if line.get_linestyle() == "None" and line.get_marker() in ("o", "."):
            face = matplotlib.colors.to_hex(line.get_markerfacecolor())
            look = (line.get_marker(), face, line.get_fillstyle())
            marks.setdefault(tuple(np.ravel(line.get_xdata())), []).append(look)
    assert len(marks) == 4
    assert len({tuple(looks) for looks in marks.values()}) == 4
    assert _legend_texts(figure)[-4:] == verdicts


def test_intervals_are_drawn_as_bars(figure):
    frame = cases_frame()
    of_executor = frame[frame["executor"].eq("dask-distributed")]
    bars = figure.axes[0].collections[0].get_segments()
    ends = sorted((bar[0][1], bar[1][1]) for bar in bars)
    expected = sorted(zip(of_executor["seconds_low"], of_executor["seconds_high"]))
    assert ends == [pytest.approx(pair) for pair in expected]


def test_workers_and_pin_are_named_where_they_differ():
    rows = [case_row("ray", 10, workers=workers) for workers in (1, 2)]
    figure = time_vs_chunk(to_frame("cases", rows), *PROBLEM)
    assert _legend_texts(figure)[:2] == ["ray, 1 worker", "ray, 2 workers"]
    assert figure.legends[0].get_title().get_text() == "executor, pin 1"


def test_cases_without_a_result_are_counted_not_drawn(figure):
    assert "(2 cases without a result, not drawn)" in figure.axes[0].get_xlabel()


def test_runs_are_never_pooled_silently():
    rows = [case_row("ray", 10), case_row("ray", 10, run="another")]
    frame = to_frame("cases", rows)
    with pytest.raises(UsageError, match=r"choose one of .*another"):
        time_vs_chunk(frame, *PROBLEM)
    assert len(time_vs_chunk(frame, *PROBLEM, run="another").axes) == 1


@pytest.mark.parametrize(
    "frame",
    [
        to_frame("cases", []),
        to_frame("cases", [case_row("ray", 10, status="failed", paired=False)]),
        to_frame("cases", [case_row("ray", 10, paired=False)]),
    ],
)
def test_nothing_to_draw_is_an_input_error(frame):
    with pytest.raises(InputError, match="random-sum"):
        time_vs_chunk(frame, *PROBLEM)


@pytest.mark.e2e
@pytest.mark.parametrize("ending", ["png", "svg"])
def test_the_same_table_gives_the_same_bytes_without_date_or_software(tmp_path, ending):
    saved = [
        save(Drawn("run", "sum", time_vs_chunk(cases_frame(), *PROBLEM), "words"), tmp_path / name)
        for name in (f"a.{ending}", f"b.{ending}")
    ]
    first, again = (file.path.read_bytes() for file in saved)
    assert first == again
    for trace in (b"Matplotlib v", b"matplotlib.org", b"Software", b"dc:date"):
        assert trace not in first


def test_another_ending_is_refused(figure, tmp_path):
    with pytest.raises(UsageError, match=r"\.png, \.svg or \.pdf"):
        save(Drawn("run", "sum", figure, "words"), tmp_path / "a.gif")


def test_no_figure_is_left_in_pyplot(figure):
    """A long-running site build would otherwise keep every figure alive."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    assert pyplot is None or pyplot.get_fignums() == []
