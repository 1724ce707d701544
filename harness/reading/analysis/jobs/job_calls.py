"""What the pairs of a run spent in calls, case by case and for the jobs that measured them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from harness.core.records import Status
from harness.reading.analysis.by_group import Key, column_values, records
from harness.reading.analysis.estimate_columns import floats
from harness.reading.analysis.keys import CASE
from harness.reading.analysis.verdict.estimates import Floats


class Spent(NamedTuple):
    """What one job spent on one case.

    Attributes
    ----------
    case : tuple
        Values of ``keys.CASE``.
    rounds : int
        Pairs with a result.
    seconds, cpu_seconds : float
        Wall and CPU time in timed calls of those of which the CPU time is known.
    share : float
        Its part of the time that all pairs of the job spent in calls; 0 where that is not known.
    last_job : str or None
        Which job measured the last pair of the case.
    """

    case: Key
    rounds: int
    seconds: float
    cpu_seconds: float
    share: float
    last_job: str | None


class Calls(NamedTuple):
    """The pairs of one run, in their order.

    Attributes
    ----------
    cases : list of tuple
        Values of ``keys.CASE`` of each case.
    case : ndarray of int, shape (pairs,)
        Place in *cases*; -1 where a key is absent.
    block : ndarray of float, shape (pairs,)
        NaN where absent.
    job : ndarray of object, shape (pairs,)
        A word, or ``None``.
    ok : ndarray of bool, shape (pairs,)
        Whether there is a result.
    seconds, cpu_seconds, in_calls : ndarray of float, shape (pairs,)
        Wall and CPU time of the parallel calls, NaN where absent, and wall time of all calls.
    last_job : dict of int to str
        Place in *cases* to the job that measured the last pair.
    """

    cases: list[Key]
    case: NDArray[np.int64]
    block: Floats
    job: NDArray[np.object_]
    ok: NDArray[np.bool_]
    seconds: Floats
    cpu_seconds: Floats
    in_calls: Floats
    last_job: dict[int, str]

    def of_cases(self, mine: NDArray[np.bool_]) -> Iterator[Spent]:
        """What was spent on each case by the pairs *mine*, in the order of their first pair."""
        place = np.flatnonzero(mine)
        total = float(self.in_calls[place].sum())
        place = place[self.case[place] >= 0]
        code, found = pd.factorize(self.case[place])
        counted = self.ok[place] & ~np.isnan(self.cpu_seconds[place])
        rounds = np.bincount(code[self.ok[place]], minlength=found.size)
        seconds, cpu_seconds = (
            np.bincount(code[counted], each[place][counted], found.size)
            for each in (self.seconds, self.cpu_seconds)
        )
        spent = np.bincount(code, self.in_calls[place], found.size)
        for i, case in enumerate(found.tolist()):
            yield Spent(
                self.cases[case],
                int(rounds[i]),
                float(seconds[i]),
                float(cpu_seconds[i]),
                float(spent[i]) / total if total else 0.0,
                self.last_job.get(case),
            )


def calls_of_runs(pairs: pd.DataFrame) -> dict[str, Calls]:
    """What the pairs of each run spent in calls.

    Parameters
    ----------
    pairs : DataFrame
        Obeys ``schema.PAIRS``.
    """
    case = pairs.groupby(CASE, sort=False).ngroup().to_numpy(dtype=np.int64)
    known, first = np.unique(case, return_index=True)
    cases = [tuple(row.values()) for row in records(pairs[CASE].iloc[first[known >= 0]])]
    job = np.array([*column_values(pairs["job"]), None], dtype=object)[:-1]
    with_job = [place for place, name in enumerate(job) if name is not None]
    last_job = dict(zip(case[with_job].tolist(), job[with_job].tolist(), strict=True))
    ok = pairs["status"].eq(Status.OK).fillna(False).to_numpy(dtype=bool)
    calls, serial_calls = (_or(floats(pairs, name), 1.0) for name in ("calls", "serial_calls"))
    seconds = floats(pairs, "parallel_seconds") * calls
    cpu_seconds = floats(pairs, "parallel_cpu_seconds") * calls
    serial = floats(pairs, "serial_seconds") * serial_calls
    in_calls = _or(seconds, 0.0) + _or(serial, 0.0) + _or(floats(pairs, "replay_seconds"), 0.0)
    block, (run, names) = floats(pairs, "block"), pd.factorize(pairs["run"])
    return {
        str(name): Calls(
            cases,
            case[run == i],
            block[run == i],
            job[run == i],
            ok[run == i],
            seconds[run == i],
            cpu_seconds[run == i],
            in_calls[run == i],
            last_job,
        )
        for i, name in enumerate(names)
    }


def _or(values: Floats, absent: float) -> Floats:
    return np.where(np.isnan(values), absent, values)
