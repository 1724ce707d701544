"""A work of somebody: what ``try`` and ``advise`` measure here."""

from __future__ import annotations

import time


def task(number):
    time.sleep(0.01)
    return number + 1


def inputs():
    return list(range(20))


def total(chunks):
    import dask.array as da  # noqa: PLC0415 - only where it is asked for

    return da.ones((2000,), chunks=chunks or 100).sum()
