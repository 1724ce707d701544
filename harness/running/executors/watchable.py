"""What an engine tells of one traced call: when its tasks ran, and the pages that it makes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.core.errors import UsageError
from harness.running.executors.actor_host import ActorHost
from harness.running.executors.built_call import BuiltCall
from harness.running.executors.noting import Notes, actors_watched
from harness.running.executors.pages import PAGES, Page
from harness.running.workloads.base import ActorWorkload, Workload

if TYPE_CHECKING:
    from harness.running.executors.dask_logging import CallLog


class Watchable(ActorHost):
    """Lets one call be watched. An executor overrides what its engine can tell."""

    @contextmanager
    def watched(self, built: BuiltCall, notes: Notes) -> Iterator[None]:
        """Listen to the engine while *built* runs inside the ``with`` block."""
        if isinstance(built.workload, ActorWorkload) and built.graph is not None:
            with actors_watched(self, built.graph, notes):
                yield
        else:
            yield

    def unmeasured_parts(self, workload: Workload) -> dict[str, str]:
        """Name the parts of the time budget that cannot be told apart here.

        Each part comes with the reason, or with the other part that holds its time.
        """
        if isinstance(workload, ActorWorkload):
            return {"optimise": "no graph", "serialise": "in submit", "schedule": "in transfer"}
        parts = ("optimise", "serialise", "submit", "schedule", "transfer")
        return dict.fromkeys(parts, "in unexplained")

    @classmethod
    def unlogged(cls) -> str | None:
        """Say why eliot cannot log its tasks; ``None`` where it can."""
        return "its tasks are not Dask's"

    def logged(self, folder: Path, fields: Mapping[str, Any]) -> AbstractContextManager[CallLog]:
        """Have the tasks of one call, which is built and run inside the ``with`` block, logged in
        *folder*: below an action that has *fields*."""
        raise UsageError(f"no log of {self.name}: {self.unlogged()}")

    def pages(self, workload: Workload, chunk: int, seed: int, folder: Path) -> dict[str, Page]:
        """Have the engine make its own pages in *folder*, each from a call of its own."""
        return {name: Page(None, reason) for name, reason in PAGES.items()}
