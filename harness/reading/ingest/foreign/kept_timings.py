"""Timings that others took, kept beside the journals, as rows of the ``cases`` table.

``<machine>/timings/<name>.json`` holds what :mod:`.table_reading` read. Nothing in it was paired,
so its rows carry no verdict and no interval of a ratio: a speed-up is one of two medians.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from pydantic import ValidationError

from harness.core.errors import InputError
from harness.core.journal_format import cannot_be_read
from harness.core.machine_names import check_name
from harness.core.median_ranks import median_ranks
from harness.core.records.timings import TIMINGS_VERSION, Timing, Timings

FOLDER = "timings"
UNPAIRED = "unpaired timing: no verdict"
_CASE = ("workload", "size", "executor", "workers", "pin", "chunk")

Row = dict[str, object]


def read_timings(path: Path) -> Timings:
    """Read a file that ``chunkbench read`` wrote.

    Raises
    ------
    InputError
        Where it cannot be read, is none, holds a number out of bounds, is of a later version, or
        names a machine as none can be.
    """
    try:
        timings = Timings.model_validate_json(path.read_bytes())
    except OSError as error:
        raise cannot_be_read(path, error) from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"])[:80]
        raise InputError(
            f"{path}: not what chunkbench read writes ({field}: {first['msg'][:80]}): delete it, "
            "and read the table again"
        ) from None
    if timings.v > TIMINGS_VERSION:
        raise InputError(
            f"{path}: version {timings.v}, this chunkbench reads up to {TIMINGS_VERSION}: upgrade "
            "chunkbench"
        )
    check_name(timings.machine, str(path))
    return timings


def rows_of(timings: Timings) -> list[Row]:
    """Rows of the ``cases`` table, one for each case, with the median of its timings.

    The serial time is the median that the table has for the case; where it has none, that of the
    fastest call by one worker of the same workload, size and executor, for all of its chunks (a
    shared reference, rule 23).
    """
    by_case: dict[tuple[Any, ...], list[Timing]] = {}
    for timing in timings.timings:
        by_case.setdefault(tuple(getattr(timing, name) for name in _CASE), []).append(timing)
    one_worker = _one_worker(by_case.values())
    same: Row = {"machine": timings.machine, "run": timings.name, "suite": timings.source}
    return [
        same | dict(zip(_CASE, case)) | _figures(repeats, one_worker)
        for case, repeats in by_case.items()
    ]


def _one_worker(cases: Any) -> dict[tuple[Any, ...], float]:
    fastest: dict[tuple[Any, ...], float] = {}
    for repeats in cases:
        if repeats[0].workers == 1:
            key, seconds = _problem(repeats[0]), median(each.seconds for each in repeats)
            fastest[key] = min(seconds, fastest.get(key, seconds))
    return fastest


def _problem(timing: Timing) -> tuple[Any, ...]:
    return timing.workload, timing.size, timing.executor, timing.pin


def _figures(repeats: Sequence[Timing], one_worker: dict[tuple[Any, ...], float]) -> Row:
    first = repeats[0]
    ordered = sorted(each.seconds for each in repeats)
    seconds, ranks = median(ordered), median_ranks(len(ordered))
    row: Row = {
        "chunk_shape": first.chunk_shape,
        "n_tasks": first.n_tasks,
        "status": "ok",
        "paired": False,
        "seconds": seconds,
        "seconds_low": ordered[ranks[0]] if ranks else None,
        "seconds_high": ordered[ranks[1]] if ranks else None,
        "warning": UNPAIRED,
    }
    serial = [each.serial_seconds for each in repeats if each.serial_seconds is not None]
    baseline = median(serial) if serial else one_worker.get(_problem(first))
    if baseline is not None:
        row |= {"baseline_seconds": baseline, "speedup": baseline / seconds}
    own = [each.efficiency for each in repeats if each.efficiency is not None]
    if own:
        row["efficiency"] = median(own)
    elif baseline is not None and first.workers is not None:
        row["efficiency"] = baseline / seconds / first.workers
    if first.workers is not None and first.n_tasks is not None:
        row["granularity_seconds"] = seconds * first.workers / first.n_tasks
    return row


def timing_files(folder: Path) -> Iterator[Path]:
    """The files of timings in the folder of a machine, in the order of their names."""
    yield from sorted((folder / FOLDER).glob("*.json"))
