"""Make one row a case: status, estimates with intervals, scope and verdict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from harness.core import schema
from harness.core.records import Estimate, RunInfo, Status
from harness.reading.analysis.by_group import group_numbers, run_info, to_table, typed
from harness.reading.analysis.estimate_columns import ENDS, floats
from harness.reading.analysis.keys import GROUP, RUN, SET_UP
from harness.reading.analysis.verdict.all_cores import against_all_cores
from harness.reading.analysis.verdict.case_estimates import CaseRounds, case_estimates
from harness.reading.analysis.verdict.case_lines import CaseLines, case_lines
from harness.reading.analysis.verdict.estimates import interval_rule, rounds_used
from harness.reading.analysis.verdict.grouped_rounds import GroupedRounds, ends_of, ok_rounds
from harness.reading.analysis.verdict.moderated import DEFAULT_PRIOR
from harness.reading.analysis.verdict.ragged import Ints, Rule
from harness.reading.analysis.verdict.start_ups import CEILING, MEDIANS, start_up_facts


def cases(
    pairs: pd.DataFrame,
    blocks: pd.DataFrame,
    runs: Mapping[str, RunInfo],
    rounds: GroupedRounds | None = None,
) -> pd.DataFrame:
    """Condense the rounds of every case of every run; runs are never pooled.

    The replicate is the round (rule 19). Point estimates are medians over the rounds used: all of
    a fixed number, or those up to the latest planned look (rule 18). A few rounds have geometric
    means instead and moderated intervals, which lean on how much the other cases of the set-up
    spread; ``interval`` says which rule was used. A case
    with any line that is not ``ok`` carries the status and reason of the first such line and no
    verdict; estimates of the rounds that it finished are kept, except for ``skipped``.

    Parameters
    ----------
    pairs : DataFrame
        Obeys ``schema.PAIRS``.
    blocks : DataFrame
        Obeys ``schema.BLOCKS``.
    runs : mapping of str to RunInfo
        The run line of every run in *pairs*.
    rounds : GroupedRounds, optional
        Those of *pairs*, where they are grouped already.

    Returns
    -------
    DataFrame
        Obeys ``schema.CASES``; one row per run and case, in order of first appearance.

    Raises
    ------
    InputError
        Where a run line is missing, its looks are not known, or a pair marked ok has no time.
    """
    grouped, lines = rounds or ok_rounds(pairs), case_lines(pairs)
    if not len(lines):
        return to_table("cases", [])
    rules, rule = _rules(lines.columns["run"], runs)
    known = start_up_facts(lines.columns, blocks)
    shown = ~lines.has_status(Status.SKIPPED)  # what was skipped has no numbers
    for name in (*MEDIANS, *CEILING):
        known[name] = np.where(shown, known[name], np.nan)
    known["ceiling_unknown"] = np.where(shown, known["ceiling_unknown"], None)
    ends = _ends(grouped, lines)
    count = ends[:, 1] - ends[:, 0]
    ok, measured = lines.has_status(Status.OK), np.flatnonzero(shown & (count > 0))
    part = CaseRounds(
        start=ends[measured, 0],
        count=count[measured],
        workers=floats(lines.columns, "workers")[measured],
        n_tasks=floats(lines.columns, "n_tasks")[measured],
        ceilings=tuple(known[name][measured] for name in CEILING),
        ceiling_unknown=known["ceiling_unknown"][measured],
        rule=rule[measured],
        set_up=group_numbers(lines.columns, [*RUN, *SET_UP])[measured],
        group=group_numbers(lines.columns, GROUP)[measured],
        ok=ok[measured],
        rules=rules,
    )
    found = case_estimates(grouped.rounds, part)
    known |= {name: _at(measured, values, len(lines)) for name, values in found.items()}
    for name in ("rounds", "blocks"):
        known[name] = np.where(shown & (count == 0), 0, known[name])
    usable = np.zeros_like(ends)
    judged = measured[part.ok & found["paired"]]
    usable[judged] = ends[judged]
    prior = np.where(np.isnan(known["prior"]), DEFAULT_PRIOR, known["prior"])
    known["verdict_vs_all_cores"] = against_all_cores(
        lines.columns, usable, grouped.rounds, rules, rule, prior
    )
    return _table(lines.columns, known)


def _ends(grouped: GroupedRounds, lines: CaseLines) -> Ints:
    """Where the rounds of each case start and stop, shape (cases, 2); 0 and 0 where it has none."""
    known = ends_of(grouped.cases.values())
    ends = np.zeros((len(lines), 2), dtype=np.int64)
    ends[lines.of_line[grouped.rounds.line[known[:, 0]]]] = known
    return ends


def _at(place: Ints, values: NDArray[Any], n: int) -> NDArray[Any]:
    """*values* at their *place* among *n*, with nothing at the others."""
    words = values.dtype == object
    spread: NDArray[Any] = np.full(n, None if words else np.nan, dtype=object if words else float)
    spread[place] = values
    return spread


def _table(lines: pd.DataFrame, known: Mapping[str, Any]) -> pd.DataFrame:
    columns = {
        name: typed(lines[name] if name in lines else known[name], dtype)
        for name, dtype in schema.dtypes("cases").items()
    }
    return pd.DataFrame(columns, copy=False)


def _rules(runs_of_cases: pd.Series[Any], runs: Mapping[str, RunInfo]) -> tuple[list[Rule], Ints]:
    """The rules by which cases are judged, and the number of its rule for each case."""
    code, names = pd.factorize(runs_of_cases)
    infos = (run_info(runs, str(name)) for name in names)
    of_run = [Rule(info.level, None if info.looks is None else tuple(info.looks)) for info in infos]
    number = {each: i for i, each in enumerate(dict.fromkeys(of_run))}
    return list(number), np.array([number[each] for each in of_run], dtype=np.int64)[code]


def estimate(row: Mapping[Any, Any] | pd.Series[Any], name: str, info: RunInfo) -> Estimate:
    """Read the estimate *name* from one row of the ``cases`` table.

    Parameters
    ----------
    row : mapping
        A row of ``schema.CASES``.
    name : str
        An estimate's column, e.g. ``speedup``.
    info : RunInfo
        The run line of the row's run: it knows the level and the looks, and so how many of the
        rounds were used. ``replay_seconds`` may rest on fewer, where not every round has one.
    """
    point, low, high = (_number(row[name + end]) for end in ENDS)
    n = 0 if point is None or pd.isna(row["rounds"]) else int(row["rounds"])
    n = rounds_used(n, info.looks)
    interval = None if low is None else interval_rule(n, info.looks)
    return Estimate(point=point, low=low, high=high, level=info.level, n=n, interval=interval)


def _number(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)
