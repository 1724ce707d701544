"""A badge says what the tables say, in one line that is read without the grid around it."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pandas as pd
import pytest

import harness
from harness.core.errors import InputError, UnknownNameError
from harness.reading.ingest import to_frame
from harness.reading.report.glance.badge_picture import picture
from harness.reading.report.glance.badges import TABLES, as_record, badges
from tests.reading.report.frames import break_even_frame, cases_frame
from tests.site_results import REFERENCE


def tables(status: str = "found", **edge):
    """The made-up cases with empty tasks beside them, and a break-even of that status."""
    cases = cases_frame()
    small = break_even_frame()
    small = small[small["side"].eq("small")].head(1).assign(status=status, **edge)
    tasks = cases[cases["executor"].eq("dask-threads") & cases["status"].eq("ok")].head(1)
    tasks = tasks.assign(
        workload="empty-task",
        n_tasks=1000,
        seconds=0.141,
        seconds_low=0.139,
        seconds_high=0.150,
        workers=2,
        oversubscribed=False,
    )
    return {
        "cases": pd.concat([cases, tasks], ignore_index=True),
        "break_even": small,
        "break_even_work": to_frame("break_even_work", []),
    }


@pytest.mark.parametrize(
    ("status", "edge", "says"),
    [
        ("found", {"chunk": 1_000_000.0}, "sum pays from 1 million numbers"),
        ("never pays", {}, "sum never pays up to"),
        ("not monotone", {}, "whether the sum pays varies"),
        ("undetermined", {"bracket_high": None}, "cannot tell yet whether the sum pays"),
    ],
)
def test_the_line_says_what_a_task_costs_and_from_where_on_it_pays(status, edge, says):
    [badge] = badges(tables(status, **edge))
    assert badge.line.startswith("Dask threads: 141 µs a task; ")
    assert says in badge.line


def test_the_record_has_the_figures_with_their_intervals():
    [badge] = badges(tables(chunk=1e6, chunk_low=9e5, chunk_high=2e6))
    record = as_record(badge)
    assert record["task_seconds"]["low"] < record["task_seconds"]["point"]
    assert record["pays"]["point"] == 1e6
    assert record["pays"]["low"] == 9e5
    assert record["endpoint"]["message"] in record["line"]
    assert record["endpoint"]["schemaVersion"] == 1


def test_the_picture_is_whole_says_its_line_and_runs_nothing():
    [badge] = badges(tables())
    named = replace(badge, machine='<script>"&', message=f"{badge.message} <b>&")
    text = picture(named)
    root = ET.fromstring(text)
    space = "{http://www.w3.org/2000/svg}"
    assert [one.text for one in root.iter(f"{space}text")] == [named.label, named.message]
    assert "<script" not in text
    assert root.attrib["role"] == "img"
    assert "measured on" in (root.findtext(f"{space}title") or "")
    right = max(
        float(one.attrib["x"]) + float(one.attrib["textLength"])
        for one in root.iter(f"{space}text")
    )
    assert right < float(root.attrib["width"])


def test_a_name_that_was_not_measured_is_answered_with_those_that_were():
    with pytest.raises(UnknownNameError, match="did you mean dask-threads"):
        badges(tables(), executor="dask-thread")
    with pytest.raises(UnknownNameError, match="unknown workload"):
        badges(tables(), workload="nonsense")


def test_without_a_measurement_there_is_no_badge():
    with pytest.raises(InputError, match="nothing was measured"):
        badges({name: to_frame(name, []) for name in TABLES})


@pytest.mark.e2e
def test_the_badge_of_the_reference_machine_says_what_its_tables_do():
    read = harness.read_results(REFERENCE.parent)
    made = badges({name: read.table(name) for name in TABLES})
    [badge] = made
    assert re.match(r"Dask threads: \S+ (µs|ms) a task; .*sum", badge.line)
    assert badge.measured is not None
