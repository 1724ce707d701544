"""The hardware ceiling S(P): P independent kernels at once, with no scheduler (rule 3)."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.core.records import Status
from harness.running.measure.process.case_error import CaseError
from harness.running.measure.process.channel import Channel
from harness.running.measure.process.timing import batch

SPARE_REPEATS = 6
"""More of them for what is not used: the first one, parts that were too short, a late start."""
LEAST_SECONDS = 0.030
"""Each part lasts at least this long, so that a ragged start does not matter."""
GATE = "gate"
"""The named pipe, in the folder of a start-up, whose closing releases all parts."""


@dataclass(frozen=True)
class AllParts:
    """One run of all parts at once.

    Attributes
    ----------
    seconds : float
        From the first one's start to the last one's end, for each call of a part.
    shortest : float
        The least that one part took, in s.
    late : bool
        Whether a part was not waiting yet when all were released.
    """

    seconds: float
    shortest: float
    late: bool


class CeilingControl:
    """The whole in one process beside its parts in several.

    Parameters
    ----------
    processes : sequence of Channel
        Started without an engine; the first is the baseline's.
    workload : tuple of str and int
        Its name and size.
    folder : Path
        Where the gate is made.
    limit_seconds : float
        For one part.
    most : int
        Samples to take.
    """

    def __init__(
        self,
        processes: Sequence[Channel],
        workload: tuple[str, int],
        folder: Path,
        limit_seconds: float,
        most: int,
    ) -> None:
        self._processes, self._workload = processes, workload
        self._gate, self._limit, self._most = folder / GATE, limit_seconds, most

    def samples(self, baseline_seconds: float) -> list[float]:
        """Speed-ups of the whole, cut into as many parts as there are processes.

        Each is the time of one call of the whole over that of all parts at once. Which of the two
        comes first alternates.

        Parameters
        ----------
        baseline_seconds : float
            What the whole takes, in s.

        Returns
        -------
        list of float
            As many as asked for, or fewer where the parts could not be made to begin together.

        Raises
        ------
        CaseError
            Where a process fails.
        """
        found: list[float] = []
        alone_calls = batch(baseline_seconds, LEAST_SECONDS)
        calls = batch(baseline_seconds / len(self._processes), LEAST_SECONDS)
        for repeat in range(self._most + SPARE_REPEATS):
            if repeat % 2:
                alone = self._alone(repeat, alone_calls)
                parts = self._together(repeat, calls)
            else:
                parts = self._together(repeat, calls)
                alone = self._alone(repeat, alone_calls)
            short = parts.shortest < LEAST_SECONDS
            if short:
                calls = max(calls + 1, batch(parts.shortest / calls, 1.1 * LEAST_SECONDS))
            if repeat and not short and not parts.late:  # the first finds the helpers cold
                found.append(alone / parts.seconds)
            if len(found) == self._most:
                break
        return found

    def _alone(self, seed: int, calls: int) -> float:
        reply = self._processes[0].ask(
            "baseline", self._limit, workload=self._workload, seed=seed, calls=calls
        )
        if reply["wrong"]:
            raise CaseError(Status.FAILED, f"the baseline is wrong: {reply['wrong']}", dead=False)
        return float(reply["seconds"])

    def _together(self, seed: int, calls: int) -> AllParts:
        of = len(self._processes)
        with _closed_gate(self._gate) as opened:
            for index, process in enumerate(self._processes):
                process.send(
                    "line_up",
                    workload=self._workload,
                    index=index,
                    of=of,
                    seed=seed,
                    gate=str(self._gate),
                )
                process.send("share", calls=calls)  # is there already when the line is complete
            for process in self._processes:
                process.receive("line_up", self._limit)
            opened()
            replies = [process.receive("share", self._limit) for process in self._processes]
        return _parts(replies, calls)


def _parts(replies: Sequence[dict[str, Any]], calls: int) -> AllParts:
    begins = [float(reply["begin"]) for reply in replies]
    ends = [float(reply["end"]) for reply in replies]
    return AllParts(
        seconds=(max(ends) - min(begins)) / calls,
        shortest=min(end - begin for begin, end in zip(begins, ends, strict=True)),
        late=max(float(reply["waited_from"]) for reply in replies) > min(begins),
    )


@contextmanager
def _closed_gate(path: Path) -> Iterator[Any]:
    """A named pipe that whoever reads it waits at, until the function that is given is called."""
    if not path.exists():
        os.mkfifo(path, 0o600)
    # Open for both, so that opening waits for nobody; the only writing end of the pipe.
    held: list[int] = [os.open(path, os.O_RDWR)]

    def opened() -> None:
        while held:
            os.close(held.pop())

    try:
        yield opened
    finally:
        opened()
