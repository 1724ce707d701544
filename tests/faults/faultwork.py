"""A work of somebody: what ``try`` and ``advise`` measure here."""

from __future__ import annotations

import multiprocessing
import threading
import time


def task(number):
    time.sleep(0.01)
    return number + 1


def inputs():
    return list(range(20))


def hungry(number, grows):
    """Take all memory that there is where *grows*, as work does that was given too many workers."""
    taken = []
    while grows:
        taken.append(bytearray(b"x") * (64 << 20))
    return task(number)


def hungry_in_a_process(number):
    return hungry(number, multiprocessing.parent_process() is not None)


def hungry_in_a_thread(number):
    return hungry(number, threading.current_thread() is not threading.main_thread())


def arrays():
    """Of 2 MB each: joblib hands such ones over as files in shared memory."""
    import numpy as np  # noqa: PLC0415 - only where it is asked for

    return [np.full(1 << 18, number, float) for number in range(20)]


def joined():
    """The whole, as a program has it that uses joblib."""
    from joblib import Parallel, delayed  # noqa: PLC0415

    return sum(Parallel(n_jobs=2)(delayed(summed)(array) for array in arrays()))


def joined_plainly():
    return sum(map(summed, arrays()))


def summed(array):
    time.sleep(0.01)
    return float(array.sum())


def total(chunks):
    import dask.array as da  # noqa: PLC0415 - only where it is asked for

    return da.ones((2000,), chunks=chunks or 100).sum()
