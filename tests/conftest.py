"""The contract's assertions say what they compared, wherever they are imported."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("tests.running.executors.contract")
