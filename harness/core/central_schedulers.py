"""Names of central schedulers, as run lines have them: what measures writes them, what forecasts
reads them."""

from __future__ import annotations

SETTING = "central_schedulers"
"""The setting of a run line that has, for each executor of the run, the name of its scheduler, or
``None`` where all of its workers share one machine or calls pass the scheduler by."""
DASK_DISTRIBUTED = "Dask distributed"
RAY = "Ray"
