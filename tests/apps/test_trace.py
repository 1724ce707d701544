"""A case traced from its name to its file, and the pages that are refused."""

from __future__ import annotations

import json
import shutil

import dask.array as da
import pytest

from harness.apps.trace import as_json, as_text, trace
from harness.reading.ingest import read_results
from harness.running.executors.dask_pages import graph_picture


@pytest.mark.engine
def test_a_trace_is_kept_beside_the_journals_and_says_what_it_made(tmp_path):
    """Two rounds on the engine that starts fastest; what is printed is what is in the file."""
    name = "spin-task/thread-pool/chunk=500/size=2000/workers=2/pin=1"
    traced = trace(name, tmp_path, rounds=2, out=tmp_path / "pages", machine_name="here")
    assert traced.path.parent == tmp_path / "here/traces"
    assert list(traced.path.parent.iterdir()) == [traced.path]  # no draft
    (read,) = read_results(tmp_path).traces
    assert read == traced.trace
    assert [len(call.tasks.start) for call in read.calls] == [4, 4]
    assert {call.first for call in read.calls} <= {"traced", "untraced"}
    assert [probe.native_threads for probe in read.block.verified] == [1]
    content = json.loads(json.dumps(as_json(traced)))
    assert content["name"] == name
    assert len(content["time_budget"]) == 2
    assert content["untold"] == read.untold
    assert {page["kind"] for page in content["files"]} == {
        "performance report",
        "profile",
        "task graph",
        "timeline",
    }
    assert all(page["path"] is None and page["reason"] for page in content["files"])
    text = as_text(traced)
    assert "time budget of traced calls" in text
    assert "timeline            not made: only Ray makes it" in text
    assert str(traced.path) in text


def test_a_graph_that_is_too_large_for_a_picture_is_refused(tmp_path):
    many = da.ones(2_100, chunks=1) + 1
    page = graph_picture((many,), tmp_path)
    assert page.file is None
    assert page.reason == "2100 nodes make no readable picture, 2000 do: take larger chunks"
    assert list(tmp_path.iterdir()) == []


def test_what_to_install_is_said_where_graphviz_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    page = graph_picture((da.ones(4, chunks=2).sum(),), tmp_path)
    assert page.file is None
    assert page.reason == "Graphviz's dot is not installed: apt install graphviz"
