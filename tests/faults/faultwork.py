"""A work of somebody: what ``try`` and ``advise`` measure here."""

from __future__ import annotations

import time


def task(number):
    time.sleep(0.01)
    return number + 1


def inputs():
    return list(range(20))


def total(array):
    return array.sum()
