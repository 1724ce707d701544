"""Dask's collections on one scheduler, as workloads are handed them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class DaskCollections:
    """Dask's array and bag, computed on one scheduler (the port ``Collections`` of workloads).

    Parameters
    ----------
    options : mapping
        Arguments of every ``compute``.
    """

    def __init__(self, options: Mapping[str, Any]) -> None:
        import dask.array  # noqa: PLC0415
        import dask.bag  # noqa: PLC0415

        self.array, self.bag = dask.array, dask.bag
        self.options = dict(options)

    def compute(self, *collections: Any) -> tuple[Any, ...]:
        """Compute *collections* in one go, with ``dask.compute``."""
        import dask  # noqa: PLC0415

        return tuple(dask.compute(*collections, **self.options))

    def persist(self, collection: Any) -> Any:
        """Return ``collection.persist()`` once its chunks are computed."""
        kept = collection.persist(**self.options)
        if "scheduler" not in self.options:  # the cluster's own: persist returns at once
            from distributed import wait  # noqa: PLC0415

            wait(kept)
        return kept
