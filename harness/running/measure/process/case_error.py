"""The error that costs one case and nothing else."""

from __future__ import annotations

from harness.core.errors import MeasureError
from harness.core.records import Status


class CaseError(MeasureError):
    """A case that gave no result.

    Parameters
    ----------
    status : Status
    reason : str
    dead : bool
        True where the child is gone or can no longer be trusted.
    """

    def __init__(self, status: Status, reason: str, *, dead: bool) -> None:
        super().__init__(reason)
        self.status, self.reason, self.dead = status, reason, dead
