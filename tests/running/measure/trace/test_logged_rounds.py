"""Pairs of a call with a log and one without, on a station that is played."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from harness.core.errors import CaseFailedError
from harness.core.records import Case
from harness.running.measure.trace.logged_rounds import MOST_TASKS, logged_case, taken

CASE = Case(workload="empty-task", size=6, executor="dask-threads", workers=2, pin="1", chunk=3)


class Played:
    """A station whose calls take 1 s, and 2 s with a log; its engine's child is itself."""

    def __init__(self, *, tasks=2, in_log=2, wrong=None):
        self.tasks, self.in_log, self.wrong = tasks, in_log, wrong
        self.asked = []

    @property
    def engine(self) -> Any:
        return self

    def warm(self, case, expected_seconds):
        return 1.0

    def n_tasks(self, case):
        return self.tasks

    def settle(self):
        self.asked.append("settle")

    def ask(self, command, limit, **message):
        self.asked.append((command, message["seed"]))
        if command == "case":
            return {"seconds": 1.0, "wrong": None}
        with Path(message["folder"], "7.eliot").open("ab") as file:
            for number in reversed(range(self.in_log)):
                start = {"action_type": "dask:task", "action_status": "started"}
                line = {**start, "timestamp": number, "seed": message["fields"]["seed"]}
                file.write(json.dumps(line).encode() + b"\n")
        return {"seconds": 2.0, "wrong": self.wrong, "tasks": self.tasks}


def test_each_logged_call_is_beside_one_without_in_random_order(tmp_path):
    """From a quiet engine on, never with the same seed; the first logged call is none of them."""
    station = Played()
    found = logged_case(station, CASE, tmp_path, random.Random(3), 20)
    assert (found.logged, found.unlogged, found.tasks) == ([2.0] * 20, [1.0] * 20, 2)
    assert station.asked[0][0] == "log"
    calls = [asked for asked in station.asked[1:] if asked != "settle"]
    assert station.asked[1::2] == ["settle"] * 40
    pairs = [(calls[at][0], calls[at + 1][0]) for at in range(0, 40, 2)]
    assert {*pairs} == {("log", "case"), ("case", "log")}
    assert len({seed for _, seed in calls} | {station.asked[0][1]}) == 41


def test_the_log_is_that_of_the_first_round_in_the_order_of_time(tmp_path):
    station = Played()
    found = logged_case(station, CASE, tmp_path, random.Random(3), 4)
    told = [json.loads(line) for line in found.lines]
    assert [each["timestamp"] for each in told] == [0, 1]
    assert {each["seed"] for each in told} <= {0, 1}
    assert taken(tmp_path) == []


def test_a_log_that_lacks_tasks_is_none(tmp_path):
    with pytest.raises(CaseFailedError, match=r"^1 of 2 tasks are in its log$"):
        logged_case(Played(in_log=1), CASE, tmp_path, random.Random(3), 1)


def test_a_wrong_answer_is_none(tmp_path):
    with pytest.raises(CaseFailedError, match="the answer is wrong: 41"):
        logged_case(Played(wrong="41"), CASE, tmp_path, random.Random(3), 1)


def test_too_many_tasks_are_not_logged(tmp_path):
    station = Played(tasks=MOST_TASKS + 1)
    with pytest.raises(
        CaseFailedError, match=r"^10001 tasks a call, and 10000 at most are logged$"
    ):
        logged_case(station, CASE, tmp_path, random.Random(3), 1)
    assert station.asked == []
