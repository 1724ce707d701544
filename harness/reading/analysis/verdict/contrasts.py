"""Compare cases of one run with one another: practices, pins, threads or processes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from harness.core.records import RunInfo, Status, Verdict
from harness.reading.analysis.by_group import Key, Row, records, run_info, to_table
from harness.reading.analysis.estimate_columns import estimate_columns
from harness.reading.analysis.keys import CASE, PROVENANCE, RUN, SET_UP
from harness.reading.analysis.verdict.estimates import (
    MIN_ROUNDS,
    Floats,
    median_interval,
    rounds_used,
)
from harness.reading.analysis.verdict.grouped_rounds import GroupedRounds, ends_of, ok_rounds
from harness.reading.analysis.verdict.matched_rounds import log_differences
from harness.reading.analysis.verdict.moderated import DEFAULT_PRIOR
from harness.reading.analysis.verdict.p_values import sign_p
from harness.reading.analysis.verdict.scope import scope
from harness.reading.analysis.verdict.verdicts import judge

PRACTICE, PIN, THREADS_OR_PROCESSES = "practice", "pin", "threads or processes"
KINDS = (PRACTICE, PIN, THREADS_OR_PROCESSES)
"""In the order in which the tables have them, each over all runs."""
PRACTICES = (
    ("one-compute", "many-computes"),
    ("persisted", "recomputed"),
    ("made-in-workers", "passed-in-graph"),
    ("small-graph", "huge-graph"),
    ("reduced-on-workers", "moved-to-client"),
)
"""Each good practice, and its opposite."""

GRAIN = ("spin-task", "spin-task-nogil")
"""Workloads on which threads and processes are compared; the first holds the GIL."""

FASTER = {
    Verdict.PAYS: "faster",
    Verdict.OVERHEAD: "slower",
    Verdict.EQUAL: "equal",
    Verdict.UNDETERMINED: "undetermined",
}
"""The verdict on ``T_other/T``, in the words of a comparison of two cases."""

OF_CASE = [*dict.fromkeys((*PROVENANCE, *CASE)), "native_threads"]
OTHER = ("workload", "executor", "pin", "chunk", "native_threads")
"""What a row says of the case, and of that which it is compared with."""

_SET_UP_OF_RUN = [*RUN, *SET_UP]
_LAYOUT = [*_SET_UP_OF_RUN, "processes", "threads_per_process"]


def contrasts(
    cases: pd.DataFrame,
    pairs: pd.DataFrame,
    blocks: pd.DataFrame,
    runs: Mapping[str, RunInfo],
    rounds: GroupedRounds | None = None,
) -> pd.DataFrame:
    """Compare cases of the same run, round by round.

    Two cases with the same baseline have in each round a ``T1`` of their own beside them, so
    ``log(T1/TP_case) - log(T1/TP_other)`` is ``log(TP_other/TP_case)`` without the drift between
    the two. Rounds are matched by number; estimate, looks and verdict are those of a case (rules
    18 to 20), with the words of :data:`FASTER`.

    ``practice``
        A good practice against its opposite, same executor, workers, pin, chunk.
    ``pin``
        Each pin against pin ``1``, same workload, executor, workers, chunk.
    ``threads or processes``
        On the workloads of :data:`GRAIN`: each executor whose workers are threads of one process
        against each whose workers are processes of one thread, same workers and pin, each at its
        best chunk. What a start-up found, not an executor's name, says which it is. A best chunk
        is chosen by its own rounds, which flatters both sides alike.

    Parameters
    ----------
    cases, pairs, blocks : DataFrame
        Obey the schema; *cases* without the rows that were not paired, or with them.
    runs : mapping of str to RunInfo
        Run lines: level and looks.
    rounds : GroupedRounds, optional
        Those of *pairs*, where they are grouped already.

    Returns
    -------
    DataFrame
        Obeys ``schema.CONTRASTS``, ``sentence`` absent; ``ratio`` is ``TP_other/TP_case``: above 1
        the case is faster.

    Raises
    ------
    InputError
        Where a run line is missing, its looks are not known, or a pair marked ok has no time.
    """
    usable = cases["status"].eq(Status.OK) & cases["paired"].eq(True)
    good = cases.loc[usable.fillna(False).to_numpy(dtype=bool), OF_CASE]
    known = {tuple(case[name] for name in CASE): case for case in records(good)}
    grouped = rounds or ok_rounds(pairs)
    matched = [*_practices(known), *_pins(known), *_threads_or_processes(known, grouped, blocks)]
    return to_table("contrasts", list(_rows(matched, known, grouped, runs)))


def _practices(known: Mapping[Key, Any]) -> Iterator[tuple[str, Key, Key]]:
    opposite = dict(PRACTICES)
    for key in known:
        run, workload, *others = key
        other = (run, opposite.get(workload), *others)
        if other in known:
            yield PRACTICE, key, other


def _pins(known: Mapping[Key, Any]) -> Iterator[tuple[str, Key, Key]]:
    for key in known:
        *group, pin, chunk = key
        other = (*group, "1", chunk)
        if pin != "1" and other in known:
            yield PIN, key, other


def _threads_or_processes(
    known: Mapping[Key, Row], grouped: GroupedRounds, blocks: pd.DataFrame
) -> Iterator[tuple[str, Key, Key]]:
    best: dict[Key, tuple[float, Key]] = {}
    for key in (key for key in grouped.keys_in_order if key in known and key[1] in GRAIN):
        d = grouped.of_case(key).log_ratio
        if d.size >= MIN_ROUNDS:
            found = (float(np.nanmedian(d)), key)
            best[key[:-1]] = max(best.get(key[:-1], (-np.inf, key)), found)
    kinds = _kinds(blocks)
    for (mine, (_, case)), (theirs, (_, other)) in product(best.items(), repeat=2):
        run, workload, size, executor, workers, pin = mine
        same = theirs == (run, workload, size, theirs[3], workers, pin)
        sides = (
            kinds.get((run, executor, workers, pin)),
            kinds.get((run, theirs[3], workers, pin)),
        )
        if same and sides == ("threads", "processes"):
            yield THREADS_OR_PROCESSES, case, other


def _kinds(blocks: pd.DataFrame) -> dict[Key, str]:
    """Whether the workers of each set-up are threads or processes; a set-up with one worker, or
    with several threads in several processes, is left out."""
    kinds: dict[Key, str] = {}
    for row in records(blocks[_LAYOUT].drop_duplicates(_SET_UP_OF_RUN)):
        layout = (row["processes"], row["threads_per_process"])
        if None in layout or 1 not in layout or layout == (1, 1):
            continue
        kinds[tuple(row[name] for name in _SET_UP_OF_RUN)] = (
            "threads" if layout[0] == 1 else "processes"
        )
    return kinds


def _rows(
    matched: Sequence[tuple[str, Key, Key]],
    known: Mapping[Key, Row],
    grouped: GroupedRounds,
    runs: Mapping[str, RunInfo],
) -> Iterator[Row]:
    mine = ends_of(grouped.cases[case] for _, case, _ in matched)
    theirs = ends_of(grouped.cases[other] for _, _, other in matched)
    d, place = log_differences(grouped.rounds, mine, theirs)
    values = np.split(d.values, np.cumsum(d.count)[:-1])
    blocks = np.split(grouped.rounds.block[place], np.cumsum(d.count)[:-1])
    for (kind, case, other), each, block in zip(matched, values, blocks, strict=False):
        info = run_info(runs, str(case[0]))
        used = rounds_used(each.size, info.looks)
        yield {
            **known[case],
            **{f"other_{name}": known[other][name] for name in OTHER},
            "kind": kind,
            **_judged(each[:used], block[:used], info),
        }


def _judged(d: Floats, block: Floats, info: RunInfo) -> Row:
    verdict = judge(d, info.level, info.looks)
    ratio = median_interval(d, info.level, info.looks, DEFAULT_PRIOR)
    return {
        "rounds": d.size,
        "blocks": np.unique(block[~np.isnan(block)]).size,
        **estimate_columns("ratio", ratio, np.exp),
        "verdict": FASTER[verdict],
        "p": sign_p(d, info.looks) if d.size else None,
        "scope": scope(d, block, verdict, info.level)[0],
    }
