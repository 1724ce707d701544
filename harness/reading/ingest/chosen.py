"""Choose results by a name: a machine, a run, or a path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from harness.core.errors import InputError, UnknownNameError, UsageError
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
    UsageError
        Where it is a machine that was measured on other Pythons alone, and on several of them.
    InputError
        Where the results cannot be read, or what is named has no run.
    """
    if (results / name).is_dir() and name not in ("", ".", ".."):
        results_of_name = _of_machine(name, read_machines(results / name))
    elif Path(name).exists():
        results_of_name = read_results(Path(name))
    else:
        results_of_name = _run(read_machines(results), name)
    if not results_of_name.journals:
        raise InputError(f"{name}: has no journal: measure there with settle or run first")
    return results_of_name


def _of_machine(name: str, machines: Sequence[MachineContent]) -> Results:
    """The runs of a machine; where some were measured on another Python than its own, without
    these: what was measured in two environments is never one side."""
    results = results_of(machines)
    _one_home_each(name, results)
    others = {info.environment for info in results.runs.values()}
    if len(others) < 2:
        return results
    if None not in others:
        several = "; ".join(sorted(map(str, others)))
        raise UsageError(f"{name} has {len(others)} environments ({several}): name a run")
    own = {run: info for run, info in results.runs.items() if info.environment is None}
    return replace(results_of(machines, own.__contains__), runs=own)


def _one_home_each(name: str, results: Results) -> None:
    """Refuse a machine whose runs had an executor in several environments of its own."""
    where: dict[str, set[str]] = {}
    for info in results.runs.values():
        for executor, home in info.homes.items():
            where.setdefault(executor, set()).add(home)
    for executor, several in where.items():
        if len(several) > 1:
            told = "; ".join(sorted(several))
            raise UsageError(f"{name} has {executor} in {len(several)} ({told}): name a run")


def _run(machines: Sequence[MachineContent], name: str) -> Results:
    results = results_of(machines, lambda run: run == name)
    if name not in results.runs:
        folders = [machine.folder.resolve().name for machine in machines]
        raise UnknownNameError("machine or run", name, [*folders, *results.runs])
    alone = {name: results.runs[name]}
    return replace(results, runs=alone, asv=results.asv.iloc[:0], traces=())
