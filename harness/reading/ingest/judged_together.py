"""Which runs have to be judged together, because what is said of one rests on another.

A run without an empty-task sweep of its own takes the newest of its machine and commit, and the
runs in one batch job share its core-hours. Nothing else in the tables of a run rests on other runs,
but for the table ``history``.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping


def judged_together(shared: Mapping[str, Iterable[Hashable]]) -> list[tuple[str, ...]]:
    """Part runs into the smallest sets that share nothing with one another.

    Parameters
    ----------
    shared : mapping
        Run to what it may share with others, such as its commit on its machine and its jobs.

    Returns
    -------
    list of tuple of str
        Every run in exactly one set; sets and runs in the order of *shared*.
    """
    leader: dict[Hashable, Hashable] = {}

    def first_of(thing: Hashable) -> Hashable:
        while leader.setdefault(thing, thing) != thing:
            leader[thing] = thing = leader[leader[thing]]
        return thing

    for run, things in shared.items():
        for thing in things:
            leader[first_of(thing)] = first_of(("run", run))
    sets: dict[Hashable, list[str]] = {}
    for run in shared:
        sets.setdefault(first_of(("run", run)), []).append(run)
    return [tuple(runs) for runs in sets.values()]
