"""Copies of what was measured: of a run under another name, or of rounds within a journal.

Counted twice, they would look like independent rounds, and intervals would be too narrow.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from harness.reading.ingest.journals import JournalContent

_ROUND = ["run", "block", "round", "chunk", "parallel_seconds", "serial_seconds"]
"""Two rounds of one case in one start-up never take the same time to the last digit."""
_CASE = ["workload", "size", "executor", "workers", "pin"]


def without_copied_runs(
    journals: Sequence[JournalContent],
) -> tuple[list[JournalContent], list[str]]:
    """Leave out each journal whose file begins like, or is, that of another of the same run.

    Returns
    -------
    tuple of list and list
        The journals that stay, in their order, and a note on each that does not. Two of one run
        that differ both stay.
    """
    by_run: dict[str, list[JournalContent]] = {}
    for journal in journals:
        by_run.setdefault(journal.info.run, []).append(journal)
    copies: dict[int, str] = {}
    for same in by_run.values():
        ordered = sorted(same, key=lambda each: -each.path.stat().st_size) if len(same) > 1 else []
        for place, shorter in enumerate(ordered):
            for longer in ordered[:place]:
                if id(longer) not in copies and _begins(longer, shorter):
                    copies[id(shorter)] = (
                        f"{shorter.path}: a copy of {longer.path}, so its run is counted once: "
                        "delete it"
                    )
                    break
    kept = [journal for journal in journals if id(journal) not in copies]
    return kept, [copies[id(journal)] for journal in journals if id(journal) in copies]


def _begins(longer: JournalContent, shorter: JournalContent) -> bool:
    lines = shorter.path.read_bytes()
    lines = lines[: lines.rfind(b"\n") + 1]  # a crash may have cut off the last line
    with longer.path.open("rb") as file:
        return file.read(len(lines)) == lines


def without_copied_rounds(pairs: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Leave out each round that stands in its journal a second time.

    Parameters
    ----------
    pairs : DataFrame
        Obeys ``schema.PAIRS``.

    Returns
    -------
    tuple of DataFrame and list
        The rows that stay, and a note for each run that had copies.
    """
    timed = pairs["round"].notna() & pairs["parallel_seconds"].notna()
    if not (pairs.duplicated(_ROUND) & timed).any():  # a few columns tell it of nearly all results
        return pairs, []
    again = pairs.duplicated([*_ROUND, *_CASE]) & timed
    if not again.any():
        return pairs, []
    counts = pairs.loc[again, "run"].value_counts(sort=False)
    notes = [
        f"run {run}: {many} rounds are there more than once, and counted once: its journal was "
        "edited or copied together"
        for run, many in counts.items()
    ]
    return pairs[~again].reset_index(drop=True), notes
