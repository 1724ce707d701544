"""What timing the user's own work gives: its cuts, samples of them, and rounds."""

from __future__ import annotations

from typing import Any

from harness.core.records import Record


class Cut(Record):
    """One way to cut the work: what it is handed as chunks, and what comes of it."""

    spec: Any
    n_chunks: int
    n_tasks: int
    result_bytes: int | None


class Sample(Record):
    """How a cut is timed: by its first *tasks* tasks; all of them where ``gather_seconds`` is
    there, which is what putting the answer together took."""

    tasks: int
    serial_seconds: float
    gather_seconds: float | None
    peak_bytes: int | None


class Rounds(Record):
    """What was timed in rounds, a value a round, in units of the reference beside it (rule 24):
    one serial run of the whole work, cut like the reference.

    ``serial`` and ``build`` by the index of a cut; ``speedup``, a plain ratio, by cut and copies at
    once; ``empty`` by workers, calls of few and of many empty tasks; ``whole``, the check, by cut.
    """

    reference_seconds: list[float]
    serial: dict[int, list[float]]
    build: dict[int, list[float]]
    speedup: dict[tuple[int, int], list[float]]
    empty: dict[int, list[tuple[float, float]]]
    whole: dict[int, list[float]]
    whole_seconds: dict[int, list[float]]
