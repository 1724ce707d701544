"""A log is a new file, of what a run has measured on Dask; what it costs is said."""

from __future__ import annotations

import json
import os
import re
import sys
from collections import Counter
from pathlib import Path

import pytest
from eliot.parse import Parser

from harness.apps import eliot_log
from harness.apps.eliot_log import check_executors, log_measured, measured_cases, new_log
from harness.cli import main
from harness.core.errors import Interrupted, UsageError
from harness.core.records import Case
from harness.reading.report.log_costs import LogCosts, log_cost
from harness.running.measure.trace.logged_rounds import LoggedCase
from harness.running.measure.trace.logging_cases import LATE, NotLogged, log_cases, unlogged
from harness.running.plan.case_name import parse_case


def case(name):
    return parse_case(f"{name}/size=40/workers=1/pin=1", 2)


THREADS, POOL = case("empty-task/dask-threads/chunk=20"), case("empty-task/thread-pool/chunk=20")


def test_a_log_that_got_nothing_leaves_no_file(tmp_path):
    with new_log(tmp_path / "a.log"):
        assert (tmp_path / "a.log").exists()
    assert list(tmp_path.iterdir()) == []


def test_what_was_logged_before_a_failure_stays(tmp_path):
    path = tmp_path / "a.log"
    with pytest.raises(OSError, match="no space"), new_log(path) as log:  # noqa: PT012 - after it
        log.write(b"{}\n")
        raise OSError("no space")
    assert path.read_bytes() == b"{}\n"


def test_a_file_that_exists_is_left_alone(tmp_path):
    (tmp_path / "a.log").write_text("mine")
    with (
        pytest.raises(UsageError, match=r"a\.log exists, .*: give --eliot a new name"),
        new_log(tmp_path / "a.log"),
    ):
        pass
    assert (tmp_path / "a.log").read_text() == "mine"


def test_executors_that_are_not_dasks_are_refused_where_no_other_is_named():
    check_executors([])
    check_executors(["thread-pool", "dask-threads"])
    with pytest.raises(UsageError, match="thread-pool: its tasks are not Dask's; dask-actors: "):
        check_executors(["thread-pool", "dask-actors"])


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("startup/dask-threads/chunk=1/size=1", "a start-up has no tasks"),
        ("frame-groupby/dask-dataframe/chunk=10/size=100", "a query of a frame has tasks of"),
        ("empty-task/ray-tasks/chunk=1/size=10", "its tasks are not Dask's"),
    ],
)
def test_a_case_says_why_it_is_not_logged(name, reason):
    assert (unlogged(parse_case(f"{name}/workers=1/pin=1", 2)) or "").startswith(reason)


def test_no_engine_is_started_once_the_time_is_over():
    told: list[LoggedCase | NotLogged] = []
    log_cases([THREADS, POOL], told.append, seconds=0.0)
    assert told == [NotLogged(POOL, "its tasks are not Dask's"), NotLogged(THREADS, LATE)]


def test_what_is_left_out_is_said_by_reason(tmp_path, monkeypatch):
    """And what was logged is in the file at once, so that an interrupt loses none of it."""

    def played(cases, tell, **_):
        tell(NotLogged(POOL, "why"))
        tell(NotLogged(POOL.model_copy(update={"chunk": 1}), "why"))
        tell(LoggedCase(THREADS, 2, [2.0] * 6, [1.0] * 6, [b"one\n", b"two\n"]))
        assert Path(log.name).read_bytes() == b"one\ntwo\n"
        if stopped:
            raise KeyboardInterrupt

    monkeypatch.setattr(eliot_log, "log_cases", played)
    stopped = False
    with new_log(tmp_path / "a.log") as log:
        costs = log_measured([], log)
        stopped = True
    [out] = costs.left_out
    assert (out.executors, out.cases, out.reason) == (["thread-pool"], 2, "why")
    with new_log(tmp_path / "b.log") as log, pytest.raises(Interrupted, match="calls of 1 of its"):
        log_measured([], log)


def test_the_cost_is_a_ratio_with_an_interval_and_a_time_for_each_task():
    cost = log_cost(THREADS, 10, logged=[3, 2, 2, 2, 2, 2, 2, 4], unlogged=[1] * 8)
    assert (cost.ratio.point, cost.seconds.point, cost.seconds_per_task.point) == (2, 1, 0.1)
    assert cost.ratio.low == 2
    assert 2 <= (cost.ratio.high or 0) <= 4
    assert cost.ratio.n == 8


def test_what_a_log_costs_is_said_where_it_can_be_told():
    """Noise alone makes no cost: a case counts whose interval lies above 1."""
    costly = log_cost(THREADS, 10, [2e-3] * 8, [1e-3] * 8)
    noise = log_cost(POOL, 10, [2e-3, 1e-3] * 4, [1e-3, 2e-3] * 4)
    both = LogCosts(file="a.log", costs=[costly, noise], left_out=[]).text()
    row = r"dask-threads +1 +1 +20 +10 +1\.00 ms +x 2\.00 \[2\.00, 2\.00\] +100 \[100, 100\]"
    assert re.search(f"^{row}$", both, re.MULTILINE)
    words = (
        "a.log: 2 calls with 20 tasks. With the log 1 of 2 take longer, 2.00 times as long; of the"
    )
    assert words in both
    assert "cannot be told of any" in LogCosts(file="a.log", costs=[noise], left_out=[]).text()
    assert "no case was logged" in LogCosts(file="a.log", costs=[], left_out=[]).text()


@pytest.mark.engine
@pytest.mark.e2e
def test_a_run_logs_what_it_measured_on_dask_and_says_the_cost(tmp_path, monkeypatch, capsys):
    """Every task of each case once, below its call; threads of a pool are named as left out."""
    log, variables = tmp_path / "a.log", dict(os.environ)
    words = (
        "run --suite task_overhead --profile smoke --workers 2 --format json "
        "--executor dask-threads --executor dask-processes --executor thread-pool"
    )
    files = ["--results", str(tmp_path / "results"), "--eliot", str(log)]
    monkeypatch.setattr(sys, "argv", ["chunkbench", *words.split(), *files])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 0
    assert dict(os.environ) == variables
    answer = json.loads(capsys.readouterr().out)["eliot"]
    [journal] = (tmp_path / "results").glob("*/journal/*.jsonl")
    wanted = [each for each in measured_cases([journal]) if each.executor != "thread-pool"]
    assert len(wanted) == len(answer["costs"]) >= 6
    [out] = answer["left_out"]
    assert (out["executors"], out["reason"]) == (["thread-pool"], "its tasks are not Dask's")
    assert all(cost["ratio"]["low"] > 0 for cost in answer["costs"])
    messages = [json.loads(line) for line in log.read_text().splitlines()]
    counted: Counter[str] = Counter()
    for tree in Parser.parse_stream(messages):
        assert tree.is_complete()
        call = tree.root()
        [computation] = call.children
        counted[call.start_message.contents["case"]] += len(computation.children)
    found = {parse_case(name, 2): n for name, n in counted.items()}
    assert found == {Case(**cost["case"]): cost["tasks"] for cost in answer["costs"]}
    assert found == {each: each.size // each.chunk for each in wanted}
