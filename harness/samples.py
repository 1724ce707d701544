"""A journal's rounds in the form that ASV takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from harness.analysis.costs import ceiling, costs
from harness.analysis.rounds import with_result
from harness.ingest import read_results
from harness.sweep import PARAMETERS

GROUP = ["executor", "workers", "pin"]
Cells = dict[tuple[str, int, str, int], dict[str, list[float]]]


def samples(journal: Path) -> Cells:
    """Per case, one sample a round: ``time_ratio``, ``seconds`` and ``overhead_us_per_task``.

    A case with any other status than ``ok`` is left out: half a result is none.
    """
    results = read_results(journal)
    failed = results.pairs[results.pairs["status"] != "ok"]
    broken = set(failed[list(PARAMETERS)].itertuples(index=False, name=None))
    found: Cells = {}
    blocks = results.blocks
    for names, rounds in with_result(results.pairs).groupby(list(PARAMETERS), sort=False):
        key: tuple[Any, ...] = names
        executor, workers, pin, chunk = str(key[0]), int(key[1]), str(key[2]), int(key[3])
        if (executor, workers, pin, chunk) in broken:
            continue
        mine = blocks[(blocks[GROUP] == [executor, workers, pin]).all(axis=1)]
        serial = rounds["serial_seconds"].to_numpy(float)
        parallel = rounds["parallel_seconds"].to_numpy(float)
        n_tasks = float(rounds["n_tasks"].iloc[0])
        per_task = costs(serial, parallel, ceiling(mine, executor, workers), n_tasks)
        found[executor, workers, pin, chunk] = {
            "time_ratio": list(map(float, parallel / serial)),
            "seconds": list(map(float, parallel)),
            "overhead_us_per_task": list(map(float, per_task["overhead_us_per_task"])),
        }
    return found
