"""The page of history: every figure run after run, one file a machine, workload and figure."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from harness.core import units
from harness.reading.report.shown.cells import ABSENT, absent, estimate, interval, number, text
from harness.reading.report.shown.section import Section
from harness.reading.report.site.files import unique_slugs, write_data
from harness.reading.report.site.source import SERIES, SiteTables
from harness.reading.report.site.words import setup_words

POINTS = 120
"""At most this many runs of a series are drawn; runs at a change, and the newest, always are."""

CHANGES = 200
"""At most this many changes are listed, newest first."""

SHOWN: dict[str, tuple[str, Any, float]] = {
    "speedup": ("speed-up over the baseline", units.ratio, 1.0),
    "seconds": ("time of one call (s)", units.seconds, 1.0),
    "overhead_us_per_task": ("overhead per task (s)", units.seconds, 1e-6),
    "break_even": ("break-even chunk (elements)", units.count, 1.0),
    "metg": ("METG (s)", units.seconds, 1.0),
}
"""Figure to its title, format and scale."""

_SERIES = ["suite", "profile", *SERIES[1:]]
_USED = (
    "machine",
    "suite",
    "profile",
    *SERIES,
    "t",
    "run",
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

HIGHER_IS_BETTER = frozenset({"speedup"})
"""Of all figures the ones that are better the higher they are."""

Lists = dict[str, list[Any]]
"""Columns of a table as plain lists of one length."""


class ToldChange(NamedTuple):
    """A change of level in short: whether it is for the worse, what it is, and how large."""

    worse: bool
    words: str
    size: float

    @classmethod
    def of(cls, row: tuple[str, ...]) -> ToldChange:
        """From a row of :attr:`WrittenHistory.section`."""
        since, machine, workload, executor, figure, became, ratio, versions = row
        worse = (became == "higher") is not (figure in HIGHER_IS_BETTER)
        title = SHOWN[figure][0].partition(" (")[0]
        changed = "" if versions == "none" else f"; changed: {versions}"
        return cls(
            worse,
            f"{workload} on {executor}, {machine}: {title} is {ratio} times what it was, since "
            f"{since}{changed}",
            _size(ratio),
        )


def _size(ratio: str) -> float:
    """How far a ratio that is shown as ``"1.40 [1.31, 1.52]"`` lies from 1, either way."""
    point = ratio.partition(" ")[0]
    return 0.0 if point in (ABSENT, "0") else abs(math.log(float(point)))


@dataclass
class WrittenHistory:
    """What the page loads and lists: files that were written, and changes of level in them."""

    files: list[dict[str, str]] = field(default_factory=list)
    changes: list[tuple[str, ...]] = field(default_factory=list)
    n_changes: int = 0
    runs: int = 0
    thinned: int = 0
    searched: bool = False

    @property
    def sections(self) -> list[Section]:
        """The changes of level as tables, newest first: those for the worse, then the others."""
        newest = sorted(self.changes, reverse=True)[:CHANGES]
        worse = [row for row in newest if ToldChange.of(row).worse]
        better = [row for row in newest if not ToldChange.of(row).worse]
        columns = (
            "since",
            "machine",
            "workload",
            "executor",
            "figure",
            "became",
            "ratio",
            "versions changed",
        )
        titles = ("Changes for the worse, newest first", "Changes for the better, newest first")
        return [
            Section(title, columns, rows) for title, rows in zip(titles, (worse, better)) if rows
        ]

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
                content = _all_series(of_figure, figure, history)
                if not content["series"]:
                    continue
                name = f"{place}-{figure}"
                write_data(out, name, content)
                history.files.append(
                    {
                        "machine": machine,
                        "workload": str(workload),
                        "figure": figure,
                        "file": f"data/{name}.js",
                        "name": name,
                        "table": f"tables/{place}.parquet",
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


def _all_series(found: list[Lists], figure: str, history: WrittenHistory) -> dict[str, Any]:
    """Collect the series of one figure, and the runs that they name by number."""
    runs = sorted({run for rows in found for run in rows["run"]})
    numbers = {run: number for number, run in enumerate(runs)}
    series = [_series(rows, figure, numbers, history) for rows in found if len(rows["t"]) > 1]
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
        "changes": [],
        "reason": "",
    }
    if "level" in rows:
        history.searched = True
        series["levels"] = list(_levels(rows, show, scale))
        series["changes"] = list(_changes(rows, figure, history))
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


def _changes(rows: Lists, figure: str, history: WrittenHistory) -> Iterator[list[str]]:
    for at, change in enumerate(rows["change"]):
        if absent(change):
            continue
        row = _row(rows, at)
        ratio = estimate(row, "ratio", units.ratio)
        linked = row.get("linked_versions")
        versions = "" if absent(linked) else text(linked)
        became = text(row["change"])
        history.changes.append(
            (
                text(row["t"])[:16].replace("T", " "),
                text(row["machine"]),
                text(row["workload"]),
                setup_words(row),
                figure,
                became,
                ratio,
                versions or "none",
            )
        )
        history.n_changes += 1
        what = f"{became}: {ratio} times the level before"
        yield [text(row["t"]), what + (f"; changed: {versions}" if versions else "")]
