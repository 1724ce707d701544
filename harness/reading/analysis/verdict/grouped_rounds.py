"""The rounds with a result of all cases, grouped once, as arrays that analyses take parts of.

To slice a data frame costs a hundred times as much as to slice an array, and there are as many
cases as a sweep has points. So the frame is parted here, once, and a part is a view.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from harness.reading.analysis.by_group import Key, group_numbers
from harness.reading.analysis.estimate_columns import floats
from harness.reading.analysis.keys import CASE, GROUP
from harness.reading.analysis.verdict.estimates import Floats
from harness.reading.analysis.verdict.ragged import places
from harness.reading.analysis.verdict.rounds import places_with_result


@dataclass(frozen=True)
class RoundColumns:
    """Columns of ``schema.PAIRS``, all of shape (rounds,); a number that is absent is NaN.

    Attributes
    ----------
    chunk : ndarray of int
    round, block, calls, serial_calls, n_tasks, peak_rss_bytes : ndarray of float
    parallel_seconds, serial_seconds, replay_seconds, calibration_ratio : ndarray of float
    purpose : ndarray of object
        A word, or ``None``.
    line : ndarray of int
        The place of the row of ``schema.PAIRS``.
    """

    chunk: NDArray[np.int64]
    round: Floats
    block: Floats
    calls: Floats
    serial_calls: Floats
    n_tasks: Floats
    peak_rss_bytes: Floats
    parallel_seconds: Floats
    serial_seconds: Floats
    replay_seconds: Floats
    calibration_ratio: Floats
    purpose: NDArray[np.object_]
    line: NDArray[np.int64]

    def __len__(self) -> int:
        return self.round.size

    def __getitem__(self, part: slice | NDArray[Any]) -> RoundColumns:
        """The rounds of *part*: a view for a slice, a copy for a mask or for places."""
        return RoundColumns(*(getattr(self, each.name)[part] for each in fields(self)))

    @property
    def log_ratio(self) -> Floats:
        """``d = log(T1/TP)`` of each round, NaN where there is no baseline."""
        return np.asarray(np.log(self.serial_seconds / self.parallel_seconds), dtype=np.float64)


@dataclass(frozen=True)
class GroupedRounds:
    """Rounds in the order of their group, case and number.

    Groups, and the cases of a group, stand in the order of their first row.

    Attributes
    ----------
    rounds : RoundColumns
    cases : dict of tuple to slice
        Values of ``keys.CASE`` to the place of the case's rounds.
    groups : dict of tuple to slice
        Values of ``keys.GROUP`` to the place of the group's rounds.
    """

    rounds: RoundColumns
    cases: dict[Key, slice]
    groups: dict[Key, slice]

    def of_case(self, key: Key) -> RoundColumns:
        """The rounds of one case by their number; none where it is not known."""
        return self.rounds[self.cases.get(key, slice(0))]

    @property
    def keys_in_order(self) -> list[Key]:
        """The keys of all cases in the order of their first row."""
        line = self.rounds.line
        return sorted(self.cases, key=lambda key: int(line[self.cases[key]].min()))

    def of_group(self, key: Key) -> RoundColumns:
        """The rounds of one group, case after case; none where it is not known."""
        return self.rounds[self.groups.get(key, slice(0))]


def ok_rounds(pairs: pd.DataFrame) -> GroupedRounds:
    """Group the rounds of *pairs* that have a result and were planned.

    They are those of :func:`harness.reading.analysis.verdict.rounds.with_result`.

    Parameters
    ----------
    pairs : DataFrame
        Rows of ``schema.PAIRS``.

    Raises
    ------
    InputError
        As ``with_result`` does.
    """
    place, code = places_with_result(pairs)
    start = np.flatnonzero(np.diff(code, prepend=-1))
    first = pairs[CASE].iloc[place[start]]
    case = np.flatnonzero(first.notna().all(axis=1).to_numpy(dtype=bool))
    group = group_numbers(first.iloc[case], GROUP)
    order = np.argsort(group, kind="stable")
    case, group = case[order], group[order]
    keys = list(zip(*(first[name].iloc[case].tolist() for name in CASE), strict=True))
    count = np.diff(start, append=code.size)[case]
    of_group = np.bincount(group, weights=count).astype(np.int64)
    groups = [keys[i][:-1] for i in np.flatnonzero(np.diff(group, prepend=-1))]
    return GroupedRounds(
        _rounds(pairs, place[places(start[case], count)[0]]),
        cases=dict(zip(keys, _slices(count), strict=True)),
        groups=dict(zip(groups, _slices(of_group), strict=True)),
    )


def ends_of(parts: Iterable[slice]) -> NDArray[np.int64]:
    """Where each of *parts* starts and stops, shape (parts, 2)."""
    return np.array([(part.start, part.stop) for part in parts], dtype=np.int64).reshape(-1, 2)


def _slices(count: NDArray[np.int64]) -> Iterator[slice]:
    """Slices one after the other, as long as *count* says."""
    stop = np.cumsum(count)
    return map(slice, (stop - count).tolist(), stop.tolist())


def _rounds(pairs: pd.DataFrame, place: NDArray[np.int64]) -> RoundColumns:
    code, words = pd.factorize(pairs["purpose"])
    purposes = np.array([*words, None], dtype=object)
    return RoundColumns(
        chunk=pairs["chunk"].to_numpy(dtype=np.int64, na_value=0)[place],
        purpose=purposes[code[place]],
        line=place,
        **{each.name: floats(pairs, each.name)[place] for each in fields(RoundColumns)[1:-2]},
    )
