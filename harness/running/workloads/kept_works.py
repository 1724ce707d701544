"""What the name of a user's work stands for: handed to each process of a run when it starts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class WorkSpec:
    """What a process needs to know of a user's work.

    Attributes
    ----------
    name : str
        What the journal calls it.
    task : str
        Place of the function (:mod:`harness.running.workloads.users_objects`).
    items : str or None
        Place of the items that it is mapped over, or of a function that makes them.
    against : str or None
        Without items: place of the function that does the whole serially.
    takes : str or None
        Without items: what the function calls the argument that says how its work is cut.
    check : str
        A name in :data:`harness.running.workloads.users_work.SAME`, or the place of a function of
        an answer and the right one.
    size : int
        How many of the items are taken, evenly spaced; without items, what its chunks are parts
        of (:class:`harness.running.workloads.users_work.WholeWork`).
    seconds : float
        About what the serial way takes.
    """

    name: str
    task: str
    items: str | None = None
    against: str | None = None
    takes: str | None = None
    check: str = "equal"
    size: int = 0
    seconds: float = 0.0


_kept: dict[str, WorkSpec] = {}
_home: list[Path] = []
_folders: list[str] = []


def keep(
    specs: Iterable[WorkSpec], *, home: Path | None = None, folders: Iterable[str] = ()
) -> None:
    """Know these works from now on, instead of those before.

    Parameters
    ----------
    specs : iterable of WorkSpec
    home : Path, optional
        A folder that all processes of the run share, for the right answers.
    folders : iterable of str
        Where processes that are started from here on look for the user's modules.
    """
    _kept.clear()
    _kept.update((spec.name, spec) for spec in specs)
    _home[:] = [] if home is None else [home]
    _folders[:] = folders


def folders() -> list[str]:
    """Where a process that is started now has to look for the user's modules."""
    return list(_folders)


def home() -> Path | None:
    """The folder that all processes of the run share; ``None`` where none is known."""
    return _home[0] if _home else None


def needed_by(names: Iterable[str]) -> list[WorkSpec]:
    """What is kept of the works among *names*."""
    return [_kept[name] for name in names if name in _kept]


def every() -> list[WorkSpec]:
    """All works that are kept."""
    return list(_kept.values())


def kept(name: str) -> WorkSpec | None:
    """The user's work of this name; ``None`` where there is none."""
    return _kept.get(name)
