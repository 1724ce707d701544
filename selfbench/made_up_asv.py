"""Write ASV's files of made-up nights, with the samples that their journals have."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from selfbench.night_template import Floats, SuiteLines


class _Cells(NamedTuple):
    """One class of a suite in ASV's file: which results each of its cells has as samples, and what
    an overhead takes of the baseline (``1/S``), by result."""

    suite: str
    results: list[list[int]]
    share: dict[int, float]


class AsvNights:
    """ASV's file of the committed night, ready for other times.

    Parameters
    ----------
    asv_file : dict
        Its content.
    suites : sequence of SuiteLines
        The journals of the same night.
    """

    def __init__(self, asv_file: dict[str, Any], suites: Sequence[SuiteLines]) -> None:
        self._file = asv_file
        self._tasks = {lines.suite: lines.tasks for lines in suites}
        self._cells = _asv_cells(asv_file, suites)

    def write(self, times: Mapping[str, Floats], day: datetime, commit: str, folder: Path) -> int:
        """Write the file of one night; its bytes.

        Results and samples are those of the night, the statistics beside them the committed ones.

        Parameters
        ----------
        times : mapping of str to array
            Suite to the times of its results, in the order of its journal; the night may have
            stopped before the end.
        day : datetime
        commit : str
        folder : Path
            Of the machine.
        """
        result_at = self._file["result_columns"].index("result")
        samples_at = self._file["result_columns"].index("samples")
        results = {}
        for owner, (suite, members, share) in self._cells.items():
            if suite not in times:
                continue
            varied = times[suite]
            parallel, serial = varied[:, 0], varied[:, 1]
            n = len(varied)
            shares = np.array([share.get(at, np.nan) for at in range(n)])
            quantities = {
                "track_seconds": parallel,
                "track_time_ratio": parallel / serial,
                "track_overhead_per_task": (parallel - serial * shares)
                / self._tasks[suite][:n]
                * 1e6,
            }
            for method, values in quantities.items():
                row = list(self._file["results"][f"{owner}.{method}"])
                each = values.tolist()
                samples = [[each[at] for at in cell if at < n] or None for cell in members]
                row[result_at] = [
                    statistics.median(cell) if cell else float("nan") for cell in samples
                ]
                row[samples_at:] = [samples]
                results[f"{owner}.{method}"] = row
        folder.mkdir(parents=True, exist_ok=True)
        machine = self._file["params"] | {"machine": folder.name}
        description = {name: value for name, value in machine.items() if name != "python"}
        (folder / "machine.json").write_text(json.dumps(description | {"version": 1}))
        content = self._file | {
            "commit_hash": commit,
            "date": int(1000 * day.timestamp()),
            "params": machine,
            "results": results,
        }
        return (folder / f"{commit[:8]}-{self._file['env_name']}.json").write_text(
            json.dumps(content)
        )


def _asv_cells(asv_file: dict[str, Any], suites: Sequence[SuiteLines]) -> dict[str, _Cells]:
    """Find the committed pairs behind ASV's samples: the times are equal."""
    by_suite = {lines.suite: lines for lines in suites}
    found = {}
    for name in asv_file["results"]:
        owner, _, method = name.rpartition(".")
        lines = by_suite.get(owner.partition(".")[0])
        if method != "track_seconds" or lines is None:
            continue
        parallel, serial = lines.times[:, 0], lines.times[:, 1]
        index = {value: at for at, value in enumerate(parallel.tolist())}
        cells = [
            [index[sample] for sample in samples or ()] for samples in _samples(asv_file, name)
        ]
        share = {}
        overheads = _samples(asv_file, f"{owner}.track_overhead_per_task")
        for results, samples in zip(cells, overheads):
            for at, overhead in zip(results, samples or ()):
                share[at] = (parallel[at] - overhead * lines.tasks[at] * 1e-6) / serial[at]
        found[owner] = _Cells(lines.suite, cells, share)
    return found


def _samples(asv_file: dict[str, Any], name: str) -> list[list[float] | None]:
    row = dict(zip(asv_file["result_columns"], asv_file["results"][name]))
    return row.get("samples") or [None] * len(row["result"] or ())
