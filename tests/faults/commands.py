"""The commands that faults befall, each the cheapest that measures or writes something real."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tests.faults.watched import Place, Watched
from tests.reading.ingest.builders import sweep, write_journal


class Command(NamedTuple):
    """Its words; whether its first pair is there, as it shows; whether it can be gone on with."""

    words: Callable[[Place], list[str]]
    begun: Callable[[Watched], bool]
    resumes: bool = False
    journals: bool = False
    executor: str = ""


def _measured(watched: Watched) -> bool:
    return watched.place.pairs() > 0


def _child_is_up(watched: Watched) -> bool:
    return watched.child("harness.running.measure.", "child") is not None


def _up(watched: Watched) -> bool:
    return watched.hears()


def _where(place: Place) -> list[str]:
    return ["--results", str(place.results), "--machine", "m"]


def settle(executor: str = "dask-threads") -> Callable[[Place], list[str]]:
    words = ["settle", "--executor", executor, "--workers", "2", "--profile", "smoke"]
    return lambda place: [*words, *_where(place)]


def filled(place: Place, machine: str = "m") -> Place:
    """Write journals to read: three runs of one machine."""
    for number in range(3):
        run = f"2026010{number + 1}T000000Z-many_vs_few_chunks-{number:04x}"
        lines = [line.model_copy(update={"run": run}) for line in sweep()]
        write_journal(place.results / machine, lines, run)
    return place


MEASURING: dict[str, Command] = {
    "settle": Command(settle(), _measured, resumes=True, journals=True),
    "try": Command(
        lambda place: [
            *("try", "faultwork:task", "--items", "faultwork:inputs", "--on", "thread-pool"),
            *("--budget", "10s", *_where(place)),
        ],
        _measured,
        journals=True,
    ),
    "run": Command(
        lambda place: [
            *("run", "--suite", "counter_actor", "--profile", "smoke", "--workers", "1"),
            *("--executor", "thread-pool", "--budget", "8s", *_where(place)),
        ],
        _measured,
        resumes=True,
        journals=True,
    ),
    "claims": Command(
        lambda place: ["claims", "dask-threads-50us", "--budget", "60s", *_where(place)],
        _measured,
        resumes=True,
        journals=True,
    ),
    "duel": Command(
        lambda place: [
            *("duel", "pin=1", "pin=cores", "empty-task/thread-pool/chunk=100/size=1000"),
            *("--pairs", "3", "--rounds", "2", *_where(place)),
        ],
        _measured,
        journals=True,
    ),
    "trace": Command(
        lambda place: [
            *("trace", "empty-task/thread-pool/chunk=100/size=1000", "--rounds", "40"),
            *_where(place),
        ],
        _child_is_up,
    ),
    "advise": Command(
        lambda place: [
            *("advise", "faultwork:total", "--shape", "2000", "--workers", "1"),
            *("--budget", "20s", "--rounds", "2", "--machine", "m"),
        ],
        _child_is_up,
    ),
}
READING: dict[str, Command] = {
    "publish": Command(
        lambda place: [
            *("publish", "--results", str(filled(place).results), "--no-figures"),
            *("--out", str(place.out)),
        ],
        _up,
    ),
    "merge": Command(
        lambda place: ["merge", str(filled(place).results), "--out", str(place.out)], _up
    ),
    "account": Command(lambda place: ["account", "--results", str(filled(place).results)], _up),
    "tables": Command(
        lambda place: [
            *("tables", "--results", str(filled(place).results), "--format", "csv"),
            *("--out", str(place.out)),
        ],
        _up,
    ),
}
