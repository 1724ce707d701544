"""A work of one's own is measured like ours: a function and its inputs are enough."""

from __future__ import annotations

import ast
import inspect
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import harness
from harness.apps import tried as tried_app
from harness.apps.tried import TriedAxes, read_tried, work_plan
from harness.core.errors import ChunkbenchError, UsageError
from harness.core.records import Case, End, Estimate, Group, Pair, SetUp, Status
from harness.reading.analysis.crossover.refine import refine
from harness.reading.analysis.verdict.verdicts import decided
from harness.reading.report.tried.tried_answer import Tried
from harness.running.executors import lookup
from harness.running.measure.own.look import Looked
from harness.running.measure.sweep.loop import SweepLoop
from harness.running.measure.sweep.scripted import (
    FakeClock,
    Planted,
    ScriptedBench,
    ScriptedStation,
)
from harness.running.plan import tried_plan
from harness.running.plan.profiles import TRY
from harness.running.workloads.kept_works import WorkSpec
from tests.apps import mywork
from tests.running.measure.sweeps import Memory, run_info

HERE = Path(mywork.__file__).parent
POOLS = ["dask-processes"]
FIRST = ["thread-pool", "process-pool", "dask-processes", "dask-distributed-processes"]
EIGHT = [*FIRST, "dask-threads", "multiprocessing-batched", "joblib-loky", "ray-tasks"]
CLUSTERS = ["dask-distributed-processes", "ray-tasks"]


def looked(items: int, item_seconds: float, **changes: Any) -> Looked:
    fields: dict[str, Any] = {
        "start_seconds": 0.5,
        "items": items,
        "looked": 5,
        "first_seconds": item_seconds,
        "item_seconds": item_seconds,
        "task_bytes": 60,
        "item_bytes": 10,
        "result_bytes": 20,
        "unpicklable": {"pickle": None, "cloudpickle": None},
        "unstable": False,
    }
    return Looked(**(fields | changes))


def swept(
    truth: Planted,
    budget: float = 600.0,
    *,
    executors: Sequence[str] = ("process-pool",),
    start_seconds: float = 1.0,
) -> Memory:
    """The journal of a sweep of 100 items on a fake clock."""
    spec = WorkSpec(name="mywork:task", task="mywork:task", items="mywork:inputs")
    axes = TriedAxes(executors, "auto", [2], ["1"], budget)
    _, plan = work_plan(spec, looked(100, truth.work / 100), axes)
    info = run_info(plan).model_copy(update={"plan": dict(plan.question)})
    clock, journal = FakeClock(), Memory()
    journal.append(info)
    bench = ScriptedBench("run", truth, clock, spends_all=True, start_seconds=start_seconds)
    SweepLoop(plan, info, bench, journal, decide=decided, clock=clock, refine=refine).run()
    return journal


def planted(tmp_path: Path, truth: Planted, budget: float = 600.0) -> Tried:
    """The answer of a sweep of 100 items on a fake clock."""
    path = tmp_path / "run.jsonl"
    records = swept(truth, budget).records
    path.write_text("".join(f"{record.model_dump_json()}\n" for record in records))
    return read_tried(path)


def test_a_planted_break_even_is_found(tmp_path: Path) -> None:
    """With 10 ms a task on 2 workers 8 tasks pay for a loop of 0.1 s, and 9 do not."""
    truth = Planted(work=0.1, parallel=0.010, ceiling=1.9, noise=0.01)
    answer = planted(tmp_path, truth)
    [edge] = [edge for edge in answer.break_even if edge.executor == "process-pool"]
    pays = [truth.seconds(-(-100 // chunk), 2) < truth.work for chunk in range(1, 51)]
    first = 1 + pays.index(True)
    assert edge.status == "found"
    assert edge.low is not None
    assert edge.high is not None
    assert edge.low <= first
    assert edge.high >= first - 1
    assert edge.high / edge.low < 1.5
    assert f"process-pool pays from {round(edge.point or 0)} items a task on: " in str(answer)
    assert answer.best is not None
    assert answer.best.executor == "process-pool"


def test_what_never_pays_is_said_to_be_slower(tmp_path: Path) -> None:
    answer = planted(tmp_path, Planted(work=0.02, fixed=0.4, noise=0.01))
    assert answer.best is None
    assert "process-pool does not pay: at best 2" in answer.sentences[0]
    assert "times slower" in answer.sentences[0]


def test_a_verdict_is_that_of_the_fastest_way_of_an_executor(tmp_path: Path) -> None:
    """Of any but the loop, where none is named: as a test of one's own function asks."""
    pays = planted(tmp_path, Planted(work=0.1, parallel=0.010, ceiling=1.9, noise=0.01))
    found = {row.verdict for row in pays.rows if row.executor == "process-pool"}
    assert {"pays", "overhead exceeds gain"} <= found
    assert pays.verdict("process-pool") == pays.verdict() == "pays"
    with pytest.raises(UsageError, match=r"ray-tasks was not tried: there are .*process-pool"):
        pays.verdict("ray-tasks")
    slower = planted(tmp_path, Planted(work=0.02, fixed=0.4, noise=0.01))
    assert slower.verdict("process-pool") == "overhead exceeds gain"
    lost = [row.model_copy(update={"status": "failed"}) for row in slower.rows]
    nothing = {"speedup": Estimate(point=None), "verdict": None}
    lost = [row.model_copy(update=nothing) for row in lost]
    assert slower.model_copy(update={"rows": lost}).verdict() == "failed"


def test_bytes_of_a_task_are_those_of_its_items(tmp_path: Path) -> None:
    answer = planted(tmp_path, Planted(work=0.1))
    for row in answer.rows:
        if row.executor == "process-pool":
            assert (row.bytes_in, row.bytes_out) == (60 + 10 * row.chunk, 20 * row.chunk)
        else:
            assert row.bytes_in is None  # the loop pickles nothing


def test_a_long_work_is_measured_with_some_of_its_items_and_says_so(tmp_path: Path) -> None:
    answer = planted(tmp_path, Planted(work=50.0), budget=120.0)
    assert answer.size is not None
    assert answer.size < 100
    assert f"Measured with {answer.size} of your 100 items" in str(answer)


def test_where_time_is_scarce_each_engine_has_two_rounds_in_turn() -> None:
    """On a slow machine those that start first are answered for, and no one takes all the time."""
    engines = ["thread-pool", "process-pool", "dask-threads", "dask-processes"]
    journal = swept(Planted(work=3.0, ceiling=1.0), 100.0, executors=engines, start_seconds=12.0)
    rounds = Counter((pair.executor, pair.chunk) for pair in journal.pairs)
    reached = list(dict.fromkeys(pair.executor for pair in journal.pairs))
    assert reached == engines[: len(reached)]
    assert len(reached) >= 2
    assert {number for (name, _), number in rounds.items() if name != reached[-1]} == {2}


class KindsBench(ScriptedBench):
    """Threads gain nothing, processes nearly all, Dask's tasks are dear; and each kind starts as it
    does, in starts of one process. What is in *slow* takes three loops for any call."""

    def __init__(self, *how: Any, start: float, slow: Sequence[str] = (), **more: Any) -> None:
        super().__init__(*how, spends_all=True, **more)
        self.start, self.slow = start, slow
        self.opens: Counter[str] = Counter()

    def truth_of(self, case: Case) -> Planted:
        threads = lookup(case.executor).shares_items()
        fixed = 3 * self.truth.work if case.executor in self.slow else 0.003
        return replace(self.truth, fixed=fixed, ceiling=1.0 if threads else 1.8)

    def open(self, set_up: SetUp, groups: Sequence[Group], number: int) -> ScriptedStation:
        self.clock.spend(self.start * tried_plan.starts_of(set_up.executor))
        self.opens[set_up.executor] += 1
        self.opened += 1
        return OwnStation(self, groups, number)


class OwnStation(ScriptedStation):
    """A work of one's own has no serial replay, which the bench spends time on."""

    def pair(self, *how: Any) -> Pair:
        pair = super().pair(*how)
        self.bench.clock.spend(-(pair.serial_seconds or 0.0))
        return pair


def by_itself(
    tmp_path: Path,
    budget: float,
    *,
    named: bool = False,
    start: float = 0.7,
    expected: float | None = None,
    **how: Any,
) -> tuple[Tried, KindsBench]:
    """The answer of 400 items of 5 ms on what would be installed; and what was started for it. A
    start takes *start* s, and seemed to take the *expected* seconds."""
    spec = WorkSpec(name="mywork:task", task="mywork:task", items="mywork:inputs")
    axes = TriedAxes(EIGHT, "auto", [2], ["1"], budget, named)
    spec, plan = work_plan(spec, looked(400, 0.005, start_seconds=expected or start), axes)
    info = run_info(plan).model_copy(update={"plan": dict(plan.question)})
    clock, journal = FakeClock(), Memory()
    journal.append(info)
    truth = Planted(work=spec.seconds, noise=0.1)
    bench = KindsBench("run", truth, clock, start=start, **how)
    SweepLoop(plan, info, bench, journal, decide=decided, clock=clock, refine=refine).run()
    journal.append(End(run=info.run, status="complete", seconds=clock()))
    assert clock() <= budget + 5.0
    path = tmp_path / "run.jsonl"
    path.write_text("".join(f"{record.model_dump_json()}\n" for record in journal.records))
    return read_tried(path), bench


def decided_executors(answer: Tried) -> set[str]:
    return {row.executor for row in answer.rows if row.verdict not in (None, "undetermined")}


def test_one_of_each_kind_is_decided_in_a_minute(tmp_path: Path) -> None:
    """With more rounds than where all were named. What was left out is named, and how to get it."""
    answer, bench = by_itself(tmp_path, 60.0)
    processes = {"process-pool", "dask-processes", "dask-distributed-processes"}
    assert set(bench.opens) == {"thread-pool", *processes, "serial"}
    assert processes <= decided_executors(answer)
    rounds = min(row.rounds for row in answer.rows if row.executor in processes)
    assert rounds >= 4
    left = {"dask-threads", "multiprocessing-batched", "joblib-loky", "ray-tasks"}
    assert set(answer.left_out) == left
    assert f"ask for them by --on {','.join(answer.left_out)}, or" in answer.sentences[-1]
    assert not [line for line in answer.missing if "ray-tasks" in line]
    everything, _ = by_itself(tmp_path, 60.0, named=True)
    assert min(row.rounds for row in everything.rows if row.executor in processes) < rounds
    assert everything.left_out == ()


def test_time_is_kept_for_all_where_the_budget_lasts_for_all(tmp_path: Path) -> None:
    """And they are decided; threads gain nothing here, which may stay open."""
    answer, bench = by_itself(tmp_path, 300.0, start=0.3)
    waited = [name for name in EIGHT if name not in FIRST]
    started = [name for name in waited if bench.opens[name]]
    assert started == waited
    assert answer.left_out == ()
    assert set(EIGHT) - {"thread-pool", "dask-threads"} <= decided_executors(answer)


def test_a_first_start_up_that_seemed_too_long_is_tried_all_the_same(tmp_path: Path) -> None:
    """A machine that was busy for a moment costs no answer."""
    answer, _ = by_itself(tmp_path, 60.0, start=0.5, expected=40.0)
    assert min(row.rounds for row in answer.rows if row.executor == "thread-pool") >= 2


def test_what_is_hopeless_by_its_warm_up_calls_is_not_started_again(tmp_path: Path) -> None:
    """All others are, in a budget that lasts for two start-ups; and its rounds still decide it."""
    answer, bench = by_itself(tmp_path, 200.0, start=0.3, slow=["dask-processes"])
    assert {bench.opens[name] for name in FIRST} == {1, 2}
    assert bench.opens["dask-processes"] == 1
    rows = [row for row in answer.rows if row.executor == "dask-processes"]
    assert {row.verdict for row in rows} == {"overhead exceeds gain"}
    assert min(row.rounds for row in rows) >= 2


def test_an_answer_that_changes_by_itself_is_refused() -> None:
    spec = WorkSpec(name="w:f", task="w:f", items="w:i")
    with pytest.raises(UsageError, match="--check none"):
        work_plan(
            spec, looked(10, 0.1, unstable=True), TriedAxes(["thread-pool"], "auto", [2], ["1"], 60)
        )


def three_lines(task: Any, inputs: Any) -> Any:
    work = harness.work(task, items=inputs)
    r = harness.run(work, executors=["thread-pool"], workers=[1], chunks=[8], budget="99s")
    print(r)


@pytest.mark.engine
def test_three_lines_of_python_and_no_class(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], quick: None
) -> None:
    """A lambda and a list, as in a notebook, are enough."""
    [function] = ast.parse(inspect.getsource(three_lines)).body
    assert isinstance(function, ast.FunctionDef)
    assert len(function.body) == 3
    monkeypatch.chdir(tmp_path)
    three_lines(lambda x: sum(range(500 + x)), list(range(16)))
    said = capsys.readouterr()
    assert "thread-pool" in said.out
    assert "lambda: 16 items, your loop " in said.out
    assert "plan: up to" in said.err
    measured = harness.read_results(next(tmp_path.glob("results/*/journal/*.jsonl")))
    assert set(measured.cases["status"]) == {"ok"}
    assert set(measured.cases["workload"]) == {"lambda"}


def tried(*arguments: str, cwd: Path = HERE) -> subprocess.CompletedProcess[str]:
    """``chunkbench try`` as a user runs it, in the folder of the module."""
    command = [sys.executable, "-m", "harness", "try", *arguments, "--machine", "m"]
    environment = {"PYTHONPATH": str(Path(harness.__file__).parents[1]), "PATH": "/usr/bin:/bin"}
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, timeout=120, env=environment
    )


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rounds of everything, however long the budget is."""
    monkeypatch.setattr(tried_app, "TRY", replace(TRY, blocks=(2,), refined=False))


@pytest.mark.engine
@pytest.mark.parametrize(
    "executors", [POOLS, pytest.param(CLUSTERS, marks=pytest.mark.full)], ids=["pools", "clusters"]
)
def test_a_module_of_the_current_folder_runs_in_every_process(
    executors: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quick: None
) -> None:
    """No path is set: every process that an engine starts finds the module."""
    monkeypatch.chdir(HERE)
    answer = harness.run(
        harness.work("mywork:task", items="mywork:make_inputs"),
        executors=executors,
        chunks=[20],
        workers=[1],
        budget="250s",
        results=tmp_path,
    )
    rows = {row.executor: row for row in answer.rows}
    assert set(rows) == {"serial", *executors}
    assert {row.status for row in rows.values()} == {"ok"}, answer.missing
    for name in executors:
        assert rows[name].bytes_in
        assert rows[name].first_call_seconds
        assert (rows[name].n_tasks or 0) >= 2
    assert answer.baseline["seconds"].point
    assert len(answer.sentences[0].split(";")) == len(rows)


@pytest.mark.engine
def test_what_cannot_be_pickled_names_the_object_and_leaves_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quick: None
) -> None:
    monkeypatch.chdir(HERE)
    answer = harness.run(
        harness.work("mywork:locked", items="mywork:locks"),
        executors=["thread-pool", "process-pool"],
        chunks=[8],
        workers=[1],
        budget="100s",
        results=tmp_path,
    )
    rows = {row.executor: row for row in answer.rows}
    assert rows["thread-pool"].status == Status.OK
    assert rows["process-pool"].status == Status.SKIPPED
    assert "items[0] (lock) cannot be pickled" in str(rows["process-pool"].reason)
    assert "threads would do" in str(rows["process-pool"].reason)


@pytest.mark.engine
def test_another_answer_is_a_status_and_stops_nothing(tmp_path: Path, quick: None) -> None:
    answer = harness.run(
        harness.work(mywork.differs, items=range(8)),
        executors=["thread-pool", "process-pool"],
        chunks=[8],
        workers=[1],
        budget="100s",
        results=tmp_path,
    )
    rows = {row.executor: row for row in answer.rows}
    assert rows["thread-pool"].status == Status.WRONG_ANSWER
    assert "item 3 gives 'Thre' instead of 'Main'" in str(rows["thread-pool"].reason)
    assert rows["process-pool"].status == Status.OK


@pytest.mark.engine
@pytest.mark.parametrize(
    ("task", "items", "said"),
    [
        ("nowhere:f", "mywork:inputs", "there is no module nowhere"),
        ("mywork.py:task", "mywork:inputs", "did you mean mywork:task?"),
        ("mywork:task", "mywork:input", "module:name of a list"),
        ("mywork:task", "mywork:task", "a function without arguments"),
        ("mywork:broken", "mywork:inputs", "ValueError: no answer for 0"),
        ("mywork:drifts", "mywork:inputs", "another answer each time"),
    ],
)
def test_bad_input_gets_one_clear_line(
    task: str, items: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(HERE)
    with pytest.raises(ChunkbenchError, match=re.escape(said)) as refused:
        harness.run(harness.work(task, items=items), executors=["thread-pool"], results=tmp_path)
    assert "\n" not in str(refused.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.engine
def test_a_slow_work_shows_progress_and_what_is_known_at_the_deadline(tmp_path: Path) -> None:
    """0.5 s a task: the plan and its cost come first, and the end is near the budget."""
    began = time.monotonic()
    done = tried(
        *("mywork:slow", "--items", "mywork:inputs", "--on", "thread-pool,process-pool"),
        *("--workers", "2", "--budget", "9s", "--results", str(tmp_path)),
    )
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - began < 60
    assert re.search(r"your loop: 40 items of 5\d\d ms, 2\d\.\d s in all", done.stderr)
    assert "are measured, evenly spaced" in done.stderr
    assert "plan: up to" in done.stderr
    assert " pairs, about " in done.stderr
    assert "mywork:slow: 2 items of 40, evenly spaced, your loop " in done.stdout
    assert "thread-pool" in done.stdout


@pytest.mark.engine
def test_ctrl_c_keeps_what_was_measured(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "harness", "try", "mywork:task", "--items", "mywork:inputs"]
    environment = {"PYTHONPATH": str(Path(harness.__file__).parents[1]), "PATH": "/usr/bin:/bin"}
    options = ["--on", "thread-pool", "--budget", "60s", "--results", str(tmp_path)]
    with subprocess.Popen(
        [*command, *options, "--machine", "m"],
        cwd=HERE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if " pairs, about " in line and not line.startswith("0/"):
                break
        process.send_signal(signal.SIGINT)
        out, error = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "pairs are kept in" in error
    assert "mywork:task: 40 items" in out


@pytest.mark.engine
def test_a_function_that_does_the_whole_beside_what_is_run_today(
    tmp_path: Path, quick: None
) -> None:
    """The literal ``compute()`` is a case, with the scheduler that Dask takes for a bag."""
    answer = harness.run(
        harness.work(mywork.dask_version, against=mywork.numpy_version),
        executors=["as-written"],
        chunks=[4],
        budget="100s",
        results=tmp_path,
    )
    rows = {row.executor: row for row in answer.rows}
    assert rows["as-written"].status == Status.OK, rows["as-written"].reason
    assert (rows["as-written"].n_tasks or 0) >= 4
    assert "as-written does not pay: at best" in answer.sentences[0]
    assert "with npartitions=4" in answer.sentences[0]


@pytest.mark.engine
def test_a_frame_is_measured_beside_pandas(tmp_path: Path, quick: None) -> None:
    """A group-by, whose graph is not there before it is optimised."""
    answer = harness.run(
        harness.work(mywork.frame, against=mywork.pandas_frame),
        executors=["dask-threads"],
        chunks=[4],
        budget="100s",
        results=tmp_path,
    )
    [row] = [row for row in answer.rows if row.executor == "dask-threads"]
    assert row.status == Status.OK, row.reason
    assert row.n_tasks


@pytest.mark.engine
@pytest.mark.full
def test_a_function_that_computes_by_itself_is_called_as_it_is_written(
    tmp_path: Path, quick: None
) -> None:
    answer = harness.run(
        harness.work(mywork.by_itself, against=mywork.numpy_version),
        executors=["as-written", "dask-threads"],
        workers=[1],
        budget="100s",
        results=tmp_path,
    )
    rows = {row.executor: row for row in answer.rows}
    assert rows["as-written"].status == Status.OK
    assert rows["dask-threads"].status == Status.SKIPPED
    assert "returns float, no Dask collection" in str(rows["dask-threads"].reason)


def test_items_or_against_and_not_both() -> None:
    with pytest.raises(UsageError, match="one of the two"):
        harness.work(mywork.task)
    with pytest.raises(UsageError, match="one of the two"):
        harness.work(mywork.task, items=[1], against=mywork.task)
    with pytest.raises(UsageError, match="no items"):
        harness.work(mywork.task, items=[])


@pytest.mark.engine
def test_inputs_that_cannot_be_sent_are_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"items\[1\] \(lock\) cannot be pickled.*make_inputs"):
        harness.run(harness.work(mywork.locked, items=[1, *mywork.locks()]), results=tmp_path)
