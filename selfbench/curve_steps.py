"""What is timed on made-up nights, each in a process of its own.

``python -P selfbench/curve_steps.py STEP FOLDER`` prints one JSON object. It is run by its path, so
that the ``harness`` it imports may be that of another commit. To time one thing more, write a
function that imports what it needs and returns what is to be timed, and add it to :data:`STEPS` and
to the steps of :mod:`selfbench.reading_curve`.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

Step = Callable[[Path], Callable[[], int]]
"""Of a results folder; the function that it gives is timed, and says how many pairs it saw."""


def orjson_lines(folder: Path) -> Callable[[], int]:
    """Parse every line of every journal, and keep none."""
    from orjson import loads  # noqa: PLC0415

    def run() -> int:
        pairs = 0
        for path in sorted(folder.glob("*/journal/*.jsonl")):
            with path.open("rb") as file:
                for line in file:
                    pairs += loads(line)["kind"] == "pair"
        return pairs

    return run


def cases_table(folder: Path) -> Callable[[], int]:
    """Read the journals and make the table ``cases``."""
    from harness.reading.analysis.verdict.cases import cases  # noqa: PLC0415
    from harness.reading.ingest import read_results  # noqa: PLC0415

    def run() -> int:
        results = read_results(folder)
        cases(results.pairs, results.blocks, results.runs)
        return len(results.pairs)

    return run


def asv_loader(folder: Path) -> Callable[[], int]:
    """Load ASV's file of every night, one after the other; the pairs are its samples."""
    from asv.results import iter_results_for_machine  # noqa: PLC0415

    def run() -> int:
        pairs = 0
        for machine in sorted(folder.iterdir()):
            for night in iter_results_for_machine(str(folder), machine.name):
                for name in night.get_all_result_keys():
                    if name.endswith(".track_seconds"):
                        cells = night.get_result_samples(name, night.get_result_params(name))
                        pairs += sum(len(samples) for samples in cells if samples)
        return pairs

    return run


STEPS: dict[str, Step] = {"orjson": orjson_lines, "cases": cases_table, "asv": asv_loader}


def main(step: str, folder: Path) -> None:
    """Run one step, and print what it cost without its imports."""
    began = time.perf_counter()
    run = STEPS[step](folder)
    ready, cpu = time.perf_counter(), _cpu_seconds()
    pairs = run()
    print(
        json.dumps(
            {
                "pairs": pairs,
                "importing_seconds": ready - began,
                "wall_seconds": time.perf_counter() - ready,
                "cpu_seconds": _cpu_seconds() - cpu,
            }
        )
    )


def _cpu_seconds() -> float:
    """Of this process, all its threads, and the processes that it started and waited for."""
    return sum(os.times()[:4])


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
