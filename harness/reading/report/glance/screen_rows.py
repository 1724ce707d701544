"""The rows of years of nights that the first screen is made of: those of the runs that it shows.

A few columns of all rows say which runs these are; all columns are read of them alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import pandas as pd

from harness.core.records import Status
from harness.core.work_families import family_of
from harness.reading.analysis.crossover.work import BEST
from harness.reading.analysis.keys import SET_UP
from harness.reading.analysis.models.empty import EMPTY
from harness.reading.analysis.own_python import WHERE, without_others
from harness.reading.report.formats.parquet_tables import frame_of
from harness.reading.report.glance.at_a_glance import DECIDED, NO_PROMISE

_OF_CASE = ["run", "workload", "size", *SET_UP]
_OF_FAMILY = ["run", "family", *SET_UP]
_PLACE = ["machine", "run", "profile"]
_OF_CASES = [
    *(*_PLACE, "workload", "size", *SET_UP, "status", "paired", "oversubscribed"),
    *(*WHERE, "n_tasks", "seconds"),
]


class ScreenRows(NamedTuple):
    """What the first screen needs of the tables.

    Attributes
    ----------
    tables : dict of str to DataFrame
        ``cases``, ``break_even`` and ``break_even_work``: of them the rows of some runs.
    runs : dict of str to tuple of str
        All runs of each machine that speak for it, rising.
    unpaired : int
        Rows of ``cases`` that are timings of others, without a verdict.
    """

    tables: Mapping[str, pd.DataFrame]
    runs: Mapping[str, tuple[str, ...]]
    unpaired: int


def screen_rows(tables: Mapping[str, pd.DataFrame]) -> ScreenRows:
    """Choose the rows of the runs of which the first screen says anything.

    These are of each workload and executor the newest run that
    :func:`~harness.reading.report.glance.at_a_glance.glances` shows, and of a single machine, of
    which more is shown, also those that say otherwise.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        As in the schema.
    """
    cases = frame_of(tables, "cases", _OF_CASES)
    spoken = without_others(cases)
    spoken = spoken[spoken["profile"].notna()]
    by_machine = spoken.groupby("machine")["run"].unique()
    runs = {str(name): tuple(sorted(map(str, of))) for name, of in by_machine.items()}
    crowded = spoken.loc[spoken["oversubscribed"].eq(True).fillna(False), _OF_CASE]
    wanted = {*_newest(spoken[_tell_a_cost(spoken)], ["machine", "executor"])}
    for edges, name in _edges(tables, crowded, {run for of in runs.values() for run in of}):
        wanted |= {*_newest(edges, ["machine", name, "executor"])}
        if len(runs) == 1:
            wanted |= {*_disagreeing(edges, name)}
    names = ("cases", "break_even", "break_even_work")
    rows = {name: frame_of(tables, name, runs=wanted) for name in names}
    without_pair = ~cases["paired"].fillna(False).astype(bool)
    # A case of ours that was skipped or failed has no pair either: it has a profile.
    unpaired = int((without_pair & cases["profile"].isna()).sum())
    return ScreenRows(rows, runs, unpaired)


def _tell_a_cost(cases: pd.DataFrame) -> pd.Series[bool]:
    """Whether a case is one that may say what an empty task costs."""
    tells = (
        cases["workload"].eq(EMPTY)
        & cases["status"].eq(Status.OK)
        & cases["workers"].gt(1)
        & ~cases["oversubscribed"].eq(True).fillna(False)
        & cases["n_tasks"].notna()
        & cases["seconds"].notna()
    )
    return tells.fillna(False).astype(bool)


def _edges(
    tables: Mapping[str, pd.DataFrame], crowded: pd.DataFrame, runs: set[str]
) -> Iterator[tuple[pd.DataFrame, str]]:
    """What may be shown of chunks, and of work: rows with ``pays``, and the column that names the
    workload."""
    columns = [*_PLACE, *SET_UP, "status"]
    small = frame_of(tables, "break_even", [*columns, "workload", "size", "side", "bracket_high"])
    small = small[small["side"].eq("small") & small["workload"].ne(EMPTY)]
    yield _parallel(small, crowded, _OF_CASE, runs, "bracket_high"), "workload"
    work = frame_of(tables, "break_even_work", [*columns, "family", "chunks", "bracket_high_us"])
    work = work[work["chunks"].eq(BEST)]
    families = {name: family_of(str(name))[0] for name in crowded["workload"].unique()}
    of_family = crowded.assign(
        family=pd.Series(crowded["workload"].map(families), dtype=work["family"].dtype)
    )
    yield _parallel(work, of_family, _OF_FAMILY, runs, "bracket_high_us"), "family"


def _parallel(
    edges: pd.DataFrame, crowded: pd.DataFrame, keys: list[str], runs: set[str], end: str
) -> pd.DataFrame:
    edges = edges[edges["workers"].gt(1) & edges["run"].isin(runs)]
    among = edges.merge(crowded[keys].drop_duplicates(), "left", on=keys, indicator="crowded")
    alone = among[among["crowded"].eq("left_only")]
    known = alone["status"].map(DECIDED).astype("boolean")
    return alone.assign(pays=known.mask(known.isna() & alone[end].notna(), True))


def _in_rank(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows in the order in which they are shown rather."""
    promises = ~rows["profile"].isin(NO_PROMISE)
    return rows.assign(promises=promises).sort_values(["promises", "run"], kind="stable")


def _newest(rows: pd.DataFrame, keys: list[str]) -> Iterator[str]:
    yield from map(str, _in_rank(rows).drop_duplicates(keys, keep="last")["run"])


def _disagreeing(edges: pd.DataFrame, name: str) -> Iterator[str]:
    """The runs that say the contrary of the newest with the same size and set-up."""
    keys = [*([name, "size"] if "size" in edges else [name]), *SET_UP]
    ranked = _in_rank(edges)
    shown = ranked.drop_duplicates(keys, keep="last")[[*keys, "pays"]]
    both = ranked.drop(columns="pays").assign(pays_here=ranked["pays"]).merge(shown, on=keys)
    contrary = both["pays"].ne(both["pays_here"]).fillna(False).astype(bool)
    yield from map(str, both.loc[contrary, "run"])
