"""From what was timed to the advice, and the advice beside what was run."""

from __future__ import annotations

import math

import numpy as np

from harness.apps.advice.timed import Timed, parts, within
from harness.apps.advice.work import COPIES, OneWork
from harness.core.errors import MeasureError
from harness.core.records import Estimate, Machine
from harness.reading.analysis.beyond.expected import Forecast, forecast, recommended, verdict
from harness.reading.analysis.verdict.estimates import median_interval
from harness.reading.report.advice.advice_record import Advice
from harness.reading.report.advice.advice_words import sentences
from harness.reading.report.advice.choices import Checked, Choice, Expectation
from harness.running.measure.own.own_work import Cut

Sides = tuple[float, float, float]


def answered(
    work: OneWork, found: Timed, workers: int, argument: str | None, machine: Machine, executor: str
) -> Advice:
    """The advice that *found* gives for 1 to *workers* workers.

    Raises
    ------
    MeasureError
        Where the rounds were so disturbed that a time came out below 0.
    """
    cuts, timed_work = parts(work, found)
    counts = range(1, workers + 1) if workers <= 8 else (1, *sorted(timed_work.speedups))
    made = forecast(cuts, timed_work, found.engine, tuple(counts))
    if not (made.times[0] > 0).all():
        raise MeasureError(
            f"calls of {found.engine.tasks[1]} empty tasks took no longer than of "
            f"{found.engine.tasks[0]}: the machine was too busy to time them; try again, with more "
            "--rounds"
        )
    low, high = within(work, found)
    inside = [low <= cut.n_chunks <= high for cut in found.cuts]
    every = [_choice(work, found, made, i) for i in range(len(found.cuts))]
    places = [i for i in range(len(found.cuts) - found.auto) if inside[i]]
    best, good = recommended(made.times[0, -1, places])
    chosen = every[places[best]]
    auto = every[-1] if found.auto and inside[-1] else None
    costs = {p: found.engine.costs(p) for p in found.engine.times}
    serial = made.serial[0] * found.unit
    return Advice(
        work=work.name,
        argument=argument,
        machine=machine,
        executor=executor,
        workers=workers,
        serial_seconds=serial,
        recommended=chosen,
        as_good=[every[places[i]].chunks for i in good],
        dask_auto=auto,
        choices=[every[i] for i in places],
        fixed_seconds={p: fixed * found.unit for p, (fixed, _) in costs.items()},
        us_per_task={p: each * found.unit * 1e6 for p, (_, each) in costs.items()},
        checked=(checked := _checked(found, every)),
        median_error=_median_error(checked),
        recommended_over_best=_over_best(checked, chosen),
        sentences=sentences(work.name, argument, chosen, auto),
        notes=[*work.notes, *_notes(work, found, auto is None)],
        seconds_spent=0.0,
    )


def _notes(work: OneWork, found: Timed, no_auto: bool) -> list[str]:
    notes = []
    if found.auto and no_auto:
        n = found.cuts[-1].n_chunks
        notes.append(
            f"Dask's own chunks='auto' gives {n} chunk{'s' if n != 1 else ''}, beyond what was "
            "timed: no forecast"
        )
    if work.by_hand:
        notes.append(
            "what copies at once do is measured with sines that take as long, not with your work"
        )
    elif not work.numpy and all(sample.gather_seconds is None for sample in found.samples):
        notes.append(
            "some of the tasks were timed and stand for all; putting the answer together is not "
            "in the forecast"
        )
    done = len(next(iter(found.rounds.build.values())))
    if done < found.asked:
        notes.append(f"{done} of {found.asked} rounds were done in time: try a smaller work")
    return notes


def _checked(found: Timed, choices: list[Choice]) -> list[Checked]:
    """Forecasts beside what was run wholly, both in units of the reference."""
    rows = []
    for i, ratios in found.rounds.whole.items():
        inner = median_interval(np.log(ratios))
        sides = [
            None if end is None else math.exp(end) * found.unit
            for end in (inner.point, inner.low, inner.high)
        ]
        measured = Estimate(
            point=sides[0], low=sides[1], high=sides[2], level=inner.level, n=inner.n
        )
        expected = choices[i].lines[-1].seconds
        rows.append(
            Checked(
                chunks=choices[i].chunks,
                n_chunks=choices[i].n_chunks,
                held_out=not choices[i].timed,
                forecast=expected,
                measured=measured,
                measured_seconds=float(np.median(found.rounds.whole_seconds[i])),
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


def _choice(work: OneWork, found: Timed, made: Forecast, i: int) -> Choice:
    cut = found.cuts[i]
    lines = []
    for j, p in enumerate(made.workers):
        times, speedup = made.time(j, i), made.speedup(j, i)
        seconds = (times[0] * found.unit, times[1] * found.unit, times[2] * found.unit)
        lines.append(
            Expectation(
                workers=p,
                seconds=_estimate(seconds),
                speedup=_estimate(speedup),
                verdict=verdict(speedup),
                memory_bytes=_memory(work, found, cut, p),
            )
        )
    return Choice(
        chunks=cut.spec,
        n_chunks=cut.n_chunks,
        n_tasks=cut.n_tasks,
        chunk_bytes=work.chunk_bytes(cut.spec),
        timed=i in found.timed,
        lines=lines,
    )


def _memory(work: OneWork, found: Timed, cut: Cut, p: int) -> int | None:
    """Bytes that *p* tasks at once and the answer fill: as measured where cuts were timed, and
    between them by the number of chunks; by hand, copies of a chunk."""
    if work.by_hand:
        size = work.chunk_bytes(cut.spec)
        return None if size is None else COPIES * size * p
    known = [
        (found.cuts[i].n_chunks, sample.peak_bytes)
        for i, sample in zip(found.timed, found.samples)
        if sample.peak_bytes and sample.peak_bytes > 0
    ]
    if not known:
        return None
    n, peaks = (np.log(np.array(column, dtype=np.float64)) for column in zip(*known))
    each = math.exp(float(np.interp(math.log(cut.n_chunks), n, peaks)))
    return round(each * p) + (cut.result_bytes or 0)


def _estimate(sides: Sides, n: int = 0) -> Estimate:
    point, low, high = sides
    return Estimate(point=point, low=low, high=high, n=n)
