"""The contract's assertions say what they compared, wherever they are imported."""

from __future__ import annotations

import pytest
from hypothesis import settings

pytest.register_assert_rewrite("tests.running.executors.contract")
settings.register_profile("full")
