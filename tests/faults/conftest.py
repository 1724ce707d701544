"""What tests of faults share: chance with a seed that is told, a place, and a table at the end."""

from __future__ import annotations

import os
import random
import sys
from collections import Counter

import pytest

from tests.faults.watched import Place, Watched, adopting

SEED = int(os.environ.get("CHUNKBENCH_FAULT_SEED") or random.SystemRandom().getrandbits(32))
"""Of all random moments; give it to have the same again."""
OUTCOMES = ("passed", "failed", "skipped")


@pytest.fixture(autouse=True)
def _linux():
    if sys.platform != "linux":
        pytest.skip("who is left alone is adopted on Linux only")


@pytest.fixture
def chance(request):
    """Random moments of one test, the same for the same seed whatever else is run."""
    return random.Random(f"{SEED}/{request.node.name}")


@pytest.fixture
def place():
    """Folders of one test, removed at its end."""
    made = Place()
    yield made
    made.remove()


@pytest.fixture
def start(place):
    """Start commands; whatever happens, none of them outlives the test."""
    started = []

    def begin(words, **how):
        started.append(Watched(place, words, **how))
        return started[-1]

    with adopting():
        yield begin
        for watched in started:
            watched.end()


def kind_of(nodeid: str) -> str:
    """What befell what: a test's name, or what its parameters say before ``on``."""
    name, _, given = nodeid.rsplit("::", maxsplit=1)[-1].partition("[")
    fault, on, _ = given.partition(" on ")
    return fault if on else name.removeprefix("test_").replace("_", " ")


def pytest_terminal_summary(terminalreporter):
    """Count faults by their kinds."""
    counts = {outcome: Counter[str]() for outcome in OUTCOMES}
    for outcome in OUTCOMES:
        for report in terminalreporter.stats.get(outcome, []):
            if "tests/faults/" in report.nodeid and (report.when == "call" or outcome != "passed"):
                counts[outcome][kind_of(report.nodeid)] += 1
    kinds = sorted(set().union(*counts.values()))
    if not kinds:
        return
    terminalreporter.section(f"faults by kind, CHUNKBENCH_FAULT_SEED={SEED}")
    rows = [(kind, [counts[each][kind] for each in OUTCOMES]) for kind in kinds]
    rows.append(("all", [counts[each].total() for each in OUTCOMES]))
    terminalreporter.line(f"{'':72}" + "".join(f"{each:>9}" for each in OUTCOMES))
    for kind, numbers in rows:
        terminalreporter.line(f"{kind[:71]:72}" + "".join(f"{number:>9}" for number in numbers))
