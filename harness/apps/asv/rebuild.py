"""Rebuild ASV's result files from journals.

ASV saves what a run measured at its end, in one file for each machine, commit and environment. A
journal has every pair from the moment it was measured. So what ASV did not save, or has saved over,
is made from journals, by the functions that hand ASV its samples and by ASV's own classes.
"""

from __future__ import annotations

import json
import platform
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from operator import eq
from pathlib import Path
from typing import NamedTuple

from harness.apps.asv.asv_file import MACHINE_FILE, RUNS, AsvPlace, Clone, save
from harness.apps.asv.merge_benchmarks import BENCHMARKS
from harness.apps.asv.project_clone import project_root, suites
from harness.apps.asv.results import add
from harness.apps.asv.samples import Cells, samples_of
from harness.apps.asv.site import API_VERSION, load_json, merged
from harness.core.errors import InputError, UnknownNameError, UsageError
from harness.core.records import RunInfo
from harness.reading.ingest import (
    MachineContent,
    Results,
    machine_folders,
    machine_journals,
    results_of,
)
from harness.reading.ingest.asv_names import same_commit
from harness.running.measure.process.supervision import scratch_folder


class _Run(NamedTuple):
    machine: MachineContent
    info: RunInfo


@dataclass
class Rebuilt:
    """What was rebuilt.

    Attributes
    ----------
    files : dict of Path to list of str
        Each file of results, and the runs that it was made from.
    left_out : dict of str to str
        Each run that is in none of them, and why.
    """

    files: dict[Path, list[str]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)


def rebuild(
    results: Path,
    out: Path | None = None,
    *,
    machine: str | None = None,
    commit: str | None = None,
    of_suites: Collection[str] | None = None,
    force: bool = False,
) -> Rebuilt:
    """Rebuild ASV's files from the journals in *results*.

    A file of ASV's has one result for each benchmark. So of several runs of one suite on one commit
    the newest that has a result counts; the others stay in their journals.

    Parameters
    ----------
    results : Path
        A results folder, or that of one machine.
    out : Path, optional
        Where the files go; by default to the journals they are made from.
    machine, commit : str, optional
        Only these; a commit may be shortened.
    of_suites : collection of str, optional
        Only these suites: another run may be at work on the others.
    force : bool
        Also replace, benchmark by benchmark, what is in a file that ASV saved.

    Raises
    ------
    UsageError
        Outside a clone, where no machine or commit has that name, or where a file that ASV saved
        would be replaced.
    InputError
        Where there is no journal of a suite, or one is broken.
    AsvError
        Where ASV cannot read the suites.
    """
    root = project_root()
    done = Rebuilt()
    places = _places(_chosen(results, machine, commit, of_suites), suites(root), done)
    if not places:
        raise InputError(
            f"{results}: no journal of a suite in {root / 'benchmarks'}: chunkbench run makes some"
        )
    folder = next(iter(places)).machine
    target = out or (results.resolve().parent if folder == results else results)
    with scratch_folder("chunkbench-asv-") as reaper:
        clone = Clone(root, reaper.scratch)
        scratch = reaper.scratch / "results"
        for place, by_suite in places.items():
            newest = [_newest_with_cells(runs, done) for runs in by_suite.values()]
            if kept := [run for run in newest if run is not None]:
                path = target / save(place, kept, clone, scratch).relative_to(scratch)
                done.files[path] = sorted(results.journals[0].info.run for results, _ in kept)
        if not done.files:
            raise InputError(f"{results}: no run of a suite has a result yet")
        if not force:
            _refuse_files_of_asv(done.files)
        _add(scratch, target, clone)
    return done


def _add(scratch: Path, target: Path, clone: Clone) -> None:
    """Put the new files where they belong, and list the benchmarks of all that are there then."""
    files = [
        path
        for folder in (target, scratch)
        for path in folder.glob("*/*.json")
        if path.name != MACHINE_FILE
    ]
    known = clone.benchmarks | merged(clone.benchmarks, map(load_json, files))
    (scratch / BENCHMARKS).write_text(json.dumps(known | {"version": API_VERSION}))
    target.mkdir(parents=True, exist_ok=True)
    add(scratch, target)


def _chosen(
    results: Path, machine: str | None, commit: str | None, of_suites: Collection[str] | None
) -> list[_Run]:
    """The runs of a machine, a commit and some suites, or of all."""
    if not results.is_dir():
        raise InputError(f"{results}: no such results folder: make one with chunkbench run")
    machines = {
        folder.resolve().name: machine_journals(folder) for folder in machine_folders(results)
    }
    if machine is not None and machine not in machines:
        raise UnknownNameError("machine", machine, list(machines))
    runs = [
        _Run(content, info)
        for name, content in machines.items()
        if machine in (None, name)
        for info in (line.info for line in content.run_lines)
        if of_suites is None or info.suite in of_suites
    ]
    if not runs:
        raise InputError(f"{results}: no journal in it: chunkbench run makes some")
    if commit is None:
        return runs
    of_commit = [run for run in runs if same_commit(run.info.commit, commit)]
    commits = {run.info.commit for run in of_commit}
    if len(commits) != 1:
        known = {run.info.commit[:12] for run in (of_commit or runs) if run.info.commit}
        raise UnknownNameError("commit", commit, list(known))
    return of_commit


def _places(
    runs: Iterable[_Run], known: Sequence[str], done: Rebuilt
) -> dict[AsvPlace, dict[str, list[_Run]]]:
    """The runs that belong into each file, by suite, the newest first."""
    places: dict[AsvPlace, dict[str, list[_Run]]] = defaultdict(lambda: defaultdict(list))
    for run in sorted(runs, key=lambda run: run.info.run, reverse=True):
        info = run.info
        if info.suite not in known:
            done.left_out[info.run] = f"{info.suite} is no suite of ASV's"
        elif info.commit is None:
            done.left_out[info.run] = "its commit is not known"
        elif info.environment is not None:  # to ASV it would be this machine's next result
            done.left_out[info.run] = f"it was measured on another Python: {info.environment}"
        else:
            version = info.versions.get("python") or platform.python_version()
            python = ".".join(version.split(".")[:2])
            place = AsvPlace(run.machine.folder, info.commit, python)
            places[place][info.suite].append(run)
    return places


def _newest_with_cells(runs: list[_Run], done: Rebuilt) -> tuple[Results, Cells] | None:
    newest = None
    for run in runs:
        if newest is not None:
            done.left_out[run.info.run] = "a newer run of its suite and commit has results"
            continue
        results = results_of([run.machine], partial(eq, run.info.run))
        cells = samples_of(results)
        if cells:
            newest = results, cells
        else:
            done.left_out[run.info.run] = "it has no result"
    return newest


def _refuse_files_of_asv(targets: Iterable[Path]) -> None:
    for path in targets:
        if path.is_file() and RUNS not in load_json(path):
            raise UsageError(
                f"{path} was saved by asv itself: choose another folder with --out, or replace "
                "what the journals have in it with --force"
            )
