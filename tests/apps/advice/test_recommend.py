"""From planted rounds to the advice, and how it is shown."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest

from harness.apps.advice.described_work import describe
from harness.apps.advice.recommend import recommend
from harness.apps.advice.time_work import TimedWork, counts, every_other
from harness.apps.advice.ways_to_cut import MOST_TASKS
from harness.core.errors import MeasureError, UsageError
from harness.core.records import Machine, Verdict
from harness.reading.analysis.beyond.timed_parts import EmptyCalls
from harness.reading.report.advice.advice_record import Advice, text
from harness.reading.report.advice.advice_words import chunks_text
from harness.running.measure.own.own_records import Cut, Rounds, Sample

pytestmark = pytest.mark.simulation

ROUNDS = 7
UNIT = 2.0
HERE = Machine(name="made-up", cores_usable=2.0)
CHUNKS = (1, 4, 16, 64, 256)
EACH = 1e-3
CALLS = (0.01 + EACH, 0.01 + 100 * EACH)
"""Seconds of 1 and of 100 empty tasks."""


def work(**changes):
    given: dict[str, Any] = {
        "work": "mod:function",
        "shape": None,
        "dtype": "float64",
        "numpy": False,
    }
    given |= {"chunk": (), "chunk_seconds": (), "paths": [], "memory_bytes": 1e12}
    return describe(**(given | changes))


def time_of(n, off=1.0):
    return 0.01 + max(n * EACH, n * EACH / 2 + 0.5) * off + (-(-n // 2) - n / 2) / n


def timed_work(
    *,
    whole=(),
    speedup=2.0,
    off=1.0,
    spec="{} KiB",
    auto=True,
    calls=CALLS,
    rounds=ROUNDS,
    all_cores=None,
    own_way=None,
    tasks_a_chunk=1,
    unseen=0,
):
    """A work of 1 unit whatever the chunk, two workers, tasks of a thousandth."""
    chunks = [*CHUNKS, *((1,) if auto else ())]
    cuts = [
        Cut(spec=spec.format(4096 // n), n_chunks=n, n_tasks=n * tasks_a_chunk, result_bytes=8)
        for n in chunks
    ]
    if auto:
        cuts[-1] = cuts[-1].model_copy(update={"spec": "auto"})
    chosen = every_other(len(CHUNKS))
    timed = Rounds(
        reference_seconds=[UNIT] * rounds,
        serial={i: [1.0] * rounds for i in chosen},
        build={i: [0.0] * rounds for i in range(len(cuts))},
        speedup={(i, 2): [speedup] * rounds for i in chosen},
        empty={},
        whole={i: [time_of(CHUNKS[i], off)] * rounds for i in whole},
        whole_seconds={i: [UNIT * time_of(CHUNKS[i], off)] * rounds for i in whole},
        all_cores={} if all_cores is None else {0: [all_cores] * rounds, 2: [9.0] * rounds},
        own_way={pin: [each] * rounds for pin, each in (own_way or {}).items()},
    )
    engine = EmptyCalls((1, 100), {p: np.tile(calls, (rounds, 1)) for p in (1, 2)})
    samples = [
        Sample(
            tasks=4, serial_seconds=1.0, gather_seconds=0.0, peak_bytes=1000, unseen_tasks=unseen
        )
        for _ in chosen
    ]
    return TimedWork(cuts, auto, chosen, samples, 0, timed, engine, rounds)


def advised(**changes):
    options = {"work": work(), **changes}
    mine, worker_bytes = options.pop("work"), options.pop("worker_bytes", math.inf)
    return recommend(
        mine,
        timed_work(**options),
        workers=2,
        argument="chunks",
        machine=HERE,
        executor="dask-threads",
        worker_bytes=worker_bytes,
    )


def test_the_best_chunk_is_recommended_and_its_time_is_the_models():
    advice = advised()
    assert advice.recommended.n_chunks == 16  # of 4 and 16, within 5 %, that with most chunks
    assert set(advice.as_good) == {"1024 KiB", "256 KiB"}
    alone, both = advice.recommended.lines
    assert (alone.workers, both.workers) == (1, 2)
    assert both.seconds.point == pytest.approx(UNIT * time_of(16))
    assert alone.seconds.point == pytest.approx(UNIT * (0.01 + 16 * EACH + 1))
    assert both.speedup.point == pytest.approx(1 / time_of(16))
    assert both.verdict is Verdict.PAYS
    assert alone.verdict is Verdict.EQUAL
    assert advice.serial_seconds == pytest.approx(UNIT)
    assert (alone.memory_bytes, both.memory_bytes) == (1008, 2008)
    assert advice.us_per_task == {1: pytest.approx(2000), 2: pytest.approx(2000)}


def test_where_copies_at_once_gain_nothing_one_chunk_is_as_good():
    advice = advised(speedup=0.9)
    assert advice.recommended.n_chunks == 1
    assert advice.recommended.lines[-1].verdict is Verdict.EQUAL
    assert "makes no difference" in advice.sentences[0]


def test_one_round_gives_no_interval_and_no_verdict():
    advice = advised(rounds=1)
    seconds = advice.recommended.lines[-1].seconds
    assert (seconds.low, seconds.high, seconds.n) == (None, None, 1)
    assert {line.verdict for line in advice.recommended.lines} == {Verdict.UNDETERMINED}
    assert "cannot tell" in advice.sentences[0]
    assert "by 1 round" in advice.sentences[0]
    assert any("one round" in note for note in advice.notes)


def test_few_rounds_that_agree_exactly_still_have_an_interval():
    expected = advised(rounds=2).recommended.lines[-1]
    assert expected.speedup.high / expected.speedup.low > 1.1
    assert expected.speedup.interval == "moderated t"


def test_it_pays_only_where_it_pays_against_all_cores_too():
    """Rule 1: of several serial ways on all cores the fastest counts."""
    slow, fast = advised(all_cores=0.95), advised(all_cores=0.3)
    assert slow.sentences[0].count("Parallel pays:") == 1
    assert fast.recommended.lines[-1].verdict is Verdict.PAYS
    assert fast.recommended.lines[-1].verdict_vs_all_cores is Verdict.OVERHEAD
    assert "pays against serial" in fast.sentences[0]
    assert "not shown to be a gain" in fast.sentences[0]
    assert fast.all_cores_seconds.point == pytest.approx(0.3 * UNIT)


def test_the_users_own_serial_function_is_the_baseline():
    mine = work(against="mod:loop")
    advice = advised(work=mine, own_way={"1": 0.4, "cores": 0.4})
    assert advice.serial_seconds == pytest.approx(0.4 * UNIT)
    assert advice.recommended.lines[-1].speedup.point == pytest.approx(0.4 / time_of(16))
    assert advice.recommended.lines[-1].verdict is Verdict.OVERHEAD
    assert "serial: mod:loop on one thread 800 ms" in text(advice)


def test_more_tasks_than_forecasts_hold_for_are_never_said_to_pay():
    assert MOST_TASKS == 500
    advice = advised(tasks_a_chunk=600, calls=(0.01, 0.01 + 1e-6))
    assert advice.recommended.lines[-1].speedup.low > 1
    assert advice.recommended.lines[-1].verdict is Verdict.UNDETERMINED
    assert any("15 to 35 % too low" in note for note in advice.notes)
    slower = advised(tasks_a_chunk=600, calls=(3.0, 3.5))
    assert slower.recommended.lines[-1].verdict is Verdict.OVERHEAD  # all the more so
    assert advice.dask_auto is None


def test_work_of_which_too_much_was_not_seen_has_no_verdict():
    assert advised(unseen=0).recommended.lines[-1].verdict is Verdict.PAYS
    few = advised(unseen=1)  # of 1, 16 and 256 tasks
    assert {choice.n_chunks: choice.lines[-1].verdict for choice in few.choices} == dict.fromkeys(
        (1, 4, 16, 64, 256), Verdict.UNDETERMINED
    )  # the serial time is that of the one task
    own = advised(unseen=1, work=work(against="mod:loop"), own_way={"1": 2.0})
    assert own.recommended.lines[-1].verdict is Verdict.PAYS


def test_chunks_that_need_more_memory_than_a_worker_has_are_not_recommended():
    with pytest.raises(UsageError, match="needs less than 1000 B a worker"):
        advised(worker_bytes=999)
    assert advised(worker_bytes=1000).recommended.n_chunks == 16


def test_dasks_own_choice_stands_beside_it():
    advice = advised()
    assert advice.dask_auto is not None
    assert advice.dask_auto.n_chunks == 1
    assert advice.dask_auto.lines[-1].verdict is Verdict.EQUAL
    assert "chunks='auto' gives 1 chunk" in advice.sentences[1]
    assert advised(auto=False).dask_auto is None


def test_the_check_says_how_far_the_forecast_is_off():
    advice = advised(whole=(1, 3), off=1.25)
    assert [check.held_out for check in advice.checked] == [True, True]
    assert advice.median_error == pytest.approx(
        np.median([abs(time_of(n) / time_of(n, 1.25) - 1) for n in (4, 64)])
    )
    assert advice.recommended_over_best is None  # the best was not measured
    exact = advised(whole=range(5))
    assert exact.median_error == pytest.approx(0.0)
    assert exact.recommended_over_best == pytest.approx(time_of(16) / time_of(4))


def test_seconds_by_hand_are_taken_for_every_chunk_between():
    mine = work(work=None, shape=(64, 64), chunk=[(32, 32), (8, 8)], chunk_seconds=[0.5, 0.03125])
    advice = advised(work=mine)
    assert {choice.n_chunks for choice in advice.choices} == {4, 16, 64}  # nothing beyond them
    assert advice.serial_seconds == pytest.approx(2.0)
    assert any("sines" in note for note in advice.notes)
    assert any("beyond what was timed" in note for note in advice.notes)


def test_every_other_cut_is_timed_and_both_ends():
    assert every_other(1) == [0]
    assert every_other(2) == [0, 1]
    assert every_other(5) == [0, 2, 4]
    assert every_other(6) == [0, 2, 4, 5]


def test_copies_at_once_go_by_twos_up_to_the_workers():
    assert counts(1) == []
    assert counts(2) == [2]
    assert counts(6) == [2, 4, 6]
    assert counts(8) == [2, 4, 8]


def test_the_text_says_what_to_do_and_fits_a_terminal():
    shown = text(advised(whole=range(5)))
    for words in ("recommended", "pays against serial", "median error", "held out", "256 KiB"):
        assert words in shown
    assert max(map(len, shown.splitlines())) <= 100


def test_the_page_escapes_what_it_shows():
    advice = advised().model_copy(update={"work": "<script>alert(1)</script>"})
    page = advice._repr_html_()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "pays against serial" in page


def test_the_record_is_json_and_back():
    advice = advised(whole=(1, 3))
    content = json.loads(json.dumps(advice.model_dump(mode="json"), allow_nan=False))
    assert Advice.model_validate(content) == advice
    assert content["recommended"]["lines"][1]["verdict"] == "pays"


def test_chunks_are_shown_as_they_are_written():
    assert chunks_text([100]) == "(100,)"
    assert chunks_text([100, 20]) == "(100, 20)"
    assert chunks_text("1 MiB") == "1 MiB"
    assert chunks_text(None) == "as built"


def test_empty_tasks_that_came_out_as_costing_less_than_nothing_are_refused_in_one_line():
    with pytest.raises(MeasureError, match="too busy to time them; try again"):
        advised(calls=(3.0, 0.5))
