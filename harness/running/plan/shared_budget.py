"""One budget for several suites, each in a process of its own: by cost, and nothing is left over.

A file says what there is in all, what each suite needs to reach its first looks, and what those
that have ended took. A suite that begins gets of what is left its part of the needs that are left,
so that what one did not use goes to those after it, in whatever order they come.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def shares(seconds: float, needs: Mapping[str, float]) -> dict[str, float]:
    """*seconds* in proportion to what each suite *needs*."""
    total = math.fsum(needs.values())
    return {suite: seconds * need / total for suite, need in needs.items()}


def begin(path: Path, seconds: float, needs: Mapping[str, float]) -> None:
    """Write what there is, and what each suite needs of it."""
    path.write_text(json.dumps({"seconds": seconds, "needs": dict(needs), "spent": {}}))


def share(path: Path, suite: str) -> float:
    """Seconds for *suite*, which begins now."""
    state = _read(path)
    left = state["seconds"] - math.fsum(state["spent"].values())
    waiting = {name: need for name, need in state["needs"].items() if name not in state["spent"]}
    return max(0.0, shares(left, waiting)[suite])


def spent(path: Path, suite: str, seconds: float) -> None:
    """Note what *suite* took."""
    state = _read(path)
    state["spent"][suite] = seconds
    path.write_text(json.dumps(state))


def _read(path: Path) -> dict[str, Any]:
    state: dict[str, Any] = json.loads(path.read_text())
    return state
