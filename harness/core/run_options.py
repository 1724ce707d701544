"""The options of a run of suites, and the environment variables that carry them to each suite.

The command reads them, ASV starts each suite in a process of its own, and the suite reads them back
from its environment.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from harness.core.errors import UsageError
from harness.core.units import parse_moment, parse_seconds

PROFILE = "CHUNKBENCH_PROFILE"
MACHINE = "CHUNKBENCH_MACHINE"
RESULTS = "CHUNKBENCH_RESULTS"
BUDGET = "CHUNKBENCH_BUDGET"
SHARED_BUDGET = "CHUNKBENCH_SHARED"
RESUME = "CHUNKBENCH_RESUME"
SINCE = "CHUNKBENCH_SINCE"
DASHBOARD = "CHUNKBENCH_DASHBOARD"
EXECUTORS = "CHUNKBENCH_EXECUTORS"
WORKERS = "CHUNKBENCH_WORKERS"
ADAPT = "CHUNKBENCH_ADAPT"
SECURE = "CHUNKBENCH_SECURE"
PYTHON = "CHUNKBENCH_PYTHON"
BIND = "CHUNKBENCH_BIND"
LOCAL = "CHUNKBENCH_LOCAL"
"""A folder on the node's disk where journals are written first, or ``off``."""
SMT = "CHUNKBENCH_SMT"

DEFAULT_PROFILE = "laptop"
OFF = frozenset({"0", "f", "false", "n", "no", "off"})
"""What a variable of a flag may say to mean that it is not set; the command reads the same."""
AUTO, SECURE_CHOICES = "auto", ("auto", "on", "off")
"""What :data:`SECURE` may say, the default first."""
KEPT_OUT = "secure"
"""In the plan of a run and in the settings of a block: whether clusters keep other users out."""
BIND_CHOICES = ("no", "cores")
"""What :data:`BIND` may say, the default first."""


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """What a user asks of a run of suites.

    Attributes
    ----------
    profile : str
        How long and how deep to measure.
    machine : str, optional
        What the owner calls this machine.
    results : Path, optional
        The results folder; by default ``results`` beside ASV's configuration.
    suite_budget_seconds : float, optional
        Time for each suite; by default its share of the profile's budget.
    shared_budget : Path, optional
        File of the budget that the suites of this run share by cost, in place of one for each; see
        :mod:`harness.running.plan.shared_budget`.
    resume : bool
        Go on with unfinished runs.
    since : datetime, optional
        With *resume*: what came to its end after this moment is not measured again.
    dashboard : bool
        Have Dask open its dashboard on the loopback.
    executors : tuple of str
        Measure these instead of the suites' own; those that need a batch system or a running
        cluster are measured only where they are named here.
    workers : tuple of int
        Numbers of workers instead of the suites' own.
    adapt : int, optional
        Have Dask's clusters start and end workers themselves, and keep at least so many.
    secure : {"auto", "on", "off"}
        Whether other users of the machine are kept out of Dask's clusters; see
        :func:`harness.running.executors.options.secured`.
    python : Path, optional
        The interpreter that engines and baselines run on, in place of the one of the sweep.
    bind : {"no", "cores"}
        Whether processes are bound to cores; see :mod:`harness.running.host.placement`.
    smt : bool
        Count the hardware threads of a core as cores.
    """

    profile: str = DEFAULT_PROFILE
    machine: str | None = None
    results: Path | None = None
    suite_budget_seconds: float | None = None
    shared_budget: Path | None = None
    resume: bool = False
    since: datetime | None = None
    dashboard: bool = False
    executors: tuple[str, ...] = ()
    workers: tuple[int, ...] = ()
    adapt: int | None = None
    secure: str = AUTO
    python: Path | None = None
    bind: str = BIND_CHOICES[0]
    smt: bool = False

    @property
    def named_axes(self) -> dict[str, tuple[int, ...] | tuple[str, ...]]:
        """The axes that were named instead of the suites' own."""
        axes: dict[str, tuple[int, ...] | tuple[str, ...]] = {
            "executor": self.executors,
            "workers": self.workers,
        }
        return {name: values for name, values in axes.items() if values}

    def to_env(self) -> dict[str, str]:
        """The environment variables that say the same; what is not set has no variable."""
        budget, since = self.suite_budget_seconds, self.since
        variables = {
            PROFILE: self.profile,
            MACHINE: self.machine,
            RESULTS: None if self.results is None else str(self.results),
            BUDGET: None if budget is None else f"{Decimal(repr(budget)):f}",
            SHARED_BUDGET: None if self.shared_budget is None else str(self.shared_budget),
            RESUME: "1" if self.resume else None,
            SINCE: None if since is None else since.isoformat(),
            DASHBOARD: "1" if self.dashboard else None,
            EXECUTORS: " ".join(self.executors),
            WORKERS: " ".join(map(str, self.workers)),
            ADAPT: None if self.adapt is None else str(self.adapt),
            SECURE: self.secure,
            PYTHON: None if self.python is None else str(self.python),
            BIND: self.bind,
            SMT: "1" if self.smt else None,
        }
        return {name: text for name, text in variables.items() if text}

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> RunOptions:
        """The options that the variables in *environ* say; an empty variable counts as not set.

        Raises
        ------
        UsageError
            For a budget, a moment, a number or a choice that cannot be read.
        """
        values = {name: text for name, text in environ.items() if text}
        budget, since = values.get(BUDGET), values.get(SINCE)
        results, adapt = values.get(RESULTS), values.get(ADAPT)
        shared = values.get(SHARED_BUDGET)
        return cls(
            profile=values.get(PROFILE, DEFAULT_PROFILE),
            machine=values.get(MACHINE),
            results=None if results is None else Path(results),
            suite_budget_seconds=None if budget is None else parse_seconds(budget),
            shared_budget=None if shared is None else Path(shared),
            resume=_is_on(values.get(RESUME, "0")),
            since=None if since is None else parse_moment(since),
            dashboard=_is_on(values.get(DASHBOARD, "0")),
            executors=tuple(values.get(EXECUTORS, "").split()),
            workers=tuple(_whole(WORKERS, word) for word in values.get(WORKERS, "").split()),
            adapt=None if adapt is None else _whole(ADAPT, adapt),
            secure=secure_choice(values),
            python=None if PYTHON not in values else Path(values[PYTHON]),
            bind=bind_choice(values),
            smt=counts_threads(values),
        )


def secure_choice(environ: Mapping[str, str]) -> str:
    """What *environ* says of :data:`SECURE`.

    Raises
    ------
    UsageError
        Where it is none of :data:`SECURE_CHOICES`.
    """
    return _choice(environ, SECURE, SECURE_CHOICES)


def bind_choice(environ: Mapping[str, str]) -> str:
    """What *environ* says of :data:`BIND`.

    Raises
    ------
    UsageError
        Where it is none of :data:`BIND_CHOICES`.
    """
    return _choice(environ, BIND, BIND_CHOICES)


def _choice(environ: Mapping[str, str], variable: str, choices: Sequence[str]) -> str:
    choice = environ.get(variable) or choices[0]
    if choice not in choices:
        first, last = ", ".join(choices[:-1]), choices[-1]
        raise UsageError(f"{variable} is {choice!r}: give {first} or {last}")
    return choice


def counts_threads(environ: Mapping[str, str]) -> bool:
    """Whether *environ* asks that each hardware thread counts as a core."""
    return _is_on(environ.get(SMT) or "0")


def _is_on(text: str) -> bool:
    return text.strip().lower() not in OFF


def _whole(variable: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise UsageError(f"{variable} is {text!r}: give whole numbers") from None
