"""Works that tests advise on; imported by the child processes only, under the name ``works``."""

from __future__ import annotations

import time

import dask
import dask.array as da
import dask.bag as db
import numpy as np


def mean(chunks="auto"):
    return da.random.random((100, 100), chunks=chunks).mean()


def mean_by_numpy():
    return np.random.default_rng(1).random((100, 100)).mean()


def bag(npartitions=4):
    return db.from_sequence(range(200), npartitions=npartitions).map(str).count()


def bag_of_own(npartitions=4):
    return db.from_sequence(range(2), npartitions=npartitions).map(_own)


def _own(item):
    return item + 1


def as_built():
    return dask.delayed(sum)([dask.delayed(abs)(-i) for i in range(6)])


def total(chunk):
    return (chunk * 2.0).sum()


def product(chunk, other):
    return (chunk * other).sum()


def several():
    return [1, 2, 3]


def nothing_back():
    return None


def asleep(npartitions=1):
    return db.from_sequence(range(4), npartitions=npartitions).map(_asleep)


def _asleep(_):
    time.sleep(60)


def number():
    return 7


def needs(size, chunks):
    return da.ones(size, chunks=chunks)


def stubborn(chunks="auto"):
    return da.ones(10_000, chunks=100).sum()


def broken(chunks="auto"):
    return da.ones(10_000, chunks=chunks).map_blocks(_fails, dtype=float)


def _fails(block):
    if block.size:  # not while Dask asks for the shape
        raise ValueError("no such number")
    return block


constant = 3
