"""Choose results by a name: a machine, a run, or a path."""

from __future__ import annotations

from pathlib import Path

from harness.core.errors import InputError, UnknownNameError
from harness.reading.ingest import Results, read_results


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
        every = read_results(results)
        folders = {journal.path.resolve().parents[1].name for journal in every.journals}
        paths = {journal.info.run: journal.path for journal in every.journals}
        if name not in paths:
            raise UnknownNameError("machine or run", name, [*folders, *paths])
        results_of_name = read_results(paths[name])
    if not results_of_name.journals:
        raise InputError(f"{name}: has no journal: measure there with settle or run first")
    return results_of_name
