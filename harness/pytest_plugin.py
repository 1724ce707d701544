"""``pytest --chunkbench``: a test asks whether a function of its own gains from going parallel.

pytest loads this module wherever chunkbench is installed, so that nothing else of chunkbench is
imported before a test asks.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from harness.reading.report.tried.tried_answer import Tried

BUDGET = "1m"
"""Of one function, where a test gives no other."""
WITHOUT_OPTION = "measures with chunkbench: run it by pytest --chunkbench"
BESIDE_OTHERS = "measures with chunkbench, which nothing may run beside: leave out -n"
ANSWERS = pytest.StashKey[list[tuple[str, "Tried"]]]()
"""What tests were answered, each with its test."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("chunkbench", "own functions, on engines")
    group.addoption(
        "--chunkbench",
        action="store_true",
        help="Run the tests that measure with the fixture chunkbench; else they are skipped.",
    )
    group.addoption(
        "--chunkbench-results",
        metavar="DIR",
        type=Path,
        help="Where their journals stay; default: a temporary folder of pytest.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Begin the list of answers."""
    config.stash[ANSWERS] = []


@pytest.fixture
def chunkbench(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Tried]:
    """Try a function on engines, as ``chunkbench try`` does, and return its answer.

    ``chunkbench(task, items=inputs)``, or ``chunkbench(parallel, against=serial)``; further
    arguments are those of ``harness.work`` (``check``) and ``harness.run`` (``executors``,
    ``chunks``, ``workers``, ``pins``, ``budget``). ``verdict(executor)`` of the answer is
    ``"pays"``, ``"overhead exceeds gain"``, ``"equal"`` or ``"undetermined"``.
    """
    config = request.config
    if not config.getoption("--chunkbench"):
        pytest.skip(WITHOUT_OPTION)
    if hasattr(config, "workerinput"):  # of pytest-xdist
        pytest.skip(BESIDE_OTHERS)
    results = config.getoption("--chunkbench-results") or tmp_path_factory.mktemp("chunkbench")
    return trying(config, request.node.nodeid, results)


def trying(config: pytest.Config, test: str, results: Path) -> Callable[..., Tried]:
    """What the fixture gives the *test*: it keeps journals in *results*, and answers for the
    summary in *config*."""

    def tried(task: Any, *, budget: str = BUDGET, **asked: Any) -> Tried:
        answer = _measured(task, asked | {"budget": budget, "results": results})
        config.stash[ANSWERS].append((test, answer))
        return answer

    return tried


def _measured(task: Any, asked: dict[str, Any]) -> Tried:
    """The answer for *task*; what is wrong with it fails the test in one line."""
    import harness  # noqa: PLC0415 - where a test asks
    from harness.core.errors import ChunkbenchError, Interrupted  # noqa: PLC0415

    of_work = {name: asked.pop(name) for name in ("items", "against", "check") if name in asked}
    try:
        return harness.run(harness.work(task, **of_work), **asked)
    except Interrupted as stop:
        raise KeyboardInterrupt(str(stop)) from None
    except ChunkbenchError as error:
        words = f"chunkbench: {error}"
    pytest.fail(words, pytrace=False)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """A line for each function that was tried."""
    answers = config.stash[ANSWERS]
    if answers:
        terminalreporter.section("chunkbench")
    for test, answer in answers:
        terminalreporter.write_line(f"{test}: {answer.work}: {' '.join(answer.sentences)}")
