"""One file of ASV's, filled with the runs of a machine on a commit by ASV's own class."""

from __future__ import annotations

import itertools
import json
import subprocess
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from harness.apps.asv.asv_axes import asv_axes, asv_size
from harness.apps.asv.cells_for_asv import QUANTITIES, for_asv
from harness.apps.asv.project_clone import CONFIGURATION
from harness.apps.asv.samples import Cells
from harness.apps.asv.site import Benchmarks, discovered, load_json
from harness.apps.asv.suite_classes import SuiteClass, suite_classes
from harness.core.records import RunInfo
from harness.reading.ingest import JournalContent, Results

RUNS = "chunkbench_runs"
"""The runs that a file was rebuilt from stand in it under this name; ASV passes over it."""
MACHINE_FILE = "machine.json"


class AsvPlace(NamedTuple):
    """What ASV keeps one file of: a machine's folder, a commit and a version of Python."""

    machine: Path
    commit: str
    python: str


class Clone:
    """What a clone says of suites and commits; each profile is asked for once.

    Parameters
    ----------
    root : Path
        Its folder.
    scratch : Path
        A folder to write in.
    """

    def __init__(self, root: Path, scratch: Path) -> None:
        from asv.config import Config  # noqa: PLC0415

        self.root = root
        self.environment_type = Config.load(str(root / CONFIGURATION)).environment_type
        self.benchmarks: Benchmarks = {}
        """All that were asked for, by name."""
        self._scratch = scratch
        self.of_profile = cache(self._of_profile)

    def _of_profile(self, profile: str) -> tuple[Benchmarks, dict[str, SuiteClass]]:
        benchmarks = discovered(self.root, self._scratch, profile)
        self.benchmarks |= benchmarks
        return benchmarks, suite_classes(self.root, profile)

    def date(self, commit: str) -> int | None:
        """When *commit* was written, in milliseconds, as ASV dates it; ``None`` where the clone
        does not have it, or where there is no Git."""
        try:
            done = subprocess.run(
                ["git", "show", "--no-patch", "--format=%at", commit, "--"],
                cwd=self.root,
                capture_output=True,
                text=True,
                timeout=60,
            )
        except OSError:
            return None
        return 1000 * int(done.stdout) if not done.returncode else None


def save(
    place: AsvPlace, runs: Sequence[tuple[Results, Cells]], clone: Clone, folder: Path
) -> Path:
    """Have ASV save one file in the results folder *folder*, and return its path there.

    Parameters
    ----------
    place : AsvPlace
    runs : sequence of (Results, Cells)
        At least one: the content of a journal, and the samples of its cells. One for each suite.
    clone : Clone
    folder : Path
    """
    from asv.environment import get_env_name  # noqa: PLC0415
    from asv.results import Results as AsvResults  # noqa: PLC0415

    journals = [results.journals[0] for results, _ in runs]
    machine = _machine(place.machine, journals[0].info)
    file = AsvResults(
        machine | {"python": place.python},
        {},
        place.commit,
        clone.date(place.commit) or _began(journals[0]),
        place.python,
        get_env_name(clone.environment_type, place.python, {}, {}),
        {},
    )
    for results, cells in runs:
        _fill(file, results, cells, clone)
    file.save(str(folder))
    path = Path(folder, file._filename)
    names = sorted(journal.info.run for journal in journals)
    path.write_text(json.dumps(load_json(path) | {RUNS: names}))
    (path.parent / MACHINE_FILE).write_text(json.dumps(machine | {"version": 1}))
    return path


def _fill(file: Any, results: Results, cells: Cells, clone: Clone) -> None:
    """Add what the ``track_`` methods of one suite would have handed over after this run."""
    from asv.runner import BenchmarkResult  # noqa: PLC0415

    journal = results.journals[0]
    whole = not journal.may_go_on
    last = journal.stretches[-1]
    ended = last.began and last.began + timedelta(seconds=last.seconds or 0.0)
    seconds = [stretch.seconds for stretch in journal.stretches if stretch.seconds is not None]
    benchmarks, classes = clone.of_profile(journal.info.profile)
    for name, benchmark in benchmarks.items():
        owner, _, method = name.rpartition(".")
        if owner.partition(".")[0] != journal.info.suite or method not in QUANTITIES:
            continue
        suite = classes[owner]
        size = asv_size(results.pairs, suite)
        axes = asv_axes(results.pairs, suite, size, benchmark["params"], whole=whole)
        if not all(axes):  # a class that the suite did not have when it ran
            continue
        handed = [
            for_asv(cells, method, (suite.workload, size, *cell))
            for cell in itertools.product(*axes)
        ]
        kept = [value if isinstance(value, dict) else {} for value in handed]
        prefix = benchmark["version"].rpartition("-")[0]  # the method's number, and the profile
        file.add_result(
            benchmark
            | {
                "params": [list(map(repr, axis)) for axis in axes],
                "version": f"{prefix}-{size}",
            },
            BenchmarkResult(
                result=[value if isinstance(value, float) else True for value in handed],
                samples=[value.get("samples") for value in kept],
                number=[value.get("number") for value in kept],
                errcode=0,
                stderr="",
                profile=None,
            ),
            started_at=ended,
            record_samples=True,
        )
        if seconds:
            file.set_setup_cache_duration(benchmark["setup_cache_key"], sum(seconds))


def _began(journal: JournalContent) -> int | None:
    began = journal.stretches[0].began
    return None if began is None else int(1000 * began.timestamp())


def _machine(folder: Path, info: RunInfo) -> dict[str, str]:
    """What ASV wrote of the machine; else what the journal has of it."""
    path = folder / MACHINE_FILE
    if path.is_file():
        return {name: value for name, value in load_json(path).items() if name != "version"}
    machine = info.machine
    system, _, architecture = (machine.system or "").partition(" ")
    return {
        "arch": architecture,
        "cpu": machine.cpu or "",
        "machine": folder.resolve().name,
        "num_cpu": "" if machine.cores_usable is None else f"{machine.cores_usable:.0f}",
        "os": system,
        "ram": "" if machine.ram_bytes is None else str(machine.ram_bytes),
    }
