"""The page of history: every figure run after run, one file a machine, workload and figure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from harness import units
from harness.report.cells import Row, absent, estimate, number, text
from harness.report.section import Section, records
from harness.report.site.files import unique_slugs, write_data
from harness.report.site.source import SERIES, Source
from harness.report.site.words import setup_words, value

POINTS = 120
"""At most this many runs of a series are drawn; runs at a change, and the newest, always are."""

CHANGES = 200
"""At most this many changes are listed, newest first."""

SHOWN: dict[str, tuple[str, Any, float]] = {
    "speedup": ("T1/TP: times as fast as the baseline", units.ratio, 1.0),
    "seconds": ("time of one call (s)", units.seconds, 1.0),
    "overhead_us_per_task": ("overhead per task (s)", units.seconds, 1e-6),
    "break_even": ("break-even chunk (elements)", units.count, 1.0),
    "metg": ("METG (s)", units.seconds, 1.0),
}
"""Figure to its title, format and scale."""

_SERIES = ["suite", "profile", *SERIES[1:]]


@dataclass
class History:
    """What was written, for the page: files to load, and the changes that were found."""

    files: list[dict[str, str]] = field(default_factory=list)
    changes: list[tuple[str, ...]] = field(default_factory=list)
    n_changes: int = 0
    runs: int = 0
    thinned: int = 0
    searched: bool = False

    @property
    def section(self) -> Section:
        """The changes as a table, newest first."""
        columns = ("since", "machine", "workload", "executor", "figure", "became", "ratio",
                   "versions changed")  # fmt: skip
        rows = sorted(self.changes, reverse=True)[:CHANGES]
        return Section("Changes found, newest first", columns, rows)


def write_history(source: Source, out: Path) -> History:
    """Write every machine's history below *out*, and a Parquet file of all of it for each machine
    and workload."""
    history = History()
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
            for figure, mine in rows.groupby("figure", sort=True):
                found = list(_all_series(mine, str(figure), history))
                if not found:
                    continue
                name = f"{place}-{figure}"
                write_data(out, name, {"title": SHOWN[str(figure)][0], "series": found})
                history.files.append(
                    {
                        "machine": machine, "workload": str(workload), "figure": str(figure),
                        "file": f"data/{name}.js", "name": name, "table": f"tables/{place}.parquet",
                    }
                )  # fmt: skip
    return history


def _all_series(frame: pd.DataFrame, figure: str, history: History) -> Iterator[dict[str, Any]]:
    frame = frame[frame["value"].notna() & frame["t"].notna()].sort_values("t", kind="stable")
    if "change" in frame:
        history.searched = True
    for _, rows in frame.groupby(_SERIES, dropna=False, sort=True):
        if len(rows) > 1:
            yield _series(rows, figure, history)


def _series(rows: pd.DataFrame, figure: str, history: History) -> dict[str, Any]:
    _, show, scale = SHOWN[figure]
    keep = thinned(rows)
    history.thinned += len(rows) > len(keep)
    drawn = records(keep)
    one = drawn[-1]
    found = {
        "label": setup_words(one) + f", {text(one['suite'])}, {text(one['profile'])}",
        "executor": text(one["executor"]),
        "n": len(rows),
        "points": [
            [
                text(row["t"]), *_scaled(row, "value", scale),
                estimate(row, "value", show, scale), number(row["rounds"], units.count),
                text(row["run"]),
            ]
            for row in drawn
        ],
        "levels": [],
        "changes": [],
    }  # fmt: skip
    if "level" in rows:
        found["levels"] = list(_levels(rows, show, scale))
        found["changes"] = list(_changes(rows, figure, history))
        reasons = rows["reason"].dropna().unique()
        found["reason"] = str(reasons[-1]) if len(reasons) else ""
    return found


def thinned(rows: pd.DataFrame) -> pd.DataFrame:
    """Every k-th of *rows*, so that at most :data:`POINTS` stay, and all at which a figure
    changed, and the newest; no row is made up."""
    step = -(-len(rows) // POINTS)
    if step == 1:
        return rows
    keep = np.zeros(len(rows), dtype=bool)
    keep[::-step] = True
    if "change" in rows:
        keep |= rows["change"].notna().to_numpy(dtype=bool)
    return rows[keep]


def _scaled(row: Row, name: str, scale: float) -> list[float | None]:
    ends = (value(row, f"{name}{end}") for end in ("", "_low", "_high"))
    return [None if one is None else float(f"{one * scale:.4g}") for one in ends]


def _levels(rows: pd.DataFrame, show: Any, scale: float) -> Iterator[list[Any]]:
    for _, part in rows[rows["level"].notna()].groupby("segment", sort=True):
        first = records(part.iloc[[0]])[0]
        said = estimate(first, "level", show, scale)
        what = f"level {said}, {number(first['segment_runs'], units.count)} runs"
        yield [text(first["t"]), text(part["t"].iloc[-1]), float(first["level"]) * scale, what]


def _changes(rows: pd.DataFrame, figure: str, history: History) -> Iterator[list[str]]:
    for row in records(rows[rows["change"].notna()]):
        ratio = estimate(row, "ratio", units.ratio)
        versions = "" if absent(row["versions_changed"]) else text(row["versions_changed"])
        became = text(row["change"])
        history.changes.append(
            (
                text(row["t"])[:16].replace("T", " "), text(row["machine"]), text(row["workload"]),
                setup_words(row), figure, became, ratio, versions or "none",
            )
        )  # fmt: skip
        history.n_changes += 1
        what = f"{became}: {ratio} times the level before"
        yield [text(row["t"]), what + (f"; changed: {versions}" if versions else "")]
