"""What the lines of a case say of it before any time is looked at: names, status, chunks, jobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from harness.core import schema
from harness.core.records import NO_TIME, Status
from harness.reading.analysis.by_group import group_numbers
from harness.reading.analysis.keys import CASE, PROVENANCE
from harness.reading.analysis.verdict.ragged import Ints
from harness.reading.analysis.verdict.rounds import SEPARATE


@dataclass(frozen=True)
class CaseLines:
    """All cases, in the order of their first line.

    Attributes
    ----------
    columns : DataFrame, a row a case
        Provenance, keys, chunking, status, reason and job, as in ``schema.CASES`` but with the
        dtypes of the lines.
    of_line : ndarray of int, shape (pairs,)
        The number of the case of each line; -1 where it lacks a key.
    """

    columns: pd.DataFrame
    of_line: Ints

    def __len__(self) -> int:
        return len(self.columns)

    def has_status(self, status: Status) -> NDArray[np.bool_]:
        """Which cases have this *status*, shape (cases,)."""
        return self.columns["status"].eq(status).to_numpy(dtype=bool)


def case_lines(pairs: pd.DataFrame) -> CaseLines:
    """Read names, status and chunks of every case from its lines.

    Of a case that the plan refused and the sweep added later, only the lines that it added count.
    What was skipped for want of time and measured once the run went on has its rounds. The status
    and the reason are those of the first line that is not ``ok``; the jobs are those of
    all lines.

    Parameters
    ----------
    pairs : DataFrame
        Rows of ``schema.PAIRS``; those that lack a key belong to no case.
    """
    case = group_numbers(pairs, CASE)
    n = int(case.max(initial=-1)) + 1
    added = pairs["purpose"].eq(SEPARATE).fillna(False).to_numpy(dtype=bool) & (case >= 0)
    has_added = np.bincount(case[added], minlength=n) > 0
    kept = (case >= 0) & (added | ~np.append(has_added, False)[case])
    ok = kept & (pairs["status"] == Status.OK).to_numpy(dtype=bool)
    bad = kept & ~ok
    has_result = np.bincount(case[ok], minlength=n) > 0
    superseded = np.flatnonzero(bad & np.append(has_result, False)[case])
    reasons = pairs["reason"].iloc[superseded].astype("string").str.startswith(NO_TIME)
    bad[superseded[reasons.fillna(False).to_numpy(dtype=bool)]] = False
    place = {name: _first(case, kept, n) for name in (*PROVENANCE, *CASE)}
    for name in (column.name for column in schema.CHUNKING):
        place[name] = _first(case, kept & pairs[name].notna().to_numpy(dtype=bool), n)
    place |= dict.fromkeys(("status", "reason"), _first(case, bad, n))
    columns: dict[str, Any] = {
        name: pairs[name].array.take(rows, allow_fill=True) for name, rows in place.items()
    }
    columns["job"] = _jobs(pairs["job"], case, n)
    table = pd.DataFrame(columns, copy=False)
    return CaseLines(table.fillna({"status": Status.OK.value}), case)


def _first(case: Ints, wanted: NDArray[np.bool_], n: int) -> Ints:
    """The place of the first line of each of *n* cases that is *wanted*; -1 where none is."""
    backwards = np.flatnonzero(wanted)[::-1]
    first = np.full(n, -1, dtype=np.int64)
    first[case[backwards]] = backwards  # of several lines of a case the last written stays
    return first


def _jobs(job: pd.Series[Any], case: Ints, n: int) -> NDArray[np.object_]:
    """The jobs of each case, each of them once, in the order of its lines."""
    code, names = pd.factorize(job)
    known = np.flatnonzero((code >= 0) & (case >= 0))
    couple = case[known] * max(len(names), 1) + code[known]
    jobs = np.full(n, None, dtype=object)
    for line in known[np.sort(np.unique(couple, return_index=True)[1])].tolist():
        name, held = str(names[code[line]]), jobs[case[line]]
        jobs[case[line]] = name if held is None else f"{held}, {name}"
    return jobs
