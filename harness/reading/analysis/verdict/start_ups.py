"""What the start-ups of a group's engine have in common: costs, ceiling, layout."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from harness.reading.analysis.by_group import group_numbers
from harness.reading.analysis.estimate_columns import floats
from harness.reading.analysis.keys import GROUP
from harness.reading.analysis.verdict.ceilings import ceilings
from harness.reading.analysis.verdict.estimates import Floats
from harness.reading.analysis.verdict.ragged import Ints, Ragged, each, row_medians

SAME = ("native_threads", "cluster", "environment", "home", "nodes")
"""Columns that a case has only where all start-ups of its group agree."""

MEDIANS = ("startup_seconds", "first_call_seconds")
"""Columns that are medians over the start-ups of a group."""

CEILING = ("ceiling", "ceiling_low", "ceiling_high")
"""The columns of :func:`~harness.reading.analysis.verdict.ceilings.ceilings`, beside the reason."""


def start_up_facts(cases: pd.DataFrame, blocks: pd.DataFrame) -> dict[str, Any]:
    """What the start-ups of its group say of each case.

    Parameters
    ----------
    cases : DataFrame
        A row a case, with the columns of ``keys.GROUP``.
    blocks : DataFrame
        Obeys ``schema.BLOCKS``.

    Returns
    -------
    dict
        Column of ``schema.CASES`` to its values, shape (cases,); absent where no start-up of the
        group knows. Those of the ceiling are by
        :func:`~harness.reading.analysis.verdict.ceilings.ceilings`.
    """
    keys = [cases[GROUP], blocks[GROUP]] if len(blocks) else [cases[GROUP]]
    code = group_numbers(pd.concat(keys, ignore_index=True), GROUP)
    of_case, of_block = code[: len(cases)], code[len(cases) :]
    n = int(code.max(initial=-1)) + 1
    place = np.flatnonzero(of_block >= 0)
    group = of_block[place]
    facts: dict[str, Any] = {
        name: _medians(floats(blocks, name)[place], group, n)[of_case] for name in MEDIANS
    }
    S = ceilings(cases, blocks)
    facts |= dict(zip(CEILING, (S.point, S.low, S.high), strict=True))
    facts["ceiling_unknown"] = S.unknown
    starved = _shares(floats(blocks, "oversubscribed")[place], group, n)[of_case]
    facts["oversubscribed"] = np.where(starved > 0, 1.0, starved)
    for name in SAME:
        where = _same(blocks[name], place, group, n)[of_case]
        facts[name] = blocks[name].array.take(where, allow_fill=True)
    return facts


def _medians(values: Floats, group: Ints, n: int) -> Floats:
    known = np.flatnonzero(~np.isnan(values))
    known = known[np.argsort(group[known], kind="stable")]
    return each(Ragged(values[known], group[known], n), row_medians)


def _shares(true: Floats, group: Ints, n: int) -> Floats:
    """The share of 1 among the known values of each group; NaN where none is known."""
    known = ~np.isnan(true)
    count = np.bincount(group[known], minlength=n)
    with np.errstate(invalid="ignore"):
        return np.bincount(group[known], weights=true[known], minlength=n) / count


def _same(values: pd.Series[Any], place: Ints, group: Ints, n: int) -> Ints:
    """The place of a value that all start-ups of a group have; -1 where they differ."""
    code = pd.factorize(values)[0]
    last = np.full(n, -1, dtype=np.int64)
    last[group] = place
    differ = code[place] != code[last[group]]
    last[group[differ]] = -1
    return last
