"""Say what several pages say of cases: labels, counted verdicts, when and how noisy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

import pandas as pd

from harness.core import units
from harness.core.units import plural
from harness.reading.report.shown import cells
from harness.reading.report.shown.run_names import started

SIGNS = {
    "pays": "▲",
    "pays against serial": "△",
    "overhead exceeds gain": "▼",
    "equal": "=",
    "undetermined": "?",
    "skipped": "–",
    "failed": "✕",
    "timeout": "✕",
    "out of memory": "✕",
    "wrong answer": "✕",
    "holds": "✓",
    "does not hold": "≠",
    "not measured here": "–",
}
"""A sign beside each verdict or status, so that they differ without colour."""


def value(row: cells.Row, name: str) -> float | None:
    """Return a number for a chart; absent is ``None``."""
    return None if cells.absent(row[name]) else float(row[name])


def values(row: cells.Row, *names: str) -> dict[str, float | None]:
    """Return estimates for a chart: each point with the ends of its interval."""
    ends = (f"{name}{end}" for name in names for end in ("", "_low", "_high"))
    return {name: value(row, name) for name in ends}


def sign(word: str) -> str:
    """Return the sign of a verdict or status; empty for any other word."""
    return SIGNS.get(word, "")


def kind(word: str) -> str:
    """Name the style of a verdict or status, the same for all that went wrong."""
    return "no-result" if sign(word) == "✕" else word.replace(" ", "-")


def sweep(row: cells.Row) -> str:
    """Name the sweep that a row belongs to, to tell it from others of its machine."""
    when = started(cells.text(row["run"]))
    began = f"{when:%Y-%m-%d %H:%M} UTC" if when else cells.text(row["run"])
    names = ", ".join(cells.text(row[name]) for name in ("suite", "profile"))
    return f"{began}, {names}, {elements(row['size'])}"


def elements(size: object) -> str:
    """Say how large a workload is."""
    counted = cells.number(size, units.count)
    return f"{counted} element{'' if counted == '1' else 's'}"


def setup_words(row: cells.Row, chunk: bool = True) -> str:
    """Name a case, without its workload."""
    parts = [
        cells.text(row["executor"]),
        plural(int(row["workers"]), "worker"),
        f"pin {cells.text(row['pin'])}",
    ]
    if chunk and not cells.absent(row["chunk"]):
        parts.append(f"chunk {units.count(float(row['chunk']))}")
    return ", ".join(parts)


def counted(cases: Iterable[cells.Row]) -> list[tuple[str, str, int]]:
    """Count each verdict and status: style, word and number of cases, in one fixed order."""
    tally = Counter(map(cells.verdict, cases))
    order = [*SIGNS, *(word for word in tally if word not in SIGNS)]
    return [(kind(word), word, tally[word]) for word in order if tally[word]]


def best_in_words(cases: Iterable[cells.Row]) -> str:
    """Say which case is the fastest for sure: its interval has the highest lower end."""
    good = [row for row in cases if cells.has_numbers(row) and not cells.absent(row["speedup_low"])]
    if not good:
        return "no case has a result"
    row = max(good, key=lambda row: float(row["speedup_low"]))
    return (
        f"at best a speed-up of {cells.estimate(row, 'speedup', units.ratio)} over the baseline "
        f"({setup_words(row)}; {cells.number(row['rounds'], units.count)} rounds): "
        f"{cells.verdict(row)}"
    )


def measured_when(runs: Iterable[str]) -> str:
    """Say from when to when runs were measured."""
    days = sorted(day for day in map(started, runs) if isinstance(day, datetime))
    if not days:
        return "not known"
    first, last = f"{days[0]:%Y-%m-%d}", f"{days[-1]:%Y-%m-%d}"
    return first if first == last else f"{first} to {last}"


def noise(cases: pd.DataFrame) -> str:
    """Say how noisy a machine was, by the baseline's intervals and the flagged rounds."""
    good = cases[cases["status"].eq("ok") & cases["baseline_seconds"].gt(0)]
    width = (good["baseline_seconds_high"] - good["baseline_seconds_low"]) / 2
    relative = (width / good["baseline_seconds"]).dropna()
    sentences = []
    if len(relative):
        middle = f"{float(relative.median()):.1%}".replace("%", " %")
        sentences.append(f"the baseline's 95 % intervals are ±{middle} wide at the median case")
    known = good.dropna(subset=["flagged", "rounds"])
    rounds = int(known["rounds"].sum())
    if rounds:
        flagged = int(known["flagged"].sum())
        share = f"{flagged / rounds:.1%}".replace("%", " %")
        sentences.append(
            f"in {share} of {units.count(rounds)} rounds the speed of the machine moved by more "
            "than 10 %"
        )
    return "; ".join(sentences) or "not known"
