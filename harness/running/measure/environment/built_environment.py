"""Have an environment built by venv and pip, once; it is kept by a digest of what is asked for."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from harness.core.errors import ChunkbenchError
from harness.core.file_locks import lock
from harness.core.input_digest import digest
from harness.running.host.with_parent import die_with_parent
from harness.running.measure.environment.requirements import as_here, with_needs

CACHE = "CHUNKBENCH_ENVIRONMENTS"
"""The folder of built environments; unset, ``chunkbench/environments`` in the user's cache."""
READY, LOG = "chunkbench-environment.json", "pip.log"
PATIENCE = ("--timeout", "30", "--retries", "2")
"""An index that does not answer is a message, and no hang."""
NO_ANSWER = "the package index does not answer"
_UNANSWERED = "after connection broken by"
_TOLD = re.compile(r"(Collecting|Building|Installing) ")
"""How lines of pip begin that say how far it is."""

Say = Callable[[str], None]


class BuildError(ChunkbenchError):
    """An environment that could not be built; the message has pip's own reason."""


def cache_folder() -> Path:
    """Where built environments are kept."""
    if named := os.environ.get(CACHE):
        return Path(named).expanduser().absolute()
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "chunkbench" / "environments"


def built(
    named: Sequence[str],
    executors: Iterable[str] = (),
    *,
    python: Path | None = None,
    say: Say = lambda line: None,
) -> Path:
    """The interpreter of an environment with *named* and what engines need; built if it is new.

    What is not named has the version that it has here, so that nothing else differs; where that
    does not go together, as with an older Python, the newest that does.

    Parameters
    ----------
    named : sequence of str
        Requirements, as pip reads them.
    executors : iterable of str
        What is to run there.
    python : Path, optional
        The interpreter that it is made of; by default the one that runs now.
    say : callable
        Told in one line what is done.

    Raises
    ------
    BuildError
        In one line, with pip's own reason and the file that has all that it said.
    """
    base = python or Path(sys.executable)
    wanted = with_needs(named, executors)
    constraints = as_here(named)
    folder = cache_folder() / digest(str(base), *wanted, "as here", *constraints)[:16]
    return build(folder, base, named, wanted, constraints, say)


def build(
    folder: Path,
    base: Path,
    named: Sequence[str],
    wanted: Sequence[str],
    constraints: Sequence[str],
    say: Say = lambda line: None,
) -> Path:
    """The interpreter of the environment in *folder*, built where it is not there as a whole.

    Parameters
    ----------
    folder : Path
    base : Path
        The interpreter that it is made of.
    named, wanted : sequence of str
        Requirements: those that have to be as they are, and all.
    constraints : sequence of str
        Versions of the others, given up where they do not go with *base* or with *named*.
    say : callable
        Told in one line what is done.

    Raises
    ------
    BuildError
        As :func:`built` does.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    asked = {"requirements": list(wanted), "constraints": list(constraints), "of": str(base)}
    with (folder.parent / f"{folder.name}.lock").open("w") as file:
        lock(file, wait=True)  # two sweeps that want the same build it once
        if asked_of(folder) == asked:
            return inside(folder)
        shutil.rmtree(folder, ignore_errors=True)
        say(f"building an environment with {', '.join(named)} in {folder}")
        try:
            with _temporary(folder) as variables:
                _build(folder, base, named, wanted, constraints, say, variables)
        except KeyboardInterrupt:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        (folder / READY).write_text(json.dumps(asked) + "\n", encoding="utf-8")
    return inside(folder)


def inside(folder: Path) -> Path:
    """The interpreter of the environment in *folder*."""
    return folder / "bin" / "python"


def asked_of(folder: Path) -> Mapping[str, object] | None:
    """What the environment in *folder* was built of; ``None`` where there is no whole one."""
    try:
        asked: Mapping[str, object] = json.loads((folder / READY).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return asked if inside(folder).exists() else None


def _build(
    folder: Path,
    base: Path,
    named: Sequence[str],
    wanted: Sequence[str],
    constraints: Sequence[str],
    say: Say,
    variables: Mapping[str, str],
) -> None:
    failed = _last_error([str(base), "-m", "venv", str(folder)], None, say, variables)
    if failed:
        shutil.rmtree(folder, ignore_errors=True)
        raise BuildError(
            f"{base} makes no environment: {failed}; its venv and ensurepip are needed"
        )
    listed = folder / "as-here.txt"
    listed.write_text("\n".join(constraints) + "\n", encoding="utf-8")
    pip = [str(inside(folder)), "-m", "pip", "install", "--no-input"]
    pip += ["--disable-pip-version-check", *PATIENCE, *wanted]
    lacking = [f"for {each}" for each in named]
    failed = _last_error([*pip, "--constraint", str(listed)], folder / LOG, say, variables)
    in_vain = failed and (failed.startswith(NO_ANSWER) or any(map(failed.endswith, lacking)))
    if failed and not in_vain:
        say("the versions of here do not go with that: the newest that do instead")
        failed = _last_error(pip, folder / LOG, say, variables)
    if failed:
        raise BuildError(f"pip cannot install {', '.join(wanted)}: {failed}; see {folder / LOG}")


@contextmanager
def _temporary(folder: Path) -> Iterator[dict[str, str]]:
    """Have temporary files go beside *folder*, where the next one to build it finds them, should
    this process be killed."""
    place = folder.with_name(f"{folder.name}.tmp")
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    try:
        yield {"TMPDIR": str(place)}
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _last_error(
    command: Sequence[str], log: Path | None, say: Say, variables: Mapping[str, str]
) -> str | None:
    """Run *command* with further *variables* and pass on how far it is; its own reason where it
    fails, else ``None``. What stops this process ends the command, and all that it started."""
    lines: list[str] = []
    try:
        with subprocess.Popen(
            command,
            env={name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
            | dict(variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - one system call, no locks
        ) as process:
            try:
                for line in process.stdout or ():
                    lines.append(line.rstrip())
                    if _TOLD.match(line):
                        say(line.split(" (from")[0].strip()[:100])
            except BaseException:
                os.killpg(process.pid, signal.SIGKILL)
                raise
    except OSError as error:
        return str(error)
    if log is not None:
        log.write_text("\n".join(lines) + "\n", encoding="utf-8")
    if process.returncode == 0:
        return None
    if any(_UNANSWERED in line for line in lines):  # else pip takes it for an index without it
        return f"{NO_ANSWER}: {_cause(lines)}"
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR:")]
    said = errors or [line for line in lines if line.strip()] or ["no reason given"]
    return said[-1]


def _cause(lines: Sequence[str]) -> str:
    """What broke the last connection, as pip says it, without the name of pip's own object."""
    last = [line for line in lines if _UNANSWERED in line][-1]
    told = last.partition(_UNANSWERED)[2].rpartition(": /")[0]
    return told.rpartition(">: ")[2].strip(" '\")(")[:200] or "no reason given"
