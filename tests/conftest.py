"""The contract's assertions say what they compared, wherever they are imported; examples may take
their time, since a busy machine is no defect of ours."""

from __future__ import annotations

import signal

import pytest
from hypothesis import HealthCheck, settings

pytest.register_assert_rewrite("tests.running.executors.contract")
BUSY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("busy", BUSY)
settings.register_profile("full", BUSY)
settings.load_profile("busy")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell that starts the tests in the background has them ignore Ctrl-C, and so all that they
    # start, which is to be stopped by it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:  # nohup likewise
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Say which tests one process runs where several share them: all that start engines, so that
    these do not wait for one another's cores; else those of a file, whose fixtures are slow."""
    for item in items:
        heavy = any(item.get_closest_marker(name) for name in ("engine", "e2e"))
        heavy = heavy or "faults" in item.path.parts
        group = "engines" if heavy else item.nodeid.partition("::")[0]
        item.add_marker(pytest.mark.xdist_group(group))
