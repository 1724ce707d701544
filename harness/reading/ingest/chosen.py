"""Choose results by a name: a machine, a run, or a path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from harness.core.errors import InputError, UnknownNameError
from harness.reading.ingest import MachineContent, Results, read_machines, read_results, results_of


def chosen(results: Path, name: str) -> Results:
    """Read the runs that *name* stands for.

    Parameters
    ----------
    results : Path
        The results folder.
    name : str
        A machine's folder in it, a run in it, or the path of a journal or of a folder of results.

    Raises
    ------
    UnknownNameError
        Where it is none of these; lists the machines and runs that there are.
    InputError
        Where the results cannot be read, or what is named has no run.
    """
    if (results / name).is_dir() and name not in ("", ".", ".."):
        results_of_name = read_results(results / name)
    elif Path(name).exists():
        results_of_name = read_results(Path(name))
    else:
        results_of_name = _run(read_machines(results), name)
    if not results_of_name.journals:
        raise InputError(f"{name}: has no journal: measure there with settle or run first")
    return results_of_name


def _run(machines: Sequence[MachineContent], name: str) -> Results:
    results = results_of(machines, lambda run: run == name)
    if name not in results.runs:
        folders = [machine.folder.resolve().name for machine in machines]
        raise UnknownNameError("machine or run", name, [*folders, *results.runs])
    alone = {name: results.runs[name]}
    return replace(results, runs=alone, asv=results.asv.iloc[:0], traces=())
