"""The groups that have chunks to choose from, with all that was measured of them, found once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from harness.core.records import RunInfo
from harness.reading.analysis.by_group import Key, run_info
from harness.reading.analysis.crossover.grid import (
    WITHOUT_WORK,
    Grid,
    GroupCases,
    grid,
    groups_of_cases,
    is_swept,
)
from harness.reading.analysis.verdict.case_priors import priors_of_cases
from harness.reading.analysis.verdict.costs import SERIAL
from harness.reading.analysis.verdict.grouped_rounds import GroupedRounds, RoundColumns, ok_rounds


class Swept(NamedTuple):
    """One group: its cases, its rounds with a result, its grid and its run line."""

    cases: GroupCases
    ok: RoundColumns
    grid: Grid
    info: RunInfo

    @property
    def has_work(self) -> bool:
        """Whether its workload is no control: without work there is no efficiency."""
        return self.cases.every[0]["workload"] not in WITHOUT_WORK

    @property
    def is_scheduled(self) -> bool:
        """Whether it has work, and a scheduler to share it out."""
        return self.has_work and self.cases.every[0]["executor"] not in SERIAL


class SweptGroups(NamedTuple):
    """All groups that have chunks to choose from.

    Attributes
    ----------
    rounds : GroupedRounds
        Those with a result of all cases, also of those that are in none of the groups.
    groups : mapping of tuple to Swept
        By ``keys.GROUP``, in the order of their first case.
    """

    rounds: GroupedRounds
    groups: Mapping[Key, Swept]


def swept_groups(
    cases: pd.DataFrame,
    pairs: pd.DataFrame,
    runs: Mapping[str, RunInfo],
    rounds: GroupedRounds | None = None,
) -> SweptGroups:
    """Find the groups with several chunk sizes, of which at least one cuts the problem.

    Parameters
    ----------
    cases : DataFrame
        Obeys ``schema.CASES``.
    pairs : DataFrame
        Obeys ``schema.PAIRS``; the rounds behind *cases*.
    runs : mapping of str to RunInfo
        Run lines: level and looks.
    rounds : GroupedRounds, optional
        Those of *pairs*, where they are grouped already.

    Raises
    ------
    InputError
        Where a run line is missing, its looks are not known, or a pair marked ok has no time.
    """
    rounds = rounds or ok_rounds(pairs)
    priors = priors_of_cases(rounds, runs)
    groups = {}
    for key, group in groups_of_cases(cases).items():
        info = run_info(runs, key[0])
        if key in rounds.groups and is_swept(group.measured):
            ok = rounds.of_group(key)
            groups[key] = Swept(group, ok, grid(group, ok, info, priors[key]), info)
    return SweptGroups(rounds, groups)
