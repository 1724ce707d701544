"""What the start-up of an engine costs: bring it up for one empty call."""

from __future__ import annotations

from typing import ClassVar

from harness.running.workloads.base import Sizes
from harness.running.workloads.empty_task import EmptyTask

STARTUP = "startup"


class Startup(EmptyTask):
    """One empty call by an engine that has to be started for it, in a fresh process.

    The baseline is the same call in a fresh process that starts no engine: Python, NumPy and
    chunkbench itself.
    """

    name = STARTUP
    least_rounds = 0  # each takes seconds: a look may end it
    sizes: ClassVar[Sizes] = {"smoke": 1, "laptop": 1, "nightly": 1}
