"""Real schedulers for the tests: each is started once, in a folder of its own, and stopped.

Their time-outs are their own, so that a test's does not count what it waits for its scheduler.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator

import pytest

from tests.hpc import grid_engine as grid_engine_
from tests.hpc import slurm as slurm_
from tests.hpc.daemons import Daemons, alone
from tests.hpc.grid_engine import GridEngine
from tests.hpc.slurm import Slurm


@pytest.fixture(scope="session")
def only_one() -> Iterator[None]:
    """One set of schedulers on a machine at a time."""
    with alone():
        yield


@pytest.fixture(scope="session")
def slurm(only_one: None) -> Iterator[Slurm]:
    """SLURM with accounting and two nodes."""
    if reason := slurm_.missing():
        pytest.fail(reason)
    found = Slurm()
    try:
        found.start()
        yield found
    finally:
        found.stop()


@pytest.fixture(scope="session")
def grid_engine(only_one: None) -> Iterator[GridEngine]:
    """Grid Engine with one execution host."""
    if reason := grid_engine_.missing():
        pytest.fail(reason)
    found = GridEngine()
    try:
        found.start()
        yield found
    finally:
        found.stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Function,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that fails shows what the daemons of its scheduler said."""
    report = yield
    if report.failed:
        schedulers = [found for found in item.funcargs.values() if isinstance(found, Daemons)]
        report.sections += [(found.name, found.last_words()) for found in schedulers]
    return report
