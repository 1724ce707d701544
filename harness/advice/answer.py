"""From what was timed to the advice, and the advice beside what was run."""

from __future__ import annotations

import math

import numpy as np

from harness.advice.timed import Timed, gather_seconds, measured_work, within
from harness.advice.work import COPIES, OneWork
from harness.analysis.estimates import median_interval
from harness.analysis.forecast import (
    Cuts,
    Forecast,
    ends,
    forecast,
    ratio_error,
    recommended,
    verdict,
)
from harness.measure.own_work import Cut, OwnWork
from harness.records import Estimate, Machine
from harness.report.advice import Advice, Checked, Choice, Line, sentences

CHECK_ROUNDS = 7


def answered(
    work: OneWork, found: Timed, workers: int, argument: str | None, machine: Machine, executor: str
) -> Advice:
    """The advice that *found* gives for 1 to *workers* workers."""
    low, high = within(work, found)
    shown = [cut for cut in found.cuts if low <= cut.n_chunks <= high]
    auto = found.auto if found.auto and low <= found.auto.n_chunks <= high else None
    cuts = [*shown, *([auto] if auto else [])]
    n = np.array([float(cut.n_chunks) for cut in cuts])
    tasks = np.array([float(cut.n_tasks) for cut in cuts])
    build = np.array([cut.build_seconds for cut in cuts])
    parts = measured_work(work, found)
    counts = (
        tuple(range(1, workers + 1)) if workers <= 8 else (1, *sorted(found.sampled[0].speedups))
    )
    made = forecast(Cuts(n, tasks, build, gather_seconds(found, n)), parts, found.engine, counts)
    timed = {cut.cut.n_chunks for cut in found.sampled}
    choices = [
        _choice(work, found, made, cut, i, cut.n_chunks in timed) for i, cut in enumerate(cuts)
    ]
    best, good = recommended(made.seconds[0, -1, : len(shown)])
    chosen, own = choices[best], choices[len(shown) :]
    notes = [*work.notes]
    if found.auto and not auto:
        notes.append(
            f"Dask's own chunks='auto' gives {found.auto.n_chunks} chunks, beyond what was timed: "
            "no forecast"
        )
    if not any(one.complete for one in found.sampled) and not work.by_hand and not work.numpy:
        notes.append("too long to run wholly: part of the tasks stand for all")
    if work.by_hand:
        notes.append(
            "what copies at once do is measured with sines that take as long, not with your work"
        )
    return Advice(
        work=work.name,
        argument=argument,
        machine=machine,
        executor=executor,
        workers=workers,
        serial_seconds=_estimate(ends(made.serial), len(parts.serial_seconds)),
        recommended=chosen,
        as_good=[choices[i].chunks for i in good],
        dask_auto=own[0] if own else None,
        choices=choices[: len(shown)],
        fixed_seconds={p: float(np.median(v)) for p, v in found.engine.fixed.items()},
        us_per_task={p: float(np.median(v)) * 1e6 for p, v in found.engine.per_task.items()},
        costs_from=found.costs_from,
        checked=[],
        median_error=None,
        sentences=sentences(work.name, argument, chosen, own[0] if own else None),
        notes=notes,
        seconds_spent=0.0,
    )


def checked(own: OwnWork, work: OneWork, advice: Advice, found: Timed, memory: float) -> Advice:
    """*advice* beside runs of the whole with all workers, at the chunk sizes that were held out;
    where there is only one, at that."""
    if work.by_hand:
        return _noted(advice, "not checked: there is no function to run")
    if work.numpy and not work.whole:
        return _noted(advice, "not checked: the whole does not fit in memory")
    needed = max((line.memory_bytes or 0 for line in advice.recommended.lines), default=0)
    if needed > memory:
        return _noted(advice, "not checked: the whole does not fit in memory")
    held = [choice for choice in advice.choices if not choice.timed]
    tried = held or advice.choices
    cuts = {repr(cut.spec): cut for cut in found.cuts}
    reference = min(found.sampled, key=lambda one: float(np.median(one.serial_seconds)))
    base = float(np.median(reference.serial_seconds))
    runs = own.check(
        [cuts[repr(choice.chunks)] for choice in tried],
        advice.workers,
        CHECK_ROUNDS,
        reference.cut.spec,
    )
    rows = []
    for choice, run in zip(tried, runs, strict=True):
        logs = np.log(np.array(run.seconds) / np.array(run.reference_seconds))
        inner = median_interval(logs)
        sides = (inner.point, inner.low, inner.high)
        point, low, high = (None if one is None else base * math.exp(one) for one in sides)
        measured = Estimate(point=point, low=low, high=high, level=inner.level, n=inner.n)
        expected = choice.lines[-1].seconds
        rows.append(
            Checked(
                chunks=choice.chunks,
                n_chunks=choice.n_chunks,
                held_out=not choice.timed,
                forecast=expected,
                measured=measured,
                measured_seconds=float(np.median(run.seconds)),
                error=ratio_error(expected.point or math.nan, point or math.nan),
            )
        )
    errors = [abs(row.error) for row in rows if row.held_out]
    middle = float(np.median(errors)) if errors else None
    return advice.model_copy(update={"checked": rows, "median_error": middle})


def _noted(advice: Advice, note: str) -> Advice:
    return advice.model_copy(update={"notes": [*advice.notes, note]})


def _choice(work: OneWork, found: Timed, made: Forecast, cut: Cut, i: int, timed: bool) -> Choice:
    rounds = len(found.sampled[0].serial_seconds)
    lines = []
    for j, p in enumerate(made.workers):
        speedup = made.speedup(j, i)
        lines.append(
            Line(
                workers=p,
                seconds=_estimate(made.interval(j, i), rounds),
                speedup=_estimate(speedup, rounds),
                verdict=verdict(speedup),
                memory_bytes=_memory(work, found, cut, p),
            )
        )
    n = np.log([one.cut.n_chunks for one in found.sampled])
    top = max(found.sampled[0].speedups, default=0)
    S = [float(np.median(one.speedups[top])) if top else 1.0 for one in found.sampled]
    parts = measured_work(work, found)
    W = np.exp(np.interp(np.log(cut.n_chunks), n, np.log(np.median(parts.serial_seconds, axis=0))))
    return Choice(
        chunks=cut.spec,
        n_chunks=cut.n_chunks,
        n_tasks=cut.n_tasks,
        chunk_bytes=work.chunk_bytes(cut.spec),
        serial_seconds=float(W),
        ceiling=float(np.interp(np.log(cut.n_chunks), n, S)),
        timed=timed,
        lines=lines,
    )


def _memory(work: OneWork, found: Timed, cut: Cut, p: int) -> int | None:
    """Bytes that *p* tasks at once and the answer fill: as measured where cuts were timed, in
    proportion to a chunk's elements between them; by hand, copies of a chunk."""
    if work.by_hand:
        size = work.chunk_bytes(cut.spec)
        return None if size is None else COPIES * size * p
    known = [(one.cut.n_chunks, one.peak_bytes) for one in found.sampled if one.peak_bytes]
    if not known:
        return None
    n, peaks = (np.log(np.array(column, dtype=np.float64)) for column in zip(*known))
    each = math.exp(float(np.interp(math.log(cut.n_chunks), n, peaks)))
    whole = work.elements * work.dtype.itemsize if work.numpy and work.whole else 0
    return int(each * p) + (cut.result_bytes or 0) + whole


def _estimate(sides: tuple[float, float, float], n: int) -> Estimate:
    point, low, high = sides
    return Estimate(point=point, low=low, high=high, n=n)
