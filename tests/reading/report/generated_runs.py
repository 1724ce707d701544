"""A results folder of 50 small journals, one a seed: every kind of line that tables are made of.

The same files on every machine: numbers come from ``random.Random(seed)`` and are rounded.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from harness.core.records import (
    Block,
    End,
    Machine,
    Pair,
    Record,
    RunInfo,
    Scheduler,
    Status,
    WorkerProbe,
)
from harness.core.records.field_words import Purpose
from harness.reading.ingest.accounting.job import Job, ListingKind, State
from harness.reading.ingest.accounting.kept import Kept
from tests.reading.analysis.traces import PLANTED, trace
from tests.reading.ingest.builders import write_asv, write_journal

SEEDS = range(50)
SIZE = 1 << 20
COMMITS = ("3f2a9c71d04be5a6c8e9f00112233445566778ab", "77e1" * 10, None)
MACHINES = {
    "alpha": Machine(name="alpha", cpu="Made-up CPU", cores_usable=2.0),
    "beta": Machine(name="beta", cpu="Another CPU", cores_usable=8.0, system="Linux x86_64"),
    "gamma": Machine(name="gamma"),
}
FAULTS = (Status.FAILED, Status.TIMEOUT, Status.OUT_OF_MEMORY, Status.WRONG_ANSWER)
JOB = "4711"


class SetUp(NamedTuple):
    """A group of cases, and what they would cost without noise."""

    workload: str
    executor: str
    workers: int = 2
    pin: str = "1"
    chunks: tuple[int, ...] = (1 << 10, 1 << 13, 1 << 16, 1 << 19)
    work: float = 0.05
    a_task: float = 60e-6
    noise: float = 0.03
    added: tuple[tuple[int, Purpose], ...] = ()


def write_results(folder: Path) -> Path:
    """Write the journals of all :data:`SEEDS`, two traces, accounting and a file of ASV's."""
    for seed in SEEDS:
        lines = list(journal(seed))
        info = lines[0]
        assert isinstance(info, RunInfo)
        cut_off = '\n{"v":1,"kind":"pa' if seed % 17 == 5 else "\n"
        write_journal(folder / info.machine.name, lines, info.run, cut_off)
    for executor in ("dask-threads", "serial-replay"):
        traced = trace(PLANTED, executor=executor, run=f"20261001T000000Z-trace-{len(executor)}")
        path = folder / "alpha" / "traces" / f"{traced.run.run}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(traced.model_dump_json(), encoding="utf-8")
    for machine in MACHINES:
        _write_account(folder / machine)
    benchmarks = {"sums.time_sum": {"values": [0.1, None, 0.0], "params": [["1", "2", "3"]]}}
    write_asv(folder, benchmarks, machine="beta")
    return folder


def journal(seed: int) -> Iterator[Record]:
    """Make the lines of one journal."""
    draw = random.Random(seed)
    noise, costs = draw.choice((0.01, 0.03, 0.15)), draw.choice((0.2, 1.0, 4.0))
    suite, planned = _planned(seed, draw)
    nightly = suite == "nights"
    if nightly:
        noise, costs = 0.03, 1.0
    set_ups = [each._replace(noise=noise, a_task=costs * each.a_task) for each in planned]
    looks = None if seed % 3 == 0 else [8, 12]
    run = f"202610{1 + seed // 4:02}T{seed % 4 * 6:02}0000Z-{suite}-{seed:04x}"
    info = RunInfo(
        run=run,
        suite=suite,
        profile="smoke" if looks is None else "laptop",
        commit=COMMITS[(seed // 5) % 2] if nightly else COMMITS[seed % 3],
        looks=looks,
        machine=MACHINES["alpha" if nightly else [*MACHINES][seed % 3]],
        versions={"python": "3.11.7", "dask": "2026.9.0" if seed > 30 else "2026.8.0"},
        settings={"gc.enabled": True},
        seed=seed,
        t=f"2026-10-{1 + seed // 4:02}T{seed % 4 * 6:02}:00:00+00:00",
    )
    yield info
    starts = draw.choice((1, 2, 3))
    rounds = 9 if looks is None else draw.choice((8, 12))
    resumed = seed % 6 == 4
    count = 0
    for start in range(starts):
        if resumed and start == starts - 1:
            job = {"job": JOB, "scheduler": Scheduler.SLURM}
            yield info.model_copy(update={**job, "t": _later(info, 1)})
        for number, set_up in enumerate(set_ups):
            yield _block(run, start, set_up, draw, seed)
            first, last = (rounds * step // starts for step in (start, start + 1))
            for turn in range(first, last):
                for pair in _pairs(run, start, turn, set_up, draw, seed + number, last):
                    count += 1
                    yield pair
    for set_up in set_ups[seed % 3 :: 3]:
        count += 1
        reason = "above 100 000 chunks"
        yield Pair(**_case(run, set_up, 2), status=Status.SKIPPED, reason=reason)
    if seed % 7 != 3:
        end = End(run=run, pairs=count, seconds=30.0, t=_later(info, 2))
        yield end.model_copy(update={"status": "out of budget"}) if seed % 11 == 2 else end


def _planned(seed: int, draw: random.Random) -> tuple[str, list[SetUp]]:
    """Choose what a run measures: by the last digit of its seed."""
    engines = draw.sample(["dask-threads", "dask-processes", "ray", "dask-distributed"], 2)
    work = 0.05 * draw.choice((0.2, 1.0, 3.0))
    kind = seed % 10
    if kind < 2:  # a sweep over chunks, with empty tasks and with NumPy on all cores beside it
        swept = [SetUp("random-sum", name, work=work) for name in engines]
        empty = SetUp("empty-task", engines[0], chunks=(1 << 12, 1 << 15, 1 << 18), work=1e-6)
        numpy = SetUp("random-sum", "numpy-threads", chunks=(SIZE,), work=work)
        return "many_vs_few_chunks", [*swept, empty, *([numpy] if kind else [])]
    if kind == 2:
        pins = ("1", "default", "cores")
        return "thread_pins", [
            SetUp("blas-product", engines[0], pin=pin, chunks=(1 << 14, 1 << 18)) for pin in pins
        ]
    if kind == 3:
        names = ("one-compute", "many-computes", "persisted", "recomputed")
        return "good_practice", [
            SetUp(name, engines[0], chunks=(1 << 16,), work=work * (1 + index % 2))
            for index, name in enumerate(names)
        ]
    if kind == 4:
        return "task_grain", [
            SetUp(name, engine, chunks=(1 << 14, 1 << 17))
            for name in ("spin-task", "spin-task-nogil")
            for engine in ("dask-threads", "dask-processes")
        ]
    if kind == 5:
        counts = draw.choice(((1, 2, 4, 8), (1, 2, 4)))
        return "scaling", [
            SetUp("bag-map", engines[0], workers=count, chunks=(1 << 14, 1 << 18), work=work)
            for count in counts
        ]
    if kind == 6:
        added: tuple[tuple[int, Purpose], ...] = (
            (1 << 12, "refine"),
            (1 << 11, "refine"),
            (1 << 16, "confirm"),
        )
        return "settle", [
            SetUp("random-sum", engines[0], work=work, added=added),
            SetUp("random-sum", engines[0], workers=1, added=((1 << 16, "separate"),), chunks=()),
        ]
    slower = 1.0 if seed < 28 else 1.6  # the level changes in the middle of the nights
    return "nights", [
        SetUp("spin-stencil", "dask-threads", chunks=(1 << 12, 1 << 17), a_task=60e-6 * slower)
    ]


def _case(run: str, set_up: SetUp, chunk: int) -> dict[str, Any]:
    case = dict(zip(("workload", "executor", "workers", "pin"), set_up[:4], strict=True))
    return {"run": run, **case, "size": SIZE, "chunk": chunk}


def _block(run: str, start: int, set_up: SetUp, draw: random.Random, seed: int) -> Block:
    processes = set_up.workers if set_up.executor.endswith("processes") else 1
    threads = {"1": 1, "default": 2, "cores": 8}[set_up.pin]
    case = _case(run, set_up, 0)
    del case["chunk"]
    return Block(
        **case,
        block=start,
        processes=processes,
        threads_per_process=set_up.workers // processes,
        oversubscribed=set_up.workers > 4,
        startup_seconds=_rounded(0.02, set_up, draw),
        first_call_seconds=_rounded(0.3, set_up, draw),
        ceiling=None
        if seed % 8 == 1 or set_up.workers == 1
        else _rounded(set_up.workers * 0.9, set_up, draw),
        verified=[WorkerProbe(pid=1, native_threads=threads)] if seed % 4 else [],
        settings={"cluster": f"adaptive: 1 to {set_up.workers} workers"} if seed % 9 == 0 else {},
    )


def _pairs(
    run: str, start: int, turn: int, set_up: SetUp, draw: random.Random, seed: int, last: int
) -> Iterator[Pair]:
    """Make one round: a pair of each case, and at times one that has no result."""
    planned: list[tuple[int, Purpose | None]] = [(chunk, None) for chunk in set_up.chunks]
    for index, (chunk, purpose) in enumerate([*planned, *set_up.added]):
        n_chunks = SIZE // chunk
        ceiling = 1 + 0.9 * (set_up.workers - 1)
        serial = _rounded(set_up.work, set_up, draw)
        parallel = _rounded(0.002 + n_chunks * set_up.a_task + set_up.work / ceiling, set_up, draw)
        status, reason = Status.OK, None
        if (seed + index) % 13 == 7 and turn == last - 1:
            status, reason = FAULTS[(seed + index) % 4], f"made up in round {turn}"
        has_result = status is Status.OK or (status is Status.WRONG_ANSWER and seed % 2 == 0)
        lacks_baseline = (seed + index) % 19 == 11
        yield Pair(
            **_case(run, set_up, chunk),
            chunk_shape=str(chunk),
            chunk_bytes=8 * chunk,
            n_chunks=n_chunks,
            n_tasks=2 * n_chunks + 3,
            block=start,
            round=turn + (100 if purpose == "confirm" else 0),
            purpose=purpose,
            first=draw.choice(("parallel", "serial")),
            calls=draw.choice((1, 4)) if seed % 5 == 0 else None,
            baseline="serial replay" if seed % 10 == 3 else "whole",
            parallel_seconds=parallel if has_result else None,
            serial_seconds=serial if has_result and not lacks_baseline else None,
            replay_seconds=_rounded(set_up.work * 1.1, set_up, draw) if seed % 4 == 2 else None,
            gap_seconds=_rounded(0.01, set_up, draw) if seed % 5 == 1 else None,
            parallel_cpu_seconds=_rounded(parallel * 1.5, set_up, draw) if seed % 3 else None,
            peak_rss_bytes=400_000_000 + seed if seed % 2 else None,
            phases={"build": _rounded(0.001, set_up, draw), "compute": None} if seed % 3 else {},
            calibration_ratio=1.3 if draw.random() < 0.05 else _rounded(1.0, set_up, draw),
            steal_fraction=0.08 if draw.random() < 0.02 else 0.0,
            throttled_seconds=0.0 if seed % 4 else None,
            frequency_mhz=2400.0 if seed % 2 else None,
            involuntary_switches=draw.randrange(50),
            status=status,
            reason=reason,
        )


def _rounded(value: float, set_up: SetUp, draw: random.Random) -> float:
    """Add the noise of *set_up*; of a logarithm the last digits differ between machines."""
    return float(f"{value * draw.lognormvariate(0, set_up.noise):.7g}")


def _later(info: RunInfo, hours: int) -> str:
    assert info.t is not None
    return f"{info.t[:11]}{int(info.t[11:13]) + hours:02}{info.t[13:]}"


def _write_account(machine: Path) -> None:
    """Write what a batch system booked for the job in which some runs went on."""
    booked = Job(
        job_id=JOB,
        source=ListingKind.SACCT_PARSABLE,
        file="sacct",
        line=2,
        state=State.COMPLETED,
        slots=2,
        started="2026-10-02T01:00:00",
        elapsed_seconds=3600.0,
        wait_seconds=40.0,
        cpu_seconds=4000.0,
        max_memory_bytes=3e8,
        requested_memory_bytes=4e9,
        requested_each_bytes=2e9,
        requested_per="slot",
    )
    kept = Kept(
        scheduler=Scheduler.SLURM, job=JOB, fetched="2026-11-01T00:00:00+00:00", records=(booked,)
    )
    path = machine / "accounting" / f"slurm-{JOB}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{kept.model_dump_json()}\n", encoding="utf-8")
