"""What may kill the whole job is written before it is tried, and left out by a run that goes on."""

from __future__ import annotations

from typing import Any

import pytest

from harness.core.journal_format import parse_line
from harness.core.records import Block, End, Pair, Status, Try
from harness.running.host.job_memory import KillsSinceBoot
from harness.running.measure.process.case_error import CaseError
from harness.running.measure.sweep import tries
from harness.running.measure.sweep.loop import SweepLoop
from harness.running.measure.sweep.scripted import FakeClock, Planted
from harness.running.measure.sweep.suites_together import Routed, SuitePart, together
from harness.running.measure.sweep.tries import tried
from tests.running.measure.sweeps import (
    Memory,
    NotedBench,
    NotedStation,
    cases,
    measured,
    never,
    plan,
    profile,
    run_info,
)

LARGE, SMALL = cases(1 << 16)[0], cases(1 << 10)[0]
PLANNED = plan(profile((2, 2)), [LARGE, SMALL])
THEN = KillsSinceBoot("one", 7)
"""What the machine counts when the first job begins."""
SHORT = KillsSinceBoot("one", 8)
"""After it has ended a process for lack of memory."""
ELSEWHERE = KillsSinceBoot("two", 9)
"""What another machine counts, or this one after it was started anew."""


class JobKilled(BaseException):
    """The kernel kills the whole job: nothing can be written after that."""


class MortalMemory(Memory):
    """A journal of a job: once it is killed, no line gets there."""

    killed = False

    def append(self, record):
        if not self.killed:
            super().append(record)


@pytest.fixture(autouse=True)
def counted(monkeypatch):
    """Have the machine count something else."""

    def count(now):
        monkeypatch.setattr(tries, "kills_since_boot", lambda: now)

    count(THEN)
    return count


def killed_at(moment, of=LARGE):
    """The journal of a job that was killed at a *moment* of the case *of*."""
    journal, clock = MortalMemory(), FakeClock()

    def die():
        journal.killed = True
        raise JobKilled

    class Station(NotedStation):
        def warm(self, case, expected_seconds):
            return die() if (moment, of) == ("first call", case) else super().warm(case, 0.1)

        def pair(self, case, number, first, seed):
            if (moment, of) == ("first round", case):
                die()
            return super().pair(case, number, first, seed)

    class Bench(NotedBench):
        def open(self, set_up, groups, number):
            super().open(set_up, groups, number)
            return die() if moment == "start-up" else Station(self, groups, number)

    bench = Bench(Planted(), clock)
    sweep = SweepLoop(PLANNED, run_info(PLANNED), bench, journal, decide=never, clock=clock)
    with pytest.raises(JobKilled):
        sweep.run()
    return journal


def gone_on(records):
    journal, clock = Memory(everything=list(records)), FakeClock()
    bench = NotedBench(Planted(), clock)
    sweep = SweepLoop(PLANNED, run_info(PLANNED), bench, journal, decide=never, clock=clock)
    sweep.resume(list(records))
    sweep.run()
    return journal, bench


@pytest.mark.parametrize("moment", ["first call", "first round"])
@pytest.mark.parametrize(
    ("now", "why"), [(SHORT, tries.SHORT), (ELSEWHERE, tries.UNKNOWN), (None, tries.UNKNOWN)]
)
def test_the_case_that_a_job_was_killed_with_is_not_tried_again_and_all_others_are(
    moment, now, why, counted
):
    """Where memory was short, and where that cannot be known."""
    records = killed_at(moment).everything
    counted(now)
    journal, bench = gone_on(records)
    status, reason = journal.statuses()[LARGE]
    assert status is Status.FAILED
    assert reason.startswith(f"the whole run was killed in its {moment}, {why}: not tried again")
    assert LARGE not in bench.warmed
    assert journal.rounds(SMALL) == [0, 1, 2, 3]
    again, _ = gone_on(journal.everything)
    assert again.statuses() == journal.statuses(), "said once"
    assert again.everything == journal.everything


@pytest.mark.parametrize("moment", ["first call", "first round"])
def test_a_case_that_a_job_was_killed_with_for_another_reason_has_a_second_chance_and_no_third(
    moment,
):
    """Memory was not short: a node was taken away, or somebody killed the job."""
    once = killed_at(moment).everything
    journal, _ = gone_on(once)
    assert journal.statuses() == {}
    assert journal.rounds(LARGE) == journal.rounds(SMALL) == [0, 1, 2, 3]
    again, _ = gone_on([*once, *(record for record in once if isinstance(record, Try))])
    assert {case: reason.partition(":")[0] for case, (_, reason) in again.statuses().items()} == {
        LARGE: f"the whole run was killed in its {moment}, {tries.TWICE}"
    }


@pytest.mark.parametrize("now", [SHORT, ELSEWHERE, None])
def test_a_start_up_has_a_second_chance_whatever_is_known_and_no_third(now, counted):
    """It takes long, so that whatever else kills a job often kills it then, and another job of the
    node may be what lacked memory."""
    once = killed_at("start-up").everything
    counted(now)
    assert gone_on(once)[0].statuses() == {}
    journal, bench = gone_on([*once, *(record for record in once if isinstance(record, Try))])
    assert {reason.partition(":")[0] for _, reason in journal.statuses().values()} == {
        f"the whole run was killed in its start-up, {tries.TWICE}"
    }
    assert set(journal.statuses()) == {LARGE, SMALL}
    assert not bench.starts
    assert gone_on(journal.everything)[0].everything == journal.everything


def test_a_run_that_was_stopped_in_between_tries_all_of_it_again():
    """A signal is not the fault of the case: the end line, or the line that the try is over, says
    so."""
    records = killed_at("first round").everything
    journal, _ = gone_on([*records, End(run="run", status="interrupted")])
    assert journal.statuses() == {}
    assert journal.rounds(LARGE) == [0, 1, 2, 3]


@pytest.mark.parametrize("where", ["warm_faults", "faults"])
def test_a_case_that_fails_alone_ends_its_try(where):
    fault = CaseError(Status.FAILED, "planted", dead=False)
    planted: dict[str, Any] = {where: {LARGE: fault}}
    journal, _ = measured(PLANNED, **planted)
    assert gone_on(journal.everything)[0].statuses() == {LARGE: (Status.FAILED, "planted")}


def test_what_was_tried_is_written_before_it_and_once_a_run():
    journal, _ = measured(PLANNED)
    kinds = [record.what or "over" for record in journal.everything if isinstance(record, Try)]
    assert kinds == ["start-up", "over", *["first call", "over"] * 2, *["first round"] * 2]
    for before, after in zip(journal.everything, journal.everything[1:]):
        if isinstance(before, Try) and before.what == "first round":
            assert isinstance(after, Pair)
            assert after.case == tried(before)


def test_a_try_goes_to_the_suites_that_have_what_is_tried(counted):
    chosen = profile(blocks=(1,))
    other = cases(1 << 12, executors=("other",))
    journals = [Memory(), Memory()]
    plans = (("a", plan(chosen, [LARGE])), ("b", plan(chosen, [LARGE, *other])))
    parts = [
        SuitePart(each, run_info(each, run=run), journal)
        for (run, each), journal in zip(plans, journals, strict=True)
    ]
    first, second = parts
    routed = Routed(parts)
    started = Try(run="x", what="start-up", **LARGE.group.set_up.model_dump())
    assert routed.owners(started) == parts
    assert routed.owners(Try(run="x", what="start-up", **other[0].group.set_up.model_dump())) == [
        second
    ]
    assert routed.owners(Try(run="x", what="first call", **other[0].model_dump())) == [second]
    routed.append(Try(run="x", what="first call", **LARGE.model_dump()))
    assert [journal.everything[-1].run for journal in journals] == ["a", "b"]
    both = together([journal.everything for journal in journals])
    counted(SHORT)
    _, bench = gone_on([run_info(PLANNED), *both])
    assert LARGE not in bench.warmed
    assert first.plan.cases == (LARGE,)


def test_a_line_of_a_try_comes_back_as_it_was_and_says_no_more_than_it_must():
    when = {"t": "2026-11-23T08:15:09.120Z", **THEN._asdict()}
    line = Try(run="r", what="first call", **when, **LARGE.model_dump())
    assert parse_line(line.model_dump_json(), "here") == line
    assert tried(line) == LARGE
    assert tried(line.model_copy(update={"workload": None})) == LARGE.group.set_up
    assert len(line.model_dump_json()) < 300


def test_a_start_up_that_came_up_once_has_no_further_line():
    journal, _ = measured(plan(profile((1, 1)), [SMALL]))
    started = [each for each in journal.everything if isinstance(each, Try) and not each.workload]
    assert [each.what for each in started] == ["start-up", None]
    resumed = [each for each in journal.everything if isinstance(each, Block)][:1]
    more, _ = gone_on([*resumed])
    assert not [each for each in more.everything if isinstance(each, Try) and not each.workload]
