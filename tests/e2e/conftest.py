"""The committed results, read and judged once for all tests that look at them."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.reading.report.analysed import Analysed, analysed

REFERENCE = Path(__file__).resolve().parents[2] / "results" / "reference-2core"


@pytest.fixture(scope="session")
def reference() -> Analysed:
    return analysed(REFERENCE)
