"""What ASV is given for a cell: by a suite's ``track_`` methods, and by an export of journals.

Imports are light here, since each suite imports this module.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.apps.asv.samples import Cells

QUANTITIES = {
    "track_time_ratio": "time_ratio",
    "track_seconds": "seconds",
    "track_overhead_per_task": "overhead_us_per_task",
}
"""The methods that a suite has, and the quantity whose samples each hands over."""


def for_asv(cells: Cells, method: str, case: tuple[str, int, str, int, str, int]) -> Any:
    """Give the samples of *case* in ASV's form of repeated samples.

    Parameters
    ----------
    cells : dict
        Of :func:`harness.apps.asv.samples.samples`.
    method : str
        A key of :data:`QUANTITIES`.
    case : tuple
        Workload, size, executor, workers, pin and chunk.

    Returns
    -------
    dict or float
        NaN, ASV's "not available", for a case without a result.
    """
    samples = cells.get(case, {}).get(QUANTITIES[method])
    return {"samples": samples, "number": 1} if samples else math.nan
