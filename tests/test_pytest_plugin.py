"""A test of a user's own asks whether a function gains from going parallel."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from harness import pytest_plugin
from harness.core.errors import Interrupted, UsageError
from harness.core.records import Estimate
from harness.reading.report.tried.tried_answer import Tried, TriedRow
from harness.running.workloads.given_work import GivenWork

pytest_plugins = ["pytester"]
ROOT = Path(__file__).parents[1]

TESTS = """
    import mywork

    def test_asks(chunkbench):
        answer = chunkbench(mywork.task, items=[1, 2], executors=["thread-pool"])
        assert answer.verdict("thread-pool") == "pays"

    def test_whole(chunkbench):
        answer = chunkbench(mywork.task, against=mywork.serial, budget="5s")
        assert answer.verdict() == "pays"

    def test_other():
        pass
"""
MODULE = """
    def task(x=0):
        return x + 1

    def serial():
        return 1
"""


@pytest.fixture
def own(pytester, monkeypatch):
    """Run tests of a user's own with the plugin, in a process of their own."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makepyfile(mywork=MODULE, test_own=TESTS)

    def run(*arguments):
        return pytester.runpytest_subprocess("-p", "harness.pytest_plugin", *arguments)

    return run


def answer(work, verdict):
    speedup = Estimate(point=1.8 if verdict == "pays" else 0.5)
    row = TriedRow(
        executor="thread-pool",
        workers=2,
        pin="1",
        chunk=1,
        n_tasks=2,
        status="ok",
        reason=None,
        seconds=Estimate(point=1.0),
        first_call_seconds=None,
        speedup=speedup,
        verdict=verdict,
        bytes_in=None,
        bytes_out=None,
    )
    return Tried(
        work=work,
        baseline={},
        items=2,
        size=2,
        rows=[row],
        break_even=[],
        best=None,
        sentences=["thread-pool pays.", "Said of two items."],
        seconds_spent=1.0,
        journal="",
    )


@pytest.fixture
def fixture(request, tmp_path_factory, monkeypatch):
    """What the fixture gives a test, with what it would measure played by a function."""
    asked: dict[str, Any] = {}

    def play(played):
        def measured(work, **how):
            asked.update(how, work=work)
            return played(work)

        monkeypatch.setattr("harness.run", measured, raising=False)
        return pytest_plugin.trying(request.config, "test_it", tmp_path_factory.getbasetemp())

    monkeypatch.setitem(request.config.stash, pytest_plugin.ANSWERS, [])
    play.asked = asked  # type: ignore[attr-defined]
    return play


def test_without_the_option_nothing_is_measured_and_the_reason_is_said(own):
    """Nor is anything of chunkbench but the plugin imported."""
    done = own("-rs")
    done.assert_outcomes(passed=1, skipped=2)
    done.stdout.fnmatch_lines("SKIPPED * measures with chunkbench: run it by pytest --chunkbench")
    assert "= chunkbench =" not in done.stdout.str()


def test_beside_other_tests_nothing_is_measured(own):
    done = own("-rs", "-p", "xdist", "-n", "1", "--chunkbench")
    done.assert_outcomes(passed=1, skipped=2)
    done.stdout.fnmatch_lines("SKIPPED * which nothing may run beside: leave out -n")


@pytest.mark.engine
@pytest.mark.e2e
def test_a_function_is_tried_and_the_summary_has_a_line_for_it(own, pytester):
    """On a real engine, from a module beside the test: an addition pays on no pool."""
    done = own("--chunkbench", "--chunkbench-results", "kept", "-k", "asks")
    done.assert_outcomes(failed=1, deselected=2)
    done.stdout.fnmatch_lines(
        [
            "E * assert 'overhead exceeds gain' == 'pays'",
            "*= chunkbench =*",
            "test_own.py::test_asks: mywork:task: *thread-pool does not pay: at best *",
        ]
    )
    assert len(list(pytester.path.glob("kept/*/journal/*.jsonl"))) == 1


def test_what_a_test_says_of_the_work_and_of_how_to_measure_reaches_them(fixture):
    tried = fixture(lambda work: answer("own", "pays"))
    found = tried(len, items=["a"], check=None, executors=["thread-pool"], chunks=[1])
    assert found.verdict("thread-pool") == "pays"
    work = fixture.asked.pop("work")
    assert work == GivenWork(len, ["a"], None, None)
    assert fixture.asked.pop("results").is_dir()
    assert fixture.asked == {"executors": ["thread-pool"], "chunks": [1], "budget": "1m"}


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (UsageError("no such thing"), "chunkbench: no such thing"),
        (TypeError("got an unexpected keyword"), "got an unexpected keyword"),
    ],
)
def test_what_is_wrong_with_the_work_fails_the_test_in_one_line(fixture, error, told):
    """An error that is not chunkbench's own keeps its traceback."""

    def raising(work):
        raise error

    kind = pytest.fail.Exception if isinstance(error, UsageError) else TypeError
    with pytest.raises(kind, match=told) as failed:
        fixture(raising)(len, items=["a"])
    assert failed.value.__context__ is None


def test_ctrl_c_stops_all_tests(fixture):
    def stopped(work):
        raise Interrupted("stopped: 2 pairs are kept")

    with pytest.raises(KeyboardInterrupt, match="2 pairs are kept"):
        fixture(stopped)(len, items=["a"])


def test_pytest_finds_the_plugin_by_its_entry_point():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    [(name, module)] = project["entry-points"]["pytest11"].items()
    assert (name, import_module(module)) == ("chunkbench", pytest_plugin)


def test_other_projects_import_nothing_else_for_it():
    """Neither NumPy nor an engine, nor another module of chunkbench."""
    program = (
        "import sys; import pytest; before = {*sys.modules}; import harness.pytest_plugin; "
        "print(sorted({*sys.modules} - before))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "['harness', 'harness.pytest_plugin']"
