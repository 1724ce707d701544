"""The engine of some cases, up for calls that are watched."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from harness.core.records import Case
from harness.running.measure.environment.homes import Where
from harness.running.measure.process.bench import ProcessBench
from harness.running.measure.process.block_context import FULL_EFFORT, CeilingEffort
from harness.running.measure.process.scratch_parent import scratch_parent
from harness.running.measure.process.station import ProcessStation
from harness.running.measure.process.supervision import supervised
from harness.running.measure.trace.traced_rounds import LIMIT_SECONDS


@contextmanager
def engine_up(
    cases: Sequence[Case],
    run: str,
    cores: float,
    memory_bytes: float,
    elsewhere: Where,
    ceilings_effort: CeilingEffort = FULL_EFFORT,
) -> Iterator[tuple[ProcessStation, Path]]:
    """The one set-up of *cases*, in fresh processes and with its pins verified, and a folder that
    goes with it.

    Parameters
    ----------
    cases : sequence of Case
    run : str
        Its name in the records.
    cores : float
        That can be used.
    memory_bytes : float
    elsewhere : Where
        Where their executor runs.
    ceilings_effort : CeilingEffort
        What is spent on ceilings.

    Raises
    ------
    CaseError
        Where the engine does not come up, or its pins do not hold.
    """
    groups = dict.fromkeys(case.group for case in cases)
    with supervised(parent=scratch_parent([cases[0].executor]).path) as reaper:
        bench = ProcessBench(
            run,
            cores,
            reaper.scratch,
            reaper,
            LIMIT_SECONDS,
            memory_bytes=memory_bytes,
            ceilings_effort=ceilings_effort,
            elsewhere=elsewhere,
        )
        station = bench.open_engine(cases[0].group.set_up, list(groups), 0)
        try:
            yield station, reaper.scratch
        finally:
            station.close(graceful=True)
