"""The table ``history``: series over runs, changes between runs, and what changed beside them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from harness.core import schema
from harness.reading.analysis.series.history import FIGURES, history
from harness.reading.report.chapters.job_chapters import history as chapters
from tests.reading.ingest.builders import GROUP, run_info

NIGHTS = 20


def night(number):
    return f"202611{number + 1:02d}T020000Z-many_vs_few_chunks-{number:04x}"


def frame(table, rows):
    made = pd.DataFrame(rows, columns=schema.names(table))
    return made.astype(schema.dtypes(table))


EMPTY = frame("break_even", []), frame("metg", [])


def of_night(number, value, **changes):
    """A case of one night; its interval within the night is far narrower than that between."""
    return {
        "machine": "made-up",
        "run": night(number),
        "commit": "a" * 40,
        "suite": "s",
        "profile": "nightly",
        **GROUP,
        "chunk": 1000,
        "status": "ok",
        "paired": True,
        "rounds": 20,
        "speedup": value,
        "speedup_low": value * 0.999,
        "speedup_high": value * 1.001,
        **changes,
    }


def series(values, **changes):
    return [of_night(number, value, **changes) for number, value in enumerate(values)]


def runs(versions=lambda number: {}):
    fields = {"python": "3.11.7", "dask": "2026.7.0"}
    return {
        night(n): run_info(run=night(n), versions=fields | versions(n), t=None)
        for n in range(NIGHTS)
    }


def stepped(seed=0, spread=0.05, step=1.2, at=12):
    rng = np.random.default_rng(seed)
    level = np.where(np.arange(NIGHTS) < at, 1.0, step)
    return level * np.exp(rng.normal(0, spread, NIGHTS))


def changes(rows_of_history):
    return rows_of_history[rows_of_history["change"].notna()]


def test_a_step_is_dated_measured_and_linked_to_what_changed():
    """Dask was upgraded before night 12, from which on everything is 20 % faster."""
    upgraded = runs(lambda n: {"dask": "2026.8.0" if n >= 12 else "2026.7.0"})
    cases = frame("cases", series(stepped()))
    rows_of_history = history(cases, *EMPTY, upgraded, figures=["speedup"])
    [step] = changes(rows_of_history).to_dict("records")
    assert step["change"] == "higher"
    assert step["run"] in (night(12), night(13))
    assert step["earliest_run"] <= night(12) <= step["latest_run"]
    assert step["linked_versions"] == "dask 2026.7.0 -> 2026.8.0"
    assert step["ratio_low"] < 1.2 < step["ratio_high"]
    sizes = rows_of_history.groupby("segment").size()
    assert list(rows_of_history["segment_runs"]) == [
        sizes[segment] for segment in rows_of_history["segment"]
    ]
    before = rows_of_history.iloc[0]
    assert before["level_low"] < 1.0 < before["level_high"]
    assert rows_of_history["versions_changed"].notna().sum() == 1


def test_nights_that_differ_by_their_own_spread_alone_show_no_change():
    """However narrow the intervals within each night are (the spread between runs decides)."""
    rows = [
        row for seed in range(60) for row in series(stepped(seed, step=1.0), machine=f"m{seed}")
    ]
    rows_of_history = history(frame("cases", rows), *EMPTY, runs(), figures=["speedup"])
    assert changes(rows_of_history)["machine"].nunique() <= 60 * 0.05 + 4


def test_a_step_inside_of_the_margin_is_none():
    """3 % with hardly any noise is sure, and still equal (rule 20)."""
    cases = frame("cases", series(stepped(spread=0.002, step=1.03)))
    assert changes(history(cases, *EMPTY, runs())).empty


def test_machines_chunks_suites_and_figures_are_series_of_their_own():
    rows = [
        row
        for name in ("machine", "suite", "profile", "executor")
        for value in ("a", "b")
        for row in series(np.ones(7), **{name: value})
    ]
    rows += series(np.ones(7), chunk=5)
    rows_of_history = history(frame("cases", rows), *EMPTY, runs(), figures=["speedup"])
    keys = ["machine", "suite", "profile", "executor", "chunk"]
    assert (rows_of_history.groupby(keys).size() == 7).all()
    assert len(rows_of_history) == len(rows)


def test_a_run_without_a_result_is_shown_and_not_counted():
    rows = series(stepped())
    rows[3] |= {"status": "failed", "speedup": None}
    rows_of_history = history(frame("cases", rows), *EMPTY, runs(), figures=["speedup"])
    missing = rows_of_history.iloc[3]
    assert missing["status"] == "failed"
    assert pd.isna(missing["segment"])
    assert rows_of_history["segment_runs"].dropna().iloc[[0, -1]].sum() == NIGHTS - 1


def test_an_overhead_that_is_not_positive_is_shown_and_in_no_stretch():
    rows = series(np.ones(8))
    for number, row in enumerate(rows):
        row["overhead_us_per_task"] = -1.0 if number == 4 else 100.0
    rows_of_history = history(
        frame("cases", rows), *EMPTY, runs(), figures=["overhead_us_per_task"]
    )
    assert rows_of_history["value"].iloc[4] == -1.0
    assert pd.isna(rows_of_history["segment"].iloc[4])
    assert rows_of_history["segment_runs"].iloc[0] == 7


def test_too_few_runs_say_so():
    rows_of_history = history(
        frame("cases", series(np.ones(5))), *EMPTY, runs(), figures=["speedup"]
    )
    assert set(rows_of_history["reason"]) == {"5 runs with a value: a change needs 6"}
    assert chapters(rows_of_history) == []


def test_break_even_and_metg_have_series_where_they_were_found():
    edges, sizes = [], []
    for number in range(8):
        same = {"machine": "made-up", "run": night(number), "suite": "s", "profile": "p", **GROUP}
        edges.append({**same, "side": "small", "status": "found", "chunk": 2000.0})
        edges.append({**same, "side": "best", "status": "found", "chunk": 9.0})
        sizes.append({**same, "target": 0.5, "seconds": 1e-3})
        sizes.append({**same, "target": 0.8, "seconds": 1.0})
    edges[0]["status"], sizes[2]["censored"] = "never pays", "below"
    rows_of_history = history(
        frame("cases", []), frame("break_even", edges), frame("metg", sizes), runs()
    )
    edge, size = (
        rows_of_history[rows_of_history["figure"] == name] for name in ("break_even", "metg")
    )
    assert list(edge["value"].dropna()) == [2000.0] * 7
    assert edge["status"].iloc[0] == "never pays"
    assert list(size["value"].dropna()) == [1e-3] * 7
    assert size["status"].iloc[1] == "below"
    assert rows_of_history["chunk"].isna().all()


def test_runs_are_in_order_of_time_whatever_the_order_of_the_rows():
    rows = series(stepped())
    shuffled = [rows[place] for place in np.random.default_rng(1).permutation(NIGHTS)]
    first, second = (
        history(frame("cases", each), *EMPTY, runs(), figures=["speedup"])
        for each in (rows, shuffled)
    )
    assert first.equals(second)
    assert first["t"].is_monotonic_increasing
    assert first["t"].iloc[0] == "2026-11-01T02:00:00+00:00"


def test_runs_that_hang_together_carry_a_warning():
    rng = np.random.default_rng(4)
    drift = np.exp(np.cumsum(rng.normal(0, 0.05, NIGHTS)))
    steps = np.where(np.arange(NIGHTS) < 10, 1.0, 3.0)
    rows_of_history = history(
        frame("cases", series(drift * steps)), *EMPTY, runs(), figures=["speedup"]
    )
    assert len(changes(rows_of_history)) >= 1
    assert rows_of_history["reason"].str.contains("hang together").all()


def test_nothing_measured_gives_an_empty_table():
    assert history(frame("cases", []), *EMPTY, {}).empty
    assert history(frame("cases", []), *EMPTY, {}, figures=[]).empty
    assert set(FIGURES) == {"speedup", "seconds", "overhead_us_per_task", "break_even", "metg"}


def test_people_see_the_changes_and_what_changed_beside_them():
    upgraded = runs(lambda n: {"dask": "2026.8.0" if n >= 12 else "2026.7.0"})
    [chapter] = chapters(history(frame("cases", series(stepped())), *EMPTY, upgraded))
    [section] = chapter.sections
    [cells] = section.rows
    assert cells[0] == "speedup"
    [note] = [line for line in section.notes if "dask 2026.7.0 -> 2026.8.0" in line]
    assert note.startswith(cells[5])
    assert night(12) in note


@pytest.mark.parametrize("figure", ["speedup", "seconds"])
def test_a_flat_series_says_that_nothing_changed(figure):
    rows = series(np.full(8, 2.0), seconds=2.0)
    [chapter] = chapters(history(frame("cases", rows), *EMPTY, runs(), figures=[figure]))
    assert (chapter.sections, chapter.empty) == ([], "no figure changed its level")
