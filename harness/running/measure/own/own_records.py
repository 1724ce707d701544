"""What timing the user's own work gives: its cuts, samples of them, and rounds."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from harness.core.records import Record


class Cut(Record):
    """One way to cut the work: what it is handed as chunks, and what comes of it."""

    spec: Any
    n_chunks: int
    n_tasks: int
    result_bytes: int | None


class Sample(Record):
    """How a cut is timed: by its first *tasks* tasks, which take *seconds*. All of them were run
    once where ``gather_seconds`` is there, which is what putting the answer together took; else
    nothing is known of ``unseen_tasks``."""

    tasks: int
    seconds: float = 0.0
    serial_seconds: float
    gather_seconds: float | None
    unseen_tasks: int = 0
    peak_bytes: int | None


class Rounds(Record):
    """What was timed in rounds, a value a round, in units of the reference beside it (rule 24):
    one serial run of the whole work, cut like the reference.

    ``serial`` and ``build`` by the index of a cut; ``speedup``, a plain ratio, by cut and copies at
    once; ``empty`` by workers, calls of few and of many empty tasks; ``whole``, the check, by cut;
    ``all_cores`` by cut, a serial run with native threads on all cores; ``own_way`` by pin, the
    user's own serial way.
    """

    reference_seconds: list[float]
    serial: dict[int, list[float]]
    build: dict[int, list[float]]
    speedup: dict[tuple[int, int], list[float]]
    empty: dict[int, list[tuple[float, float]]]
    whole: dict[int, list[float]]
    whole_seconds: dict[int, list[float]]
    all_cores: dict[int, list[float]] = Field(default_factory=dict)
    own_way: dict[str, list[float]] = Field(default_factory=dict)

    def first(self, count: int) -> Rounds:
        """The first *count* rounds: what is left of one that could not be finished is dropped."""

        def kept(values: Any) -> Any:
            if isinstance(values, dict):
                return {key: kept(each) for key, each in values.items()}
            return values[:count]

        names = set(Rounds.model_fields) - {"reference_seconds"}
        return self.model_copy(update={name: kept(getattr(self, name)) for name in names})
