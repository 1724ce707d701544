"""Clusters that run already, as users name them: ``dask:tcp://node7:8786``, ``ray:auto``.

``python -m harness.running.executors.running_clusters EXECUTOR`` prints how many workers the one at
the executor's address has: in a process of its own, since no other imports an engine.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from harness.core.errors import ChunkbenchError, UsageError
from harness.running.executors import REGISTRY, lookup, options
from harness.running.executors.base import Executor
from harness.running.host.with_parent import die_with_parent

RUNNING = "running cluster"
"""The kind of their executors."""
RAY_NOTE = Path("/tmp/ray/ray_current_cluster")  # noqa: S108 - where Ray itself writes it
"""Where Ray writes the address of the cluster that was started last on this machine."""
COUNTING_SECONDS = 60.0


@contextmanager
def joined(names: Sequence[str]) -> Iterator[list[str]]:
    """Have the addresses among *names* in the environment while inside; yields executors' names.

    Raises
    ------
    UsageError
        Where what follows the colon is no address, or two are given for one engine.
    """
    joining = {each.scheme: each for each in map(lookup, REGISTRY.names()) if each.scheme}
    before = {each.address: os.environ.get(each.address) for each in joining.values()}
    executors = []
    try:
        for name in names:
            engine, colon, address = name.partition(":")
            if not colon or engine not in joining:
                executors.append(name)
                continue
            joins = joining[engine]
            if joins.name in executors:
                raise UsageError(f"two running clusters of {engine}: name one of them at a time")
            executors.append(joins.name)
            os.environ[joins.address] = _address(joins, address)
            options.endpoint(joins.address)
        yield executors
    finally:
        for variable, value in before.items():
            if value is None:
                os.environ.pop(variable, None)
            else:
                os.environ[variable] = value


def _address(joins: type[Executor], address: str) -> str:
    if (joins.address, address) != (options.RAY, "auto"):
        return address
    try:
        found = os.environ.get("RAY_ADDRESS") or RAY_NOTE.read_text().strip()
    except OSError:
        found = ""
    if not found or found == "auto":
        raise UsageError(
            "ray:auto finds no Ray cluster that was started on this machine: write its address, "
            "ray:127.0.0.1:6379"
        )
    return found


def workers_there(executor: str, scratch: Path) -> int:
    """How many workers the cluster has that *executor* would join; what is asked in a process of
    its own may write into *scratch*.

    Raises
    ------
    UsageError
        Where none can be asked.
    """
    engine = lookup(executor)
    if reason := engine.missing():
        raise UsageError(f"{executor}: {reason}")
    try:
        done = subprocess.run(
            [sys.executable, "-m", __name__, executor],
            env=os.environ | {"TMPDIR": str(scratch)} | engine.environment(scratch, {}),
            capture_output=True,
            text=True,
            timeout=COUNTING_SECONDS,
            preexec_fn=die_with_parent,
        )
    except subprocess.TimeoutExpired:
        raise UsageError(f"{executor}: the cluster does not say its workers: is it up?") from None
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no answer"]
        raise UsageError(f"{executor}: {lines[-1]}")
    return int(done.stdout.split()[-1])


if __name__ == "__main__":
    try:
        print(lookup(sys.argv[1]).workers_there())
    except ChunkbenchError as error:
        raise SystemExit(str(error)) from None
