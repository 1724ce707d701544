"""Look into another Python: can it run the children of a block, and what would they find there?"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from harness.core.errors import UsageError
from harness.running.executors import OURS, engine_packages, lookup, systems
from harness.running.executors.base import Executor
from harness.running.executors.dask_settings import setting_variables
from harness.running.executors.options import SECURE, handed_on
from harness.running.host import machine
from harness.running.host.checkout import source_folder
from harness.running.host.interpreter import interpreter_name
from harness.running.host.with_parent import die_with_parent

OLDEST = (3, 10)
"""Of Python: older ones cannot read the files that a child imports."""
LOOK_SECONDS = 120.0
PROGRAM = "harness.running.measure.environment.telling"
ONLY_PACKAGE = """
import importlib.util, runpy, sys
folder, program = sys.argv[1:3]
del sys.argv[1:3]
found = importlib.util.spec_from_file_location(
    "harness", folder + "/__init__.py", submodule_search_locations=[folder]
)
sys.modules["harness"] = importlib.util.module_from_spec(found)
found.loader.exec_module(sys.modules["harness"])
runpy.run_module(program, run_name="__main__")
"""
"""Runs a module of this package, which lies in the folder of the first argument, and finds none of
what lies beside that."""
SHOWN = ("numpy", "dask", "ray", "joblib")
"""Packages that an environment is called by, where it has them."""


@dataclass(frozen=True)
class Environment:
    """A Python that the children of blocks run on, in place of the one that runs the sweep.

    Attributes
    ----------
    python : Path
        Its interpreter.
    interpreter : str
        What it is: ``"CPython 3.10.13"``.
    versions : dict
        Versions of Python and of the packages that can move a result; ``None`` where it has none.
    missing : dict
        Executor to the reason why it cannot run there; ``None`` where it can.
    settings : dict
        Settings of Dask that its processes find in their environment, by Dask's names, and
        ``secure``.
    own : bool
        Whether it is the Python that runs the sweep after all, and only its settings are others.
    home : str or None
        Its name where it is built for certain executors; see
        :mod:`harness.running.measure.environment.homes`.
    shown : tuple of str
        Packages that it is called by, where it has them.
    """

    python: Path
    interpreter: str
    versions: Mapping[str, str | None]
    missing: Mapping[str, str | None] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    own: bool = False
    home: str | None = None
    shown: tuple[str, ...] = SHOWN

    @property
    def name(self) -> str:
        """What records call it: the interpreter and the versions of its main packages, which hold
        for everybody, where the path of a folder would not."""
        has = [f"{name} {self.versions[name]}" for name in self.shown if self.versions.get(name)]
        told = [f"{name.rpartition('.')[2]} {value}" for name, value in self.settings.items()]
        return ", ".join([self.interpreter, *has, *told])

    def with_settings(self, settings: Mapping[str, str]) -> Environment:
        """The same with these *settings* of Dask, by Dask's names."""
        return replace(self, settings=dict(settings))

    def of(self, executor: str) -> Environment:  # noqa: ARG002 - others tell them apart
        """Where *executor* runs: here, as all do."""
        return self

    @property
    def homes(self) -> dict[str, str]:
        """Executors that run elsewhere, in an environment of their own: none."""
        return {}

    def missing_of(self, executor: type[Executor]) -> str | None:
        """Why *executor* cannot run there; ``None`` where it can."""
        if self.own:
            return executor.missing()
        if executor.spans_machines:
            return f"{executor.name} has workers on other machines, which have one Python: its own"
        if executor.name not in self.missing:
            return f"{executor.name} is of another package: measure it where that is installed"
        reason = self.missing[executor.name]
        if self.home:
            return reason
        if reason is None:
            return None
        why = reason.partition(":")[0]
        if self._release < executor.needs_python:
            return f"{why}, and {self.python} is {self.interpreter}"
        return f"{why} in {self.name}: name its package by --with"

    @property
    def _release(self) -> tuple[int, ...]:
        """Major and minor version of its Python."""
        return tuple(map(int, str(self.versions["python"]).split(".")[:2]))

    def systems(self) -> list[dict[str, object]]:
        """The rows of :func:`harness.running.executors.systems`, as they are there."""
        rows = []
        for row in systems():
            executor = lookup(str(row["name"]))
            reason = self.missing_of(executor)
            package = executor.packages[0] if executor.packages and reason is None else None
            version = self.versions.get(package) if package else None
            there = {"available": reason is None, "reason": reason, "version": version}
            rows.append(row | there)
        return rows

    def variables(self) -> dict[str, str]:
        """What the environment of its processes has instead of the sweep's: its own programs come
        first, and nothing says that another one is active."""
        variables = setting_variables(self.settings)
        if self.own:
            return variables
        path = os.pathsep.join([str(self.python.parent), os.environ.get("PATH", os.defpath)])
        return variables | {"PATH": path, "VIRTUAL_ENV": str(self.python.parent.parent)}


def find_python(named: str) -> Path:
    """The interpreter that *named* means: a path, a name on the ``PATH``, or a version: ``3.12``.

    Raises
    ------
    UsageError
        Where there is none.
    """
    words = (f"python{named}",) if named[:1].isdigit() else ()
    for word in (*words, named):
        if found := shutil.which(Path(word).expanduser()):
            return Path(found).absolute()  # not what a link leads to: a venv is known by the link
    for name in ("bin/python", "python"):  # the folder of an environment
        inside = Path(named).expanduser() / name
        if inside.is_file():
            return inside.absolute()
    raise UsageError(
        f"--python {named}: no such interpreter; give its path, or a version that is installed "
        "as python3.12"
    )


def only_package(folder: Path) -> Path:
    """A folder within *folder* that has this package and nothing else to import: another Python
    must not find the packages that lie beside it."""
    alone = folder / "only-chunkbench"
    alone.mkdir(parents=True, exist_ok=True)
    link = alone / "harness"
    if not link.is_symlink():
        link.symlink_to(source_folder() / "harness", target_is_directory=True)
    return alone


def own_python() -> Environment:
    """The Python that runs now, to be given other settings."""
    versions = machine.versions(engine_packages())
    return Environment(Path(sys.executable), interpreter_name(), versions, own=True)


def look_into(python: Path, executors: Sequence[str] = ()) -> Environment:
    """What *python* is and has, asked of itself.

    Parameters
    ----------
    python : Path
    executors : sequence of str
        Further than ours.

    Raises
    ------
    UsageError
        Where it cannot run a block's children; says what to install.
    """
    version = _answer(python, ["-c", "import sys; print(list(sys.version_info[:2]))"])
    if tuple(version) < OLDEST:
        is_, least = (".".join(map(str, each)) for each in (version, OLDEST))
        raise UsageError(f"{python} is Python {is_}: children need {least} or later")
    package = str(source_folder() / "harness")
    names = dict.fromkeys((*OURS, *executors))
    told = _answer(python, ["-c", ONLY_PACKAGE, package, PROGRAM, *names])
    if told["lacks"]:
        lacks = " ".join(told["lacks"])
        raise UsageError(
            f"{python} has no {' and no '.join(told['lacks'])}: {python} -m pip install {lacks}, "
            "or have an environment built with --with"
        )
    versions = {"python": told["version"], **told["versions"]}
    return Environment(python, told["interpreter"], versions, told["missing"])


def _answer(python: Path, arguments: Sequence[str]) -> Any:
    """What *python* prints, as JSON."""
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "PATH") if name in os.environ}
    try:
        done = subprocess.run(
            [str(python), *arguments],
            env=kept | handed_on((SECURE,)),
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LOOK_SECONDS,
            preexec_fn=die_with_parent,
        )
        if done.returncode == 0:
            return json.loads(done.stdout)
        reason = _reason(done.stderr)
    except subprocess.TimeoutExpired:
        reason = f"no answer within {LOOK_SECONDS:.0f} s"
    except (OSError, ValueError) as error:
        reason = str(error)
    raise UsageError(f"{python} does not run as a Python: {reason}")


def _reason(said: str) -> str:
    """The line of *said* that tells most: the last one of a traceback, else the first, since what
    is no Python, such as a shim that has none of this version, ends with advice."""
    lines = said.strip().splitlines() or ["no reason given"]
    return lines[-1 if lines[0].startswith("Traceback") else 0].strip()
