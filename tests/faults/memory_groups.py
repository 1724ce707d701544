"""A control group of a test alone, whose memory is limited: only for root, where the system lets
groups be made."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import sleep

import pytest

from harness.running.host.control_groups import own_groups

LIMITS = {"memory.max": "memory.swap.max", "memory.limit_in_bytes": "memory.memsw.limit_in_bytes"}
"""The file of each version that limits memory, and the one that limits it together with swap, or
swap alone."""
INTO = 'echo $$ > "$1/cgroup.procs" && shift && exec "$@"'


@contextmanager
def memory_of(limit: int) -> Iterator[list[str]]:
    """What to start a command under, so that it and all below have *limit* bytes together."""
    made = next(filter(None, map(_made, _parents())), None)
    if made is None:
        pytest.skip("no right to make a control group with a limit on memory")
    try:
        for name, swap in LIMITS.items():
            if (made / name).exists():
                (made / name).write_text(str(limit))
                with suppress(OSError):
                    (made / swap).write_text("0" if swap == "memory.swap.max" else str(limit))
        yield ["sh", "-c", INTO, "sh", str(made)]
    finally:
        for _ in range(50):  # the last process of it may be on its way out
            with suppress(OSError):
                made.rmdir()
                break
            sleep(0.1)


def _parents() -> Iterator[Path]:
    """Groups in which one may be made: that of this process, and where that has processes itself,
    which version 2 does not allow beside groups, the root."""
    for folder, mount in own_groups(Path("/"), "memory"):
        yield from dict.fromkeys((folder, mount))


def _made(parent: Path) -> Path | None:
    folder = parent / f"chunkbench-test-{os.getpid()}"
    try:
        folder.mkdir()
    except OSError:
        return None
    if any((folder / name).exists() for name in LIMITS):
        return folder
    folder.rmdir()
    return None
