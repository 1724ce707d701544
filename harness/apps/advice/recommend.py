"""Make the advice from what was timed, and set its forecasts beside what was run."""

from __future__ import annotations

import math

import numpy as np

from harness.apps.advice.advice_notes import (
    MOST_UNSEEN,
    doubts,
    notes_of,
    too_much_memory,
    unseen_share,
)
from harness.apps.advice.described_work import COPIES, DescribedWork
from harness.apps.advice.forecast_inputs import forecast_parts, forecast_range, serial_way
from harness.apps.advice.time_work import TimedWork
from harness.apps.advice.ways_to_cut import MOST_TASKS
from harness.core import units
from harness.core.errors import MeasureError, UsageError
from harness.core.records import Estimate, IntervalRule, Machine, Verdict
from harness.reading.analysis.beyond.expected import (
    Ends,
    Forecast,
    ends,
    forecast,
    recommended,
    verdict,
)
from harness.reading.analysis.verdict.estimates import MIN_ROUNDS, Floats, median_interval
from harness.reading.analysis.verdict.moderated import DEFAULT_PRIOR
from harness.reading.report.advice.advice_record import Advice
from harness.reading.report.advice.advice_words import sentences
from harness.reading.report.advice.choices import Checked, Choice, Expectation
from harness.running.measure.own.own_records import Cut

MOST_COUNTED = 8
"""Up to so many workers, the answer has a line for each number of them."""


def recommend(
    work: DescribedWork,
    timed: TimedWork,
    *,
    workers: int,
    argument: str | None,
    machine: Machine,
    executor: str,
    worker_bytes: float = math.inf,
) -> Advice:
    """Forecast every cut for 1 to *workers* workers, and recommend one.

    Parameters
    ----------
    work : DescribedWork
    timed : TimedWork
    workers : int
        The most workers; with more than 8, only numbers that were timed are in the answer.
    argument : str or None
        Name of the work's argument that takes the chunks.
    machine : Machine
    executor : str
    worker_bytes : float
        Memory of a worker: chunks that are known to need more are not recommended.

    Raises
    ------
    MeasureError
        Where the rounds were so disturbed that a time came out below 0.
    """
    cuts, work_parts = forecast_parts(work, timed)
    every_count = range(1, workers + 1)
    counts = every_count if workers <= MOST_COUNTED else (1, *sorted(work_parts.speedups))
    expected = forecast(cuts, work_parts, timed.engine, tuple(counts), serial_way=serial_way(timed))
    if not (expected.times[0] > 0).all():
        raise MeasureError(
            f"calls of {timed.engine.tasks[1]} empty tasks took no longer than of "
            f"{timed.engine.tasks[0]}: the machine was too busy to time them; try again, with more "
            "--rounds"
        )
    low, high = forecast_range(work, timed)
    inside = [low <= cut.n_chunks <= high for cut in timed.cuts]
    if timed.auto:
        inside[-1] = inside[-1] and timed.cuts[-1].n_tasks <= MOST_TASKS
    choices = [_choice(work, timed, expected, i) for i in range(len(timed.cuts))]
    forecast_places = [i for i in range(len(timed.cuts) - timed.auto) if inside[i]]
    places = [i for i in forecast_places if (choices[i].worker_memory_bytes or 0) <= worker_bytes]
    if not places:
        least = min(choices[i].worker_memory_bytes or 0 for i in forecast_places)
        raise UsageError(
            f"no chunk size that was timed needs less than {units.size(least)} a worker, and a "
            f"worker has {units.size(worker_bytes)}: give more memory, or smaller chunks"
        )
    best, good = recommended(expected.times[0, -1, places])
    chosen = choices[places[best]]
    auto = choices[-1] if timed.auto and inside[-1] else None
    costs = {p: timed.engine.costs(p) for p in timed.engine.times}
    checked = _checked(timed, choices)
    return Advice(
        work=work.name,
        argument=argument,
        machine=machine,
        executor=executor,
        workers=workers,
        against=work.against or None,
        rounds=expected.rounds,
        serial_seconds=expected.serial[0] * timed.unit,
        all_cores_seconds=_in_seconds(expected.all_cores, expected.rounds, timed.unit),
        recommended=chosen,
        as_good=[choices[places[i]].chunks for i in good],
        dask_auto=auto,
        choices=[choices[i] for i in forecast_places],
        storage_chunks=work.storage_chunks,
        fixed_seconds={p: fixed * timed.unit for p, (fixed, _) in costs.items()},
        us_per_task={p: each * timed.unit * 1e6 for p, (_, each) in costs.items()},
        checked=checked,
        median_error=_median_error(checked),
        recommended_over_best=_over_best(checked, chosen),
        sentences=sentences(work.name, argument, chosen, auto, expected.rounds),
        notes=[
            *work.notes,
            *timed.notes,
            *too_much_memory(len(forecast_places) - len(places), worker_bytes),
            *notes_of(work, timed, auto is None),
            *doubts(chosen),
        ],
        seconds_spent=0.0,
    )


def _checked(timed: TimedWork, choices: list[Choice]) -> list[Checked]:
    """Set each forecast beside what was run wholly, both in units of the reference."""
    rows = []
    for i, ratios in timed.rounds.whole.items():
        logs = median_interval(np.log(ratios), prior=DEFAULT_PRIOR)
        point, low, high = (
            None if log is None else math.exp(log) * timed.unit
            for log in (logs.point, logs.low, logs.high)
        )
        measured = Estimate(point=point, low=low, high=high, level=logs.level, n=logs.n)
        expected = choices[i].lines[-1].seconds
        rows.append(
            Checked(
                chunks=choices[i].chunks,
                n_chunks=choices[i].n_chunks,
                held_out=not choices[i].timed,
                forecast=expected,
                measured=measured,
                measured_seconds=float(np.median(timed.rounds.whole_seconds[i])),
                error=(expected.point or math.nan) / (measured.point or math.nan) - 1,
            )
        )
    return rows


def _median_error(rows: list[Checked]) -> float | None:
    errors = [abs(row.error) for row in rows if row.held_out]
    return float(np.median(errors)) if errors else None


def _over_best(rows: list[Checked], chosen: Choice) -> float | None:
    """How many times as long as the best measured chunk size the recommended one took."""
    times = {row.n_chunks: row.measured.point for row in rows if row.measured.point is not None}
    if chosen.n_chunks not in times or all(row.held_out for row in rows):
        return None
    return times[chosen.n_chunks] / min(times.values())


def _choice(work: DescribedWork, timed: TimedWork, expected: Forecast, i: int) -> Choice:
    """Cut *i* with what is expected of it, a line for each number of workers."""
    cut = timed.cuts[i]
    lines = []
    for j, p in enumerate(expected.workers):
        speedup, whole = expected.speedup(j, i), expected.against_all_cores(j, i)
        n = expected.rounds
        lines.append(
            Expectation(
                workers=p,
                seconds=_estimate(expected.time(j, i), n, timed.unit),
                speedup=_estimate(speedup, n),
                verdict=_told(verdict(speedup, n), cut, timed),
                speedup_vs_all_cores=None if whole is None else _estimate(whole, n),
                verdict_vs_all_cores=None
                if whole is None
                else _told(verdict(whole, n), cut, timed),
                memory_bytes=_memory(work, timed, cut, p),
            )
        )
    return Choice(
        chunks=cut.spec,
        n_chunks=cut.n_chunks,
        n_tasks=cut.n_tasks,
        chunk_bytes=work.chunk_bytes(cut.spec),
        timed=i in timed.timed_cuts,
        worker_memory_bytes=_worker_memory(work, timed, cut),
        storage_reads=work.storage_reads(cut.spec),
        lines=lines,
    )


def _memory(work: DescribedWork, timed: TimedWork, cut: Cut, p: int) -> int | None:
    """Bytes that *p* tasks at once and the answer fill; ``None`` where that is not known."""
    each = _worker_memory(work, timed, cut)
    return None if each is None else each * p + (cut.result_bytes or 0)


def _worker_memory(work: DescribedWork, timed: TimedWork, cut: Cut) -> int | None:
    """Bytes that one task at a time fills; ``None`` where that is not known.

    Interpolated by the number of chunks between the cuts that were timed. Where there was nothing
    to run, :data:`COPIES` copies of a chunk are taken for each task.
    """
    if work.by_hand:
        size = work.chunk_bytes(cut.spec)
        return None if size is None else COPIES * size
    known = [
        (timed.cuts[i].n_chunks, sample.peak_bytes)
        for i, sample in zip(timed.timed_cuts, timed.samples)
        if sample.peak_bytes and sample.peak_bytes > 0
    ]
    if not known:
        return None
    n, peaks = (np.log(np.array(column, dtype=np.float64)) for column in zip(*known))
    return round(math.exp(float(np.interp(math.log(cut.n_chunks), n, peaks))))


def _told(said: Verdict, cut: Cut, timed: TimedWork) -> Verdict:
    """What may be said of a cut: where tasks are so many that the forecast time is too low, only
    that overhead exceeds gain; where too much of the work was not seen, nothing."""
    if unseen_share(timed, cut) > MOST_UNSEEN:
        return Verdict.UNDETERMINED
    sure = cut.n_tasks <= MOST_TASKS or said is Verdict.OVERHEAD
    return said if sure else Verdict.UNDETERMINED


def _in_seconds(draws: Floats | None, rounds: int, unit: float) -> Estimate | None:
    return None if draws is None else _estimate(ends(draws, rounds), rounds, unit)


def _estimate(of: Ends, rounds: int, unit: float = 1.0) -> Estimate:
    point, low, high = (None if end is None else end * unit for end in of)
    few = low is not None and rounds < MIN_ROUNDS
    rule: IntervalRule | None = "moderated t" if few else None
    return Estimate(point=point, low=low, high=high, n=rounds, interval=rule)
