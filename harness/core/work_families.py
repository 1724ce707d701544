"""Workloads of one family do the same to each item with ever more work: their names say how much.

``bag-map`` does what the lesson does, ``bag-map-10us`` the same after 10 us of work an item. A
workload of any other name is a family of its own.
"""

from __future__ import annotations

import re

_NAME = re.compile(r"(?P<family>.+)-(?P<number>[1-9]\d{0,5})(?P<unit>us|ms)")
_SECONDS = {"us": 1e-6, "ms": 1e-3}


def family_of(workload: str) -> tuple[str, float]:
    """The family of *workload*, and the seconds of work that its name adds to each item.

    >>> family_of("bag-map-10us")
    ('bag-map', 1e-05)
    >>> family_of("bag-map")
    ('bag-map', 0.0)
    """
    match = _NAME.fullmatch(workload)
    if match is None:
        return workload, 0.0
    return match["family"], int(match["number"]) * _SECONDS[match["unit"]]
