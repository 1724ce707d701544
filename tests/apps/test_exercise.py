"""An answer comes out of every journal of the exercise, whatever is missing in it."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from harness.apps.answer_so_far import AnswerSoFar, JournalWritten
from harness.apps.exercise import exercise, read_answer
from harness.core.errors import InputError, UsageError
from harness.core.records import Block, Case, End, Machine, Pair, RunInfo, Status
from harness.reading.report.exercise.example import SHOWN_AS
from harness.reading.report.exercise.newly_decided import NewlyDecided
from harness.running.measure.sweep.ports import Progress

RUN = "20261101T000000Z-settle-0001"
SIZE = 10_000_000
QUESTION = {"executor": "dask-threads", "workers": 2, "size": SIZE}
DASK = {"workload": "random-sum", "executor": "dask-threads", "workers": 2}
ROWS = {
    "many": (DASK | {"chunk": 1_000}, 14.4),
    "few": (DASK | {"chunk": 100_000}, 0.2),
    "numpy": ({"workload": "random-sum", "executor": "numpy", "workers": 1}, 0.065),
    "numpy-as-written": (
        {"workload": "random-sum-as-written", "executor": "numpy", "workers": 1},
        0.1,
    ),
}
"""Example to the fields of its case, and the seconds of a call beside 65 ms of the baseline."""

STATES = ("absent", *list(Status)[1:], "1 round", "2 rounds", "undetermined", "8, then a fault")


def info(**changes: Any) -> RunInfo:
    fields: dict[str, Any] = {
        "run": RUN,
        "suite": "settle",
        "profile": "exercise",
        "machine": Machine(name="made-up", cores_usable=2.0),
        "plan": {"question": QUESTION},
    }
    return RunInfo(**(fields | changes))


def lines_of(name: str, state: str, seed: int) -> Iterator[Pair]:
    """The lines of one row of the exercise in this state."""
    fields, seconds = ROWS[name]
    case = Case.model_validate({"size": SIZE, "pin": "1", "chunk": SIZE} | fields)
    common = {"run": RUN, **case.model_dump(), "n_chunks": SIZE // case.chunk, "n_tasks": 23}
    draw = random.Random(seed)
    rounds = {"1 round": 1, "2 rounds": 2, "undetermined": 2, "8, then a fault": 8}.get(state, 0)
    for number in range(rounds):
        factor = draw.choice((0.01, 100.0)) if state == "undetermined" else draw.uniform(0.99, 1.01)
        yield Pair(
            **common,
            block=0,
            round=number,
            parallel_seconds=(seconds if state != "undetermined" else 0.065 * factor) * factor,
            serial_seconds=0.065,
        )
    if state == "8, then a fault":
        yield Pair(**common, block=0, round=8, status=Status.WRONG_ANSWER, reason="7.3 sigma off")
    elif state in set(Status):
        yield Pair(**common, status=Status(state), reason=f"made up to be {state}")


def written(folder, states: dict[str, str], end: End | None, **changes: object):
    path = folder / f"{RUN}.jsonl"
    block = Block.model_validate(
        {"run": RUN, "block": 0, "size": SIZE, "pin": "1", "ceiling": 1.9} | DASK
    )
    records = [info(**changes), block]
    for seed, (name, state) in enumerate(states.items()):
        records += lines_of(name, state, seed)
    records += [end] if end else []
    path.write_text("".join(f"{record.model_dump_json()}\n" for record in records))
    return path


OUT_OF_BUDGET = End(run=RUN, status="out of budget", seconds=86.0)


def mixtures() -> set[tuple[str, ...]]:
    """All rows in one state; each row in each state beside whole ones; and some of all others."""
    uniform = {(state,) * len(ROWS) for state in STATES}
    single = {
        tuple(state if other == name else "2 rounds" for other in ROWS)
        for name, state in itertools.product(ROWS, STATES)
    }
    others = list(itertools.product(STATES, repeat=len(ROWS)))
    return uniform | single | set(random.Random(7).sample(others, 8))


@pytest.mark.parametrize("old", [False, True], ids=["names its question", "of an older version"])
def test_every_mixture_of_missing_rows_gets_an_answer(tmp_path, old):
    """Each row in every state: text, JSON and two sentences, and a reason for what is missing."""
    for mixture in sorted(mixtures())[:: 3 if old else 1]:
        states = dict(zip(ROWS, mixture, strict=True))
        path = written(tmp_path, states, OUT_OF_BUDGET, **({"plan": {}} if old else {}))
        answer = read_answer(path)
        told = answer.text(80)
        json.dumps(answer.model_dump(mode="json"), allow_nan=False)
        rows = {row.example: row for row in answer.rows}
        assert set(rows) - {"best"} == set(ROWS), mixture
        for name, state in states.items():
            row = rows[name]
            if state == "absent":
                assert row.status == "not measured"
                assert row.reason is not None
                assert "chunkbench settle --resume" in row.reason
            elif state in set(Status):
                assert (row.status, row.reason) == (state, f"made up to be {state}")
            elif state == "8, then a fault":
                assert row.status == Status.WRONG_ANSWER
                assert row.verdict is None
            else:
                assert row.speedup.point is not None
                assert row.rounds == (1 if state == "1 round" else 2)
            if row.status != Status.OK:
                assert row.reason is not None
                assert any(SHOWN_AS[name] in line and row.reason in line for line in answer.missing)
        assert "  chunkbench settle --resume" in told.splitlines()
        assert all(len(line) <= 80 for line in told.splitlines()), told
        assert len(answer.sentences) == 2


def test_a_call_measured_once_is_said_to_be_slow_and_by_how_much(tmp_path):
    """What is not decided is no reason to be silent about a ratio of hundreds."""
    path = written(tmp_path, dict.fromkeys(ROWS, "absent") | {"many": "1 round"}, OUT_OF_BUDGET)
    answer = read_answer(path)
    assert answer.rows[0].verdict == "undetermined"
    assert "times slower in the one round measured" in answer.sentences[0]
    assert answer.rows[0].speedup.point is not None
    ratio = 1 / answer.rows[0].speedup.point
    assert 200 < ratio < 240
    assert f"{ratio:.0f} times slower" in answer.sentences[0]


@pytest.mark.parametrize(
    ("end", "said"),
    [
        (End(run=RUN, status="out of budget"), "the time ended before it: go on with "),
        (End(run=RUN, status="interrupted"), "the run ended before it: go on with "),
        (None, "the run was stopped before it, or still goes on: go on with "),
        (End(run=RUN, status="complete"), "the run came to its end without it"),
    ],
)
def test_a_row_without_a_line_says_why(tmp_path, end, said):
    answer = read_answer(written(tmp_path, {}, end))
    assert all(row.reason is not None and row.reason.startswith(said) for row in answer.rows)
    assert (answer.go_on is None) == (end is not None and end.status == "complete")


def test_the_command_to_go_on_has_the_options_of_the_run(tmp_path):
    """Without them ``--resume`` would look for another run, and begin anew."""
    question = {"executor": "dask-processes", "workers": 3, "size": 200_000}
    changes = {"profile": "smoke", "plan": {"question": question}}
    answer = read_answer(written(tmp_path, {}, OUT_OF_BUDGET, **changes))
    assert answer.go_on == (
        "chunkbench settle --resume --executor dask-processes --workers 3 --profile smoke"
    )


def test_a_journal_cut_off_anywhere_gets_an_answer(tmp_path):
    """Every third line of a whole run may be its last, and that line may be half written."""
    lines = written(tmp_path, dict.fromkeys(ROWS, "2 rounds"), None).read_bytes().splitlines(True)
    for last in range(1, len(lines) + 1, 3):
        for half in (b"", lines[last - 1][: len(lines[last - 1]) // 2]):
            path = tmp_path / f"{RUN}.jsonl"
            path.write_bytes(b"".join(lines[:last]) + half)
            assert "chunkbench settle --resume" in read_answer(path).text()


def test_another_suites_run_is_refused_in_one_line(tmp_path):
    path = written(tmp_path, {}, None, suite="task_grain", plan={})
    with pytest.raises(InputError, match="not a run of the exercise: use chunkbench settle"):
        read_answer(path)


# --- while it runs


def test_the_answer_is_read_between_pairs_seldom_and_only_when_there_is_news():
    """Reading that takes 0.4 s comes every 20 s at most: 2 % of the time."""
    now = [0.0]
    shown: list[Any] = []
    told: list[Any] = []

    def read(*, running):
        assert running
        now[0] += 0.4
        return f"answer at {now[0]:.0f} s"

    report = AnswerSoFar(told.append, read, shown.append, lambda: now[0])
    for second in range(1, 61):
        now[0] += 1
        report(Progress(second // 2, 99, "a case"))
    assert len(told) == 60
    assert len(shown) == 3
    for _ in range(2):  # of which the second has no pair more
        now[0] += 100
        report(Progress(31, 99, "a case"))
    assert len(shown) == 4


def test_a_journal_that_cannot_be_read_stops_no_measuring():
    def read(*, running):
        raise InputError("a broken line")

    shown: list[Any] = []
    now = [0.0]
    report = AnswerSoFar(lambda progress: None, read, shown.append, lambda: now[0])
    now[0] = 100.0
    report(Progress(1, 9, "a case"))
    assert shown == []


def test_the_journal_that_grows_is_the_one_that_is_read(tmp_path):
    """With ``--resume`` that is not always the newest by name."""
    for name in ("1-settle-a", "2-settle-b", "3-other-c"):
        (tmp_path / f"{name}.jsonl").write_text("x\n")
    written_now = JournalWritten(tmp_path, "settle")
    assert written_now.path() is None
    (tmp_path / "3-other-c.jsonl").write_text("xx\n")
    assert written_now.path() is None
    (tmp_path / "1-settle-a.jsonl").write_text("xx\n")
    assert written_now.path() == tmp_path / "1-settle-a.jsonl"


def test_each_row_is_news_once_and_again_when_its_verdict_changes(tmp_path):
    whole = dict.fromkeys(ROWS, "2 rounds")
    unmeasured = read_answer(written(tmp_path, {}, None))
    failed = read_answer(written(tmp_path, whole | {"many": "timeout"}, None))
    news = NewlyDecided()
    assert news(unmeasured) == []
    lines = [line for line in news(failed) if line.startswith("1 many chunks")]
    assert lines == ["1 many chunks: there is no result (timeout: made up to be timeout)"]
    assert news(failed) == []


def test_a_budget_of_ones_own_replaces_that_of_the_profile():
    plan = exercise(budget_seconds=120.0)
    assert (plan.profile.budget_seconds, plan.profile.starts_count) == (120.0, True)
    assert exercise().profile.budget_seconds != 120.0
    with pytest.raises(UsageError, match="measures nothing"):
        exercise(budget_seconds=0.0)
