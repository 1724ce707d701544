"""Executors that live in environments of their own, and where each runs when nobody says where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from harness.running import executors
from harness.running.executors import REGISTRY, engine_packages, lookup
from harness.running.executors.base import Executor
from harness.running.host import machine
from harness.running.measure.environment import named_environments
from harness.running.measure.environment.other_python import Environment, look_into


@dataclass(frozen=True)
class Homes:
    """Where executors run: each that lives in an environment in that, all others here.

    Attributes
    ----------
    environments : dict of str to Environment
        Of the executors that live in an environment which is built.
    name : None
        No environment is that of all.
    """

    environments: Mapping[str, Environment] = field(default_factory=dict)
    name: None = None

    def of(self, executor: str) -> Environment | None:
        """Where *executor* runs; ``None`` for the Python that runs the sweep."""
        return self.environments.get(executor)

    @property
    def homes(self) -> dict[str, str]:
        """Each executor that runs elsewhere, to the name of its environment as records have it."""
        return {executor: home.name for executor, home in self.environments.items()}

    @property
    def versions(self) -> dict[str, str | None]:
        """Of the packages that only engines which run elsewhere have."""
        found = {
            package: home.versions.get(package)
            for executor, home in self.environments.items()
            for package in lookup(executor).packages
        }
        own = {"numpy", *engine_packages(), *machine.OUR_PACKAGES}  # of the others in the same run
        return {name: version for name, version in found.items() if name not in own}

    def missing_of(self, executor: type[Executor]) -> str | None:
        """Why *executor* cannot run, and what to do; ``None`` where it can."""
        home = self.of(executor.name)
        if home is not None:
            return home.missing_of(executor)
        reason = executor.missing()
        if reason is None or executor.lives_in is None:
            return reason
        return f"{reason.partition(':')[0]}, {named_environments.not_built(executor.lives_in)}"


Where = Environment | Homes
"""What says where executors run: one environment for all, or each its own."""


def homes_of(names: Iterable[str]) -> Homes:
    """Where the executors *names* run where no Python is named for all of them.

    Raises
    ------
    UsageError
        Where the Python of an environment does not run.
    """
    living: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        home = lookup(name).lives_in
        if home is not None:
            living.setdefault(home, []).append(name)
    found: dict[str, Environment] = {}
    for home, those in living.items():
        python = named_environments.python_of(home)
        if python is None:
            continue
        packages = dict.fromkeys(package for name in those for package in lookup(name).packages)
        there = look_into(python, those)
        named = replace(there, home=home, shown=("numpy", *packages))
        found |= dict.fromkeys(those, named)
    return Homes(found)


def systems_at_home() -> list[dict[str, object]]:
    """The rows of :func:`harness.running.executors.systems`, each as it is where the executor runs;
    ``environment`` is the name of the one that is built for it, if it runs there."""
    homes = homes_of(REGISTRY.names())
    rows = []
    for row in executors.systems():
        executor = lookup(str(row["name"]))
        home = homes.of(executor.name)
        reason = homes.missing_of(executor)
        version = row["version"]
        if home is not None:
            version = home.versions.get(executor.packages[0]) if reason is None else None
        state = {"available": reason is None, "reason": reason, "version": version}
        rows.append(row | state | {"environment": home and home.home})
    return rows
