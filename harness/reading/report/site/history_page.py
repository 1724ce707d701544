"""The page of history: every figure run after run, one file a machine, workload and figure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from harness.core import units
from harness.reading.report.shown.cells import absent, estimate, interval, number, text
from harness.reading.report.shown.section import Section
from harness.reading.report.site.changed_then import ChangedThen, Followed, changed_then, turned
from harness.reading.report.site.files import unique_slugs, write_data
from harness.reading.report.site.level_changes import (
    SHOWN,
    ChartPlace,
    Lists,
    ToldChange,
    level_changes,
    spark,
)
from harness.reading.report.site.source import SERIES, SiteTables
from harness.reading.report.site.words import setup_words

POINTS = 120
"""At most this many runs of a series are drawn; runs at a change, and the newest, always are."""

CHANGES = 200
"""At most this many changes are listed, newest first."""

MOMENTS = 100
"""At most this many moments at which figures changed have a page, the newest."""

_SERIES = ["suite", "profile", *SERIES[1:]]
_USED = (
    "machine",
    "suite",
    "profile",
    *SERIES,
    "t",
    "run",
    "commit",
    "rounds",
    "segment",
    "segment_runs",
    "change",
    "linked_versions",
    "reason",
    *(f"{name}{end}" for name in ("value", "level", "ratio") for end in ("", "_low", "_high")),
)

IN_SHORT = 6
"""At most this many changes are told on the first page."""


@dataclass
class WrittenHistory:
    """What the page loads and lists: files that were written, and changes of level in them.

    Attributes
    ----------
    files : list of dict
        Of each file its machine, workload, figure with its title, and path, and how many of its
        cases got worse and better.
    places : dict
        A row of *changes* to where it is drawn.
    changes : list of tuple of str
        One a change, as the columns of :attr:`sections` say.
    followed : list of Followed
        Every series, for the pages of single moments.
    """

    files: list[dict[str, Any]] = field(default_factory=list)
    places: dict[tuple[str, ...], ChartPlace] = field(default_factory=dict)
    changes: list[tuple[str, ...]] = field(default_factory=list)
    followed: list[Followed] = field(default_factory=list)
    runs: int = 0
    thinned: int = 0
    searched: bool = False

    @property
    def n_changes(self) -> int:
        """How many changes were found."""
        return len(self.changes)

    @property
    def sections(self) -> list[Section]:
        """The changes of level as tables, newest first: those for the worse, then the others."""
        newest = sorted(self.changes, reverse=True)[:CHANGES]
        return turned(newest, ", newest first")

    @property
    def moments(self) -> list[ChangedThen]:
        """What changed at each moment, the newest first, at most :data:`MOMENTS` of them."""
        return changed_then(self.changes, self.places)[:MOMENTS]

    def place(self, row: tuple[str, ...]) -> ChartPlace | None:
        """Where the change of *row* is drawn."""
        return self.places.get(row)

    def newest_changes(self) -> list[ToldChange]:
        """The newest changes in short: those for the worse first, the largest of them on top."""
        newest = sorted(self.changes, reverse=True)[:IN_SHORT]
        told = map(ToldChange.of, newest)
        return sorted(told, key=lambda change: (not change.worse, -change.size))


def write_history(source: SiteTables, out: Path) -> WrittenHistory:
    """Write the history of every machine below *out*: what is drawn, and all of it as Parquet."""
    history = WrittenHistory()
    machines = unique_slugs(source.machines)
    for machine in source.machines:
        frame = source.history(machine)
        frame = frame[frame["figure"].isin(list(SHOWN))]
        if frame["run"].nunique() < 2:
            continue
        history.runs = max(history.runs, frame["run"].nunique())
        workloads = unique_slugs(sorted(str(name) for name in frame["workload"].unique()))
        for workload, rows in frame.groupby("workload", sort=True):
            place = f"history/{machines[machine]}-{workloads[str(workload)]}"
            path = out / "tables" / f"{place}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            rows.to_parquet(path, index=False)
            for figure, of_figure in sorted(_by_figure(rows).items()):
                name = f"{place}-{figure}"
                content = _all_series(of_figure, figure, name, history)
                if not content["series"]:
                    continue
                write_data(out, name, content)
                history.files.append(
                    {
                        "machine": machine,
                        "workload": str(workload),
                        "figure": figure,
                        "title": SHOWN[figure][0].partition(" (")[0],
                        "file": f"data/{name}.js",
                        "name": name,
                        "table": f"tables/{place}.parquet",
                        **{
                            turn: sum(series["turn"] == turn for series in content["series"])
                            for turn in ("worse", "better")
                        },
                    }
                )
    return history


def _by_figure(rows: pd.DataFrame) -> dict[str, list[Lists]]:
    """Part the rows of a workload into the series of each figure, each by time.

    Over plain lists: a year of nights has millions of rows, and as many slices of a frame would
    cost minutes.
    """
    rows = rows[rows["value"].notna() & rows["t"].notna()]
    codes = rows.groupby(["figure", *_SERIES], dropna=False, sort=True).ngroup()
    rows = rows.assign(code=codes).sort_values(["code", "t", "run"], kind="stable")
    columns = {name: rows[name].tolist() for name in _USED if name in rows}
    figures = rows["figure"].tolist()
    edges = np.flatnonzero(np.diff(rows["code"].to_numpy())) + 1
    found: dict[str, list[Lists]] = {}
    for start, end in pairwise([0, *edges.tolist(), len(rows)]):
        if start < end:
            series = {name: values[start:end] for name, values in columns.items()}
            found.setdefault(figures[start], []).append(series)
    return found


def _all_series(
    found: list[Lists], figure: str, name: str, history: WrittenHistory
) -> dict[str, Any]:
    """Collect the series of one figure, and the runs that they name by number."""
    runs = sorted({run for rows in found for run in rows["run"]})
    numbers = {run: number for number, run in enumerate(runs)}
    several = [rows for rows in found if len(rows["t"]) > 1]
    series = [_series(rows, figure, numbers, history) for rows in several]
    for place, (rows, drawn) in enumerate(zip(several, series, strict=True)):
        changes = list(level_changes(rows, figure))
        drawn["changes"] = [[rows["t"][change.at], change.words] for change in changes]
        drawn["turn"] = changes[-1].turn if changes else ""
        for change in changes:
            history.changes.append(change.row)
            small = spark(drawn["points"], rows["t"][change.at])
            history.places[change.row] = ChartPlace(
                name, place, *small, change.before, change.after, change.moment
            )
        history.followed.append(Followed.of(rows, figure, (name, place)))
    return {"title": SHOWN[figure][0], "runs": runs, "series": series}


def _series(
    rows: Lists, figure: str, numbers: dict[str, int], history: WrittenHistory
) -> dict[str, Any]:
    _, show, scale = SHOWN[figure]
    n = len(rows["t"])
    drawn = thinned(
        n, [at for at, change in enumerate(rows.get("change", [])) if not absent(change)]
    )
    history.thinned += len(drawn) < n
    newest = _row(rows, n - 1)
    series: dict[str, Any] = {
        "label": setup_words(newest) + f", {text(newest['suite'])}, {text(newest['profile'])}",
        "n": n,
        "points": [_point(rows, at, show, scale, numbers) for at in drawn],
        "levels": [],
        "reason": "",
    }
    if "level" in rows:
        history.searched = True
        series["levels"] = list(_levels(rows, show, scale))
        series["reason"] = "" if absent(newest["reason"]) else f"{text(newest['reason'])}."
    return series


def _point(rows: Lists, at: int, show: Any, scale: float, numbers: dict[str, int]) -> list[Any]:
    """List time, value and interval, the same in words, rounds, and the run by number."""
    value, low, high = ends = tuple(rows[f"value{end}"][at] for end in ("", "_low", "_high"))
    plain = (None if absent(end) else float(f"{end * scale:.4g}") for end in ends)
    words = interval((value, low, high), show, scale)
    rounds = number(rows["rounds"][at], units.count)
    return [rows["t"][at], *plain, words, rounds, numbers[rows["run"][at]]]


def thinned(n: int, changes: list[int]) -> list[int]:
    """Choose which of *n* rows are drawn, by position; no row is made up.

    They are every k-th, so that there are at most :data:`POINTS`, the newest, and all *changes*.
    """
    step = -(-n // POINTS)
    return sorted({*range(n - 1, -1, -step), *changes})


def _row(rows: Lists, at: int) -> dict[str, Any]:
    return {name: values[at] for name, values in rows.items()}


def _levels(rows: Lists, show: Any, scale: float) -> Iterator[list[Any]]:
    """List begin, end, level and words of each stretch between changes."""
    stretches: dict[int, list[int]] = {}
    for at, segment in enumerate(rows["segment"]):
        if not absent(segment):
            stretches.setdefault(int(segment), []).append(at)
    for places in stretches.values():
        first = _row(rows, places[0])
        words = estimate(first, "level", show, scale)
        what = f"level {words}, {number(first['segment_runs'], units.count)} runs"
        yield [text(first["t"]), text(rows["t"][places[-1]]), float(first["level"]) * scale, what]
