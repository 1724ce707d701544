"""From how much work an item on it pays, in words."""

from __future__ import annotations

import pandas as pd

from harness.core import units
from harness.reading.analysis.by_group import Row, records_by
from harness.reading.analysis.crossover.work import ONE_BY_ONE
from harness.reading.analysis.keys import RUN, SET_UP
from harness.reading.report.shown.cells import absent

KEY = [*RUN, "family", *SET_UP]


def with_work_sentences(frame: pd.DataFrame) -> pd.DataFrame:
    """Give the rows of *frame* (``schema.BREAK_EVEN_WORK``) the sentence of their group."""
    said = {key: _sentence(rows) for key, rows in records_by(frame, KEY).items()}
    keys = frame[KEY].itertuples(index=False, name=None)
    sentences = pd.Series([said[key] for key in keys], index=frame.index, dtype="string")
    return frame.assign(sentence=sentences)


def _sentence(rows: list[Row]) -> str:
    first = rows[0]
    workers = f"{first['workers']} worker{'s' if first['workers'] > 1 else ''}"
    return (
        f"{first['family']} on {first['executor']} with {workers} {'; '.join(map(_clause, rows))}."
    )


def _clause(row: Row) -> str:
    one_by_one = row["chunks"] == ONE_BY_ONE
    chunk = "one at a time" if row["chunk"] == 1 else f"in chunks of {units.count(row['chunk'])}"
    how = "one by one" if one_by_one else chunk
    if row["status"] == "found":
        low, high = (_work(row[f"work_us_{end}"]) for end in ("low", "high"))
        return f"pays from {_work(row['work_us'])} an item {how} ({low} to {high})"
    at_best = "one by one" if one_by_one else "at the best chunk"
    if row["status"] in ("always pays", "never pays"):
        return f"{row['status']} {at_best} in what was measured"
    if not absent(row["bracket_high_us"]):
        return f"pays {how} at {_work(row['bracket_high_us'])} an item, from where on is open"
    return f"is {row['status']} {at_best}"


def _work(microseconds: float) -> str:
    return units.seconds(microseconds * 1e-6)
