"""The clock on the wall is set, back and ahead, while a command measures."""

from __future__ import annotations

import json
import re
from datetime import datetime
from time import monotonic, sleep

import pytest

from tests.faults.clocks import Clock
from tests.faults.commands import MEASURING, settle
from tests.faults.watched import one_line

HOUR = 3600
SET = {"set back": -5 * HOUR, "set ahead": 75 * HOUR}
DASK = "dask-distributed-processes"
COMMANDS = {
    **{name: MEASURING[name].words for name in ("settle", "try", "run", "claims")},
    "settle on a cluster": settle(DASK),
    "try on Ray": lambda place: [
        *("try", "faultwork:task", "--items", "faultwork:inputs", "--on", "ray-tasks"),
        *("--budget", "40s", "--results", str(place.results), "--machine", "m"),
    ],
}
EVERY = [pytest.param(how, name, id=f"clock {how} on {name}") for how in SET for name in COMMANDS]


@pytest.fixture
def clock(tmp_path):
    return Clock(tmp_path)


def lines_of(path):
    return [json.loads(line) for line in path.read_bytes().splitlines()]


@pytest.mark.fault
@pytest.mark.parametrize(("how", "name"), EVERY)
def test_a_clock_that_is_set_costs_nothing(how, name, place, start, chance, clock):
    """The sweep goes on to its end by a clock that nobody sets; nothing is lost, rounds keep their
    order, and no duration has the jump in it."""
    began = monotonic()
    watched = start(COMMANDS[name](place), under=clock.under)
    watched.wait_for(lambda: place.pairs() or None, "first pair")
    sleep(chance.uniform(0, 1))
    written, before = place.lines(), place.pairs()
    clock.set(SET[how])
    assert watched.wait() == 0, watched.said()
    most = monotonic() - began
    assert watched.last_words() == []
    watched.nothing_left()
    lines = place.lines()
    assert lines[: len(written)] == written
    assert place.pairs() > before
    for path in place.journals():
        records = lines_of(path)
        found = [record for record in records if record["kind"] == "pair"]
        assert {pair["status"] for pair in found} <= {"ok", "skipped"}, found
        pairs = [pair for pair in found if pair["status"] == "ok"]
        jump = moment(pairs[-1]) - moment(records[0])
        assert abs(jump - SET[how]) < most  # the clock was set indeed
        end = records[-1]
        assert end["kind"] == "end"
        assert 0 < end["seconds"] <= end["seconds_of_all"] < most
        assert all(0 < pair["parallel_seconds"] < most for pair in pairs)
        by_case: dict[tuple[str, ...], list[tuple[int, int]]] = {}
        for pair in pairs:
            case = tuple(str(pair[key]) for key in ("workload", "executor", "chunk", "size", "pin"))
            by_case.setdefault(case, []).append((pair["block"], pair["round"]))
        assert all(rounds == sorted(rounds) for rounds in by_case.values())
    if name == "run":
        [spent] = re.findall(".* of measuring, .*", watched.output.read_text())
        assert "-" not in spent, spent


def moment(record):
    return datetime.fromisoformat(record["t"]).timestamp()


@pytest.mark.fault
@pytest.mark.parametrize("how", SET)
def test_what_was_stopped_before_the_clock_was_set_is_gone_on_with(how, place, start, clock):
    """Though a journal seems to come from a time that has not begun yet."""
    words = MEASURING["settle"].words(place)
    watched = start(words, under=clock.under)
    watched.wait_for(lambda: place.pairs() or None, "first pair")
    watched.process.terminate()
    assert watched.wait() == 130
    one_line(watched, "--resume")
    clock.set(SET[how])
    last = start([*words, "--resume"], under=clock.under)
    assert last.wait() == 0, last.said()
    assert len(place.journals()) == 1


@pytest.mark.fault
@pytest.mark.parametrize("executor", ["thread-pool", DASK, "ray-tasks"])
def test_a_trace_has_no_time_of_a_clock_that_was_set(executor, place, start, chance, clock):
    """Engines that note times by it are traced again; others do not look at it."""
    case = f"empty-task/{executor}/chunk=100/size=1000/workers=2"
    where = ["--results", str(place.results), "--machine", "m"]
    watched = start(["trace", case, "--rounds", "12", *where], under=clock.under)
    watched.wait_for(lambda: watched.child("process.child"), "engine")
    sleep(chance.uniform(1, 3))
    clock.set(SET["set ahead"])
    if watched.wait():
        one_line(watched, "clock of this machine was set during the call: trace it again")
    else:
        [path] = place.results.glob("m/traces/*.json")
        calls = json.loads(path.read_text())["calls"]
        spans = [(span["start"], span["end"]) for call in calls for span in call["spans"]]
        tasks = [call["tasks"][name] for call in calls for name in ("start", "end", "received")]
        assert all(abs(at or 0) < HOUR for times in (*spans, *tasks) for at in times)
    watched.nothing_left()
