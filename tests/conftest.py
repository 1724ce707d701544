"""The contract's assertions say what they compared, wherever they are imported; examples may take
their time, since a busy machine is no defect of ours."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

pytest.register_assert_rewrite("tests.running.executors.contract")
BUSY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("busy", BUSY)
settings.register_profile("full", BUSY)
settings.load_profile("busy")
