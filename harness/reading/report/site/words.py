"""What several pages say of cases: labels, verdicts counted, when and how noisy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

import pandas as pd

from harness.core import units
from harness.reading.report.shown.cells import (
    Row,
    absent,
    estimate,
    has_numbers,
    number,
    plural,
    text,
    verdict,
)
from harness.reading.report.shown.section import records
from harness.reading.report.site.source import started

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
}
"""A sign beside each verdict or status, so that they differ without colour."""


def value(row: Row, name: str) -> float | None:
    """A number for a chart; absent is ``None``."""
    return None if absent(row[name]) else float(row[name])


def values(row: Row, *names: str) -> dict[str, float | None]:
    """Estimates for a chart: each point with the ends of its interval."""
    ends = (f"{name}{end}" for name in names for end in ("", "_low", "_high"))
    return {name: value(row, name) for name in ends}


def sign(word: str) -> str:
    """The sign of a verdict or status; empty for any other word."""
    return SIGNS.get(word, "")


def kind(word: str) -> str:
    """Verdict or status as the name of a style, the same for all that went wrong."""
    return "no-result" if sign(word) == "✕" else word.replace(" ", "-")


def sweep(row: Row) -> str:
    """Which sweep a row belongs to, told from others of its machine."""
    when = started(text(row["run"]))
    began = f"{when:%Y-%m-%d %H:%M} UTC" if when else text(row["run"])
    return f"{began}, {text(row['suite'])}, {text(row['profile'])}, {elements(row['size'])}"


def elements(size: object) -> str:
    """How large a workload is."""
    return f"{number(size, units.count)} elements"


def setup_words(row: Row, chunk: bool = True) -> str:
    """A case in words, without its workload."""
    parts = [
        text(row["executor"]),
        plural(int(row["workers"]), "worker"),
        f"pin {text(row['pin'])}",
    ]
    if chunk and not absent(row["chunk"]):
        parts.append(f"chunk {units.count(float(row['chunk']))}")
    return ", ".join(parts)


def counted(cases: pd.DataFrame) -> list[tuple[str, str, int]]:
    """Style, word and number of cases of each verdict and status there is, in one fixed order."""
    tally = Counter(verdict(row) for row in records(cases))
    order = [*SIGNS, *(word for word in tally if word not in SIGNS)]
    return [(kind(word), word, tally[word]) for word in order if tally[word]]


def best_in_words(cases: pd.DataFrame) -> str:
    """The case that is the fastest for sure: that whose interval has the highest lower end."""
    good = [row for row in records(cases) if has_numbers(row) and not absent(row["speedup_low"])]
    if not good:
        return "no case has a result"
    row = max(good, key=lambda row: float(row["speedup_low"]))
    return (
        f"at best a speed-up of {estimate(row, 'speedup', units.ratio)} over the baseline "
        f"({setup_words(row)}; {number(row['rounds'], units.count)} rounds): {verdict(row)}"
    )


def measured_when(runs: Iterable[str]) -> str:
    """From when to when runs were measured."""
    days = sorted(day for day in map(started, runs) if isinstance(day, datetime))
    if not days:
        return "not known"
    first, last = f"{days[0]:%Y-%m-%d}", f"{days[-1]:%Y-%m-%d}"
    return first if first == last else f"{first} to {last}"


def noise(cases: pd.DataFrame) -> str:
    """How noisy a machine was, from the baseline's intervals and the rounds that were flagged."""
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
