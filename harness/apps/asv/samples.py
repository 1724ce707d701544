"""Turn the rounds of a journal into samples as ASV takes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from harness.core import schema
from harness.reading.analysis.verdict.ceilings import ceilings
from harness.reading.analysis.verdict.costs import costs
from harness.reading.analysis.verdict.overhead_ceilings import overhead_ceilings
from harness.reading.analysis.verdict.rounds import with_result, without_added_workers
from harness.reading.ingest import Results, read_results

CASE = [column.name for column in schema.CASE]
Cells = dict[tuple[str, int, str, int, str, int], dict[str, list[float]]]
"""Workload, size, executor, workers, pin and chunk, to the samples of each quantity."""


def samples(journal: Path) -> Cells:
    """Take a sample of each case a round: ``time_ratio``, ``seconds``, ``overhead_us_per_task``.

    A case that has any other status than ``ok`` is left out: half a result is none. Cases that the
    sweep added with other numbers of workers are left out, too: the next sweep may not have them.
    """
    return samples_of(read_results(journal))


def samples_of(results: Results) -> Cells:
    """Take the same samples of *results* that are read already: those of one journal."""
    pairs = without_added_workers(results.pairs)
    failed = pairs[pairs["status"] != "ok"]
    broken = set(failed[CASE].itertuples(index=False, name=None))
    taken: Cells = {}
    planned = pairs.drop_duplicates(CASE)
    found = ceilings(planned, results.blocks)
    S = zip(found.point.tolist(), found.unknown.tolist(), strict=True)
    known = dict(zip(planned[CASE].itertuples(index=False, name=None), S, strict=True))
    for names, rounds in with_result(pairs).groupby(CASE, sort=False):
        key: tuple[Any, ...] = names
        workload, size, executor, workers, pin, chunk = key
        case = (str(workload), int(size), str(executor), int(workers), str(pin), int(chunk))
        if case in broken:
            continue
        serial = rounds["serial_seconds"].to_numpy(float)
        parallel = rounds["parallel_seconds"].to_numpy(float)
        n_tasks = float(rounds["n_tasks"].iloc[0])
        per_task = costs(serial, parallel, _ceiling(*known[case], workers, rounds), n_tasks)
        taken[case] = {
            "time_ratio": list(map(float, parallel / serial)),
            "seconds": list(map(float, parallel)),
            "overhead_us_per_task": list(map(float, per_task["overhead_us_per_task"])),
        }
    return taken


def _ceiling(point: float, unknown: str | None, workers: int, rounds: pd.DataFrame) -> float:
    """The ceiling that the overheads of a case are worked out with; NaN where there is none."""
    medians = rounds[["serial_seconds", "parallel_seconds"]].median().to_numpy(float)
    reason = np.array([unknown], dtype=object)
    S = np.array([point])
    found, *_ = overhead_ceilings((S, S, S), reason, np.array([float(workers)]), *medians[:, None])
    return float(found[0])
