"""Claims measured: two makers' own loops on their engines, tiny, and the command around them."""

from __future__ import annotations

import json
from dataclasses import replace

import pandas as pd
import pytest
from typer.testing import CliRunner

from harness.apps import measured_claims as measured
from harness.apps.measured_claims import claims_plan, read_claims
from harness.cli import app
from harness.reading.analysis.verdict.verdicts import decided
from harness.reading.ingest.published import Claim, Publication, Setting
from harness.running.measure.sweep.session import measure

SOURCE = Publication(document="d", path="p", version="v")


def tiny(name, quantity, workload, executor, chunk=1):
    loop = Setting(workload=workload, size=20, chunk=chunk, executor=executor)
    return Claim(
        name=name,
        says="s",
        rule="at least",
        value=(1e-9,),
        quantity=quantity,
        source=SOURCE,
        loop=loop,
        paired=loop,
    )


TINY = (
    tiny("dask-example", "us a task", "ones-sum", "dask-threads", 2),
    tiny("ray-sync", "tasks/s", "small-value-one-by-one", "ray-tasks"),
    tiny("ray-async", "tasks/s", "small-value", "ray-tasks"),
)


@pytest.mark.engine
def test_the_makers_loops_run_on_their_engines_and_are_judged(tmp_path):
    """Answers are checked, each figure has as many rounds as were run, and the journal alone gives
    the table again."""
    plan = claims_plan(TINY, 2)
    assert len(plan.cases) == 3
    plan = replace(plan, profile=replace(plan.profile, blocks=(6,)))
    journal = measure(plan, tmp_path, decide=decided, machine_name="m")
    table = read_claims(journal, TINY).set_index("claim")
    assert table["verdict"].tolist() == ["holds"] * 3
    assert table["rounds"].tolist() == [6] * 3
    assert table["blocks"].tolist() == [1] * 3
    assert (table["loop_low"] <= table["loop"]).all()
    assert (table["loop"] <= table["loop_high"]).all()
    assert table["executor"].tolist() == ["dask-threads", "ray-tasks", "ray-tasks"]
    pd.testing.assert_frame_equal(read_claims(journal, TINY).set_index("claim"), table)


@pytest.mark.engine
def test_the_command_measures_what_is_asked_for_and_prints_one_object(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(measured, "claims_named", lambda names: TINY[:1])
    args = ["claims", "dask-example", "--budget", "20s", "--machine", "m", "--format", "json"]
    done = CliRunner().invoke(app, args, catch_exceptions=False)
    answer = json.loads(done.stdout)
    [row] = answer["claims"]
    assert row["claim"] == "dask-example"
    assert row["verdict"] in ("holds", "undetermined")
    assert row["source"] == SOURCE.text
    assert (tmp_path / "results/m/journal" / answer["journal"]).is_file()


def test_claims_of_which_none_can_be_measured_are_bad_news(tmp_path, monkeypatch):
    """Exit code 1, with the reason in the table: its only case is refused here."""
    monkeypatch.chdir(tmp_path)
    refused = tiny("nowhere", "tasks/s", "small-value-one-by-one", "dask-threads")
    monkeypatch.setattr(measured, "claims_named", lambda names: [refused])
    args = ["claims", "nowhere", "--budget", "5s", "--machine", "m", "--format", "json"]
    done = CliRunner().invoke(app, args)
    [row] = json.loads(done.stdout)["claims"]
    assert (done.exit_code, row["verdict"]) == (1, "not measured here")
    assert row["reason"].startswith("skipped: ")


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["claims", "no-such-claim"], "unknown claim 'no-such-claim': choose one of dask-"),
        (["claims", "pop-efficiency"], "none of these claims is measured here"),
        (["claims", "--budget", "soon"], "'soon' is not a duration"),
    ],
)
def test_wrong_usage_is_one_line_before_anything_is_started(args, says, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    error = CliRunner().invoke(app, args).exception
    assert says in str(error)
    assert "\n" not in str(error)
    assert list(tmp_path.iterdir()) == []
