"""The pages that engines make of a call: profiles, reports, timelines, pictures of the graph."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import NamedTuple

PAGES = MappingProxyType(
    {
        "performance report": "only Dask's distributed scheduler makes it",
        "profile": "only Dask's local schedulers make it",
        "task graph": "there is no graph: the tasks are mapped",
        "timeline": "only Ray makes it",
    }
)
"""Each kind of page, and the reason why an executor that does not override it makes none."""


class Page(NamedTuple):
    """A file that an engine made of a call, or the reason why it made none."""

    file: str | None
    reason: str | None = None


def page_or_reason(make: Callable[[], Page]) -> Page:
    """Return the page that *make* gives; if it fails, a page that says why, since a missing page
    must not cost the rest."""
    try:
        return make()
    except Exception as error:  # noqa: BLE001 - whatever a library raises is the reason
        lines = str(error).strip().splitlines() or [""]
        return Page(None, f"{type(error).__name__}: {lines[0]}")
