"""One moment of a history, a commit or a day: every figure that was measured then, and before."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.core import units
from harness.reading.report.shown.cells import ABSENT, text
from harness.reading.report.shown.section import Section
from harness.reading.report.site.level_changes import (
    SHOWN,
    ChartPlace,
    Lists,
    Moment,
    ToldChange,
)
from harness.reading.report.site.render import Pages
from harness.reading.report.site.words import setup_words

OTHERS = 100
"""At most this many figures whose level did not change are listed on the page of a moment."""

COLUMNS = (
    *("since", "machine", "workload", "executor", "figure", "became", "ratio"),
    "versions changed",
)
"""What a row of a change has, in this order."""


class Followed(NamedTuple):
    """A series as its moments need it: whose it is, where it is drawn, and its runs by time."""

    machine: str
    workload: str
    case: str
    figure: str
    place: tuple[str, int]
    days: NDArray[np.datetime64]
    commits: NDArray[np.object_]
    values: NDArray[np.float64]

    @classmethod
    def of(cls, rows: Lists, figure: str, place: tuple[str, int]) -> Followed:
        """From the columns of one series, by time, which *place* says the file and number of."""
        first = {name: values[0] for name, values in rows.items()}
        return cls(
            text(first["machine"]),
            text(first["workload"]),
            setup_words(first),
            figure,
            place,
            np.array([text(t)[:10] for t in rows["t"]], dtype="datetime64[D]"),
            np.array(rows.get("commit", [None] * len(rows["t"])), dtype=object),
            np.array(rows["value"], dtype=np.float64),
        )

    def around(self, moment: Moment) -> tuple[float, float] | None:
        """The value of the last run before *moment* and of the first one then."""
        there = self.commits == moment.commit if moment.commit else self.days == _day(moment)
        at = int(np.argmax(there))
        return (float(self.values[at - 1]), float(self.values[at])) if at else None


class ChangedThen(NamedTuple):
    """What changed at a moment: the rows for the worse and for the better, and beside what."""

    moment: Moment
    worse: int
    better: int
    rows: list[tuple[str, ...]]
    versions: list[str]

    @property
    def words(self) -> str:
        """One sentence: how many figures got worse and better, where, and what changed beside."""
        machines = ", ".join(sorted({row[1] for row in self.rows}))
        counts = [
            f"{units.plural(n, 'figure')} got {turn}"
            for n, turn in ((self.worse, "worse"), (self.better, "better"))
            if n
        ]
        beside = f" Beside them changed: {', '.join(self.versions)}." if self.versions else ""
        return f"{' and '.join(counts)}, on {machines}.{beside}"


def changed_then(
    changes: Iterable[tuple[str, ...]], places: Mapping[tuple[str, ...], ChartPlace]
) -> list[ChangedThen]:
    """Gather *changes* by the moment at which they were, the newest first."""
    gathered: dict[str, list[tuple[str, ...]]] = {}
    moments: dict[str, Moment] = {}
    for row in sorted(changes):
        moment = places[row].moment
        gathered.setdefault(moment.name, []).append(row)
        moments.setdefault(moment.name, moment)
    newest = sorted(moments.values(), key=lambda moment: (moment.day, moment.name), reverse=True)
    return [_then(moment, gathered[moment.name]) for moment in newest]


def _then(moment: Moment, rows: list[tuple[str, ...]]) -> ChangedThen:
    worse = sum(ToldChange.of(row).worse for row in rows)
    versions = sorted({part for row in rows for part in row[7].split(", ")} - {"none"})
    return ChangedThen(moment, worse, len(rows) - worse, rows, versions)


def turned(rows: Iterable[tuple[str, ...]], order: str) -> list[Section]:
    """Make a table of the changes for the worse and one of those for the better; *order* says in
    words how *rows* are ordered."""
    told = [(ToldChange.of(row).worse, row) for row in rows]
    parts = {turn: [row for worse, row in told if worse is (turn == "worse")] for turn in _TURNS}
    return [
        Section(f"Changes for the {turn}{order}", COLUMNS, part)
        for turn, part in parts.items()
        if part
    ]


_TURNS = ("worse", "better")


def write_moments(
    then: list[ChangedThen],
    places: Mapping[tuple[str, ...], ChartPlace],
    followed: list[Followed],
    pages: Pages,
    **common: Any,
) -> None:
    """Write a page for each moment: what changed then, and what else was measured."""
    for at, this in enumerate(then):
        largest = sorted(this.rows, key=lambda row: -ToldChange.of(row).size)
        moved = {(places[row].file, places[row].series) for row in this.rows}
        others = sorted(_others(followed, this.moment, moved), key=lambda one: -one[0])
        pages.write(
            f"changes/{this.moment.name}.html",
            "change",
            then=this,
            sections=turned(largest, ", largest first"),
            later=then[at - 1] if at else None,
            earlier=then[at + 1] if at + 1 < len(then) else None,
            others=[row for _, row in others[:OTHERS]],
            n_others=len(others),
            **common,
        )


def _others(
    followed: list[Followed], moment: Moment, moved: set[tuple[str, int]]
) -> Iterator[tuple[float, tuple[Any, ...]]]:
    """Yield each figure that was measured at *moment* and kept its level: how far it moved, and
    its row: where it is drawn, and cells."""
    for series in followed:
        values = None if series.place in moved else series.around(moment)
        if values is None:
            continue
        before, now = values
        title, show, scale = SHOWN[series.figure]
        ratio = now / before if before > 0 < now else None
        cells = (
            *(series.machine, series.workload, series.case, title.partition(" (")[0]),
            *(show(value * scale) for value in values),
            ABSENT if ratio is None else units.ratio(ratio),
        )
        yield (0.0 if ratio is None else abs(math.log(ratio))), (series.place, cells)


def _day(moment: Moment) -> np.datetime64:
    return np.datetime64(moment.day)
