"""The cases that one executor can make of axes that were chosen for several."""

from __future__ import annotations

from collections.abc import Sequence

from harness.core.errors import UsageError
from harness.core.records import Case
from harness.running.executors import lookup
from harness.running.plan.sweep import chunk_axis, span, usable_workers


def worker_counts(workers: Sequence[int]) -> list[int]:
    """*workers*, or all usable cores where none are given.

    Raises
    ------
    UsageError
        For fewer than one worker.
    """
    counts = list(workers) or [usable_workers()]
    if min(counts) < 1:
        raise UsageError(f"{min(counts)} workers: give at least 1")
    return counts


def counts_of_list(text: str, cores: int | None = None) -> tuple[int, ...]:
    """Numbers of workers as a list says them: ``1,2,4,..,cores``, ``1,8,cores``.

    Two dots go on as the two numbers before them do, by their factor, up to the one after them;
    ``cores`` are *cores*, or those usable here.

    Raises
    ------
    UsageError
        Where it is no such list.
    """
    wrong = UsageError(f"{text!r} is no list of workers: write for example 1,2,4,..,cores")
    here = usable_workers() if cores is None else cores
    words = [word.strip() for word in text.split(",")]
    counts: list[int] = []
    going_on = False
    for word in words:
        if word in ("..", "..."):
            if len(counts) < 2 or counts[-1] <= counts[-2] or going_on:
                raise wrong
            going_on = True
            continue
        if word != "cores" and not (word.isdecimal() and int(word) >= 1):
            raise wrong
        count = here if word == "cores" else int(word)
        if going_on:
            factor, going_on = counts[-1] / counts[-2], False
            while round(counts[-1] * factor) < count:
                counts.append(round(counts[-1] * factor))
        counts.append(count)
    if going_on or not counts:
        raise wrong
    return tuple(sorted({count for count in counts if _belongs(count, here, words)}))


def _belongs(count: int, cores: int, words: Sequence[str]) -> bool:
    """Whether *count* belongs in a list that ends in ``cores``: no more than there are."""
    return words[-1] != "cores" or count <= cores


def executor_cases(
    executor: str,
    workload: str,
    size: int,
    *,
    workers: Sequence[int],
    chunks: Sequence[int],
    pins: Sequence[str] = ("1",),
    whole: bool = False,
) -> list[Case]:
    """The cases of *workload* on *executor*: only what makes sense is planned.

    An executor that computes the whole at once gets the whole as its chunk, a serial one has one
    worker, each has those of *pins* that it knows.

    Parameters
    ----------
    whole : bool
        Whether the whole is added to *chunks*.

    Raises
    ------
    UnknownNameError
        For an executor that does not exist.
    """
    engine = lookup(executor)
    axes: dict[str, Sequence[int | str]] = {
        "executor": [executor],
        "workers": workers if engine.max_workers is None else [engine.max_workers],
        "pin": [pin for pin in pins if pin in engine.pins] or engine.pins[:1],
        "chunk": chunk_axis(size, chunks, whole=whole) if engine.chunked else [size],
    }
    return span(workload, size, axes)
