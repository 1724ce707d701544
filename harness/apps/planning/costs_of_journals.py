"""Read a cost model from the journals of a results folder."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median

from harness.apps.planning.cost_model import (
    EXPONENTS,
    CallCost,
    CostModel,
    exponent_of,
    is_known,
    middle,
)
from harness.core.journal_format import read_lines
from harness.core.records import Block, End, Pair, Status
from harness.running.executors import lookup
from harness.running.workloads import OURS, workload_class
from harness.running.workloads.base import ActorWorkload
from harness.running.workloads.startup import STARTUP

NEWEST = 3
"""So many journals of each suite and machine are read, the newest."""
EMPTY = "empty-task"
SLOPE_SPAN = 4
"""The largest number of workers is so many times the smallest, for what each one adds to be read
from them."""

NO_GAIN = (0.9, 1.5)
"""Seconds of a call on several workers over those of its work, where the work is not shared."""

Point = tuple[str, str, int, int]
"""Executor, workload, size and workers."""


def cost_model(folders: Sequence[Path], machine: str) -> CostModel:
    """What the journals in *folders* say of costs: those of *machine* first, then those of other
    machines; of two folders the first.

    Raises
    ------
    InputError
        Where a journal is broken.
    """
    machines = [
        path.parent
        for folder in folders
        for path in sorted(folder.glob("*/journal"))
        if path.is_dir()
    ]
    machines.sort(key=lambda path: path.name != machine)
    model = CostModel()
    for path in dict.fromkeys(machines):
        model = model.over(of_journals(path.name, _newest(path / "journal")))
    return model


def _newest(folder: Path) -> list[Path]:
    """The last :data:`NEWEST` journals of each suite."""
    by_suite = defaultdict(list)
    for path in sorted(folder.glob("*.jsonl")):
        by_suite[path.stem.partition("-")[2].rpartition("-")[0]].append(path)
    return [path for paths in by_suite.values() for path in paths[-NEWEST:]]


def of_journals(machine: str, paths: Iterable[Path]) -> CostModel:
    """The cost model that these journals of one machine give."""
    blocks, pairs, around = [], [], []
    for path in paths:
        starting, starts = 0.0, []
        for record in read_lines(path):
            if isinstance(record, Block) and is_known(record.executor):
                blocks.append(record)
                starts.append((record.block, record.startup_seconds or 0.0))
            elif isinstance(record, Pair) and _counts(record):
                pairs.append(record)
            elif isinstance(record, End):
                starting += record.seconds_starting or 0.0
        engines = dict(starts)
        if engines and starting and blocks[-1].workload != STARTUP:
            around.append(max(0.0, starting - sum(engines.values())) / len(engines))
    work = _work(pairs)
    ceilings = _ceilings(blocks)
    calls, holding = _calls(pairs, ceilings)
    starts_of, slopes = _starts(blocks)
    return CostModel(
        work=work,
        calls=calls,
        ceilings=ceilings,
        holding=holding,
        starts=starts_of,
        slopes=slopes,
        around_start=median(around) if around else CostModel().around_start,
        measured=(machine,) if pairs else (),
    )


def _counts(pair: Pair) -> bool:
    return (
        pair.status is Status.OK
        and bool(pair.parallel_seconds and pair.serial_seconds and pair.n_chunks)
        and is_known(pair.executor)
        and pair.workload in OURS
        and pair.workload != STARTUP
    )


def _work(pairs: Sequence[Pair]) -> dict[str, float]:
    """Seconds for each element, by the largest size of each workload."""
    seconds: dict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for pair in pairs:
        seconds[pair.workload][pair.size].append(pair.serial_seconds or 0.0)
    return {
        workload: median(sizes[max(sizes)]) / max(sizes) ** EXPONENTS.get(workload, 1.0)
        for workload, sizes in seconds.items()
    }


def _ceilings(blocks: Sequence[Block]) -> dict[str, float]:
    known: dict[str, list[float]] = defaultdict(list)
    for block in blocks:
        if block.ceiling is not None and block.workers > 1 and not block.oversubscribed:
            known[block.workload].append(exponent_of(block.ceiling, block.workers))
    return {workload: median(values) for workload, values in known.items()}


def _calls(
    pairs: Sequence[Pair], ceilings: dict[str, float]
) -> tuple[dict[tuple[str, str], CallCost], frozenset[tuple[str, str]]]:
    """What calls cost besides their work, by executor and workload; and who does not share it."""
    points: dict[Point, dict[int, list[Pair]]] = defaultdict(lambda: defaultdict(list))
    for pair in pairs:
        key = pair.executor, pair.workload, pair.size, pair.workers
        points[key][pair.n_chunks or 1].append(pair)
    holding = frozenset(
        (executor, workload)
        for (executor, workload, _, workers), by_chunks in points.items()
        if lookup(executor).kind == "local threads" and _is_held(by_chunks, workers)
    )
    found: dict[tuple[str, str], dict[int, list[CallCost]]] = defaultdict(lambda: defaultdict(list))
    ordered = sorted(points.items(), key=lambda item: item[0][1] != EMPTY)
    for (executor, workload, size, workers), by_chunks in ordered:
        exponent = 0.0 if (executor, workload) in holding else ceilings.get(workload, 1.0)
        empty = found.get((executor, EMPTY))
        least = _finest(empty).fixed if empty else 0.0
        cost = _call(by_chunks, workers, exponent, least)
        if issubclass(workload_class(workload), ActorWorkload):
            cost = CallCost(0.0, cost.each, cost.fixed / size)
        found[executor, workload][max(by_chunks)].append(cost)
    return {key: _finest(costs) for key, costs in found.items()}, holding


def _finest(costs: dict[int, list[CallCost]]) -> CallCost:
    """Of the costs by number of chunks, those at the most: dear calls are made of many."""
    return middle(costs[max(costs)])


def _is_held(by_chunks: dict[int, list[Pair]], workers: int) -> bool:
    """Whether several workers with work for each take as long as one, where it is the work that a
    call takes and not what is done around it."""
    busy = [pairs for chunks, pairs in by_chunks.items() if chunks >= workers > 1]
    if not busy:
        return False
    best = min(median(pair.parallel_seconds or 0.0 for pair in pairs) for pairs in busy)
    work = median(pair.serial_seconds or 0.0 for pairs in busy for pair in pairs)
    return NO_GAIN[0] <= best / work <= NO_GAIN[1]


def _call(
    by_chunks: dict[int, list[Pair]], workers: int, exponent: float, least: float
) -> CallCost:
    """A call's fixed cost and that of each chunk: the second by the most chunks, the first by what
    the fewest leave; where there is one number of chunks, the fixed cost of an empty task."""

    def besides(chunks: int) -> float:
        pairs = by_chunks[chunks]
        taken = median(pair.parallel_seconds or 0.0 for pair in pairs)
        work = median(pair.serial_seconds or 0.0 for pair in pairs)
        return max(0.0, taken - work / math.pow(min(workers, chunks), exponent))

    fewest, most = min(by_chunks), max(by_chunks)
    if fewest == most:
        rest = besides(most)
        fixed = rest if most == 1 else min(least, rest)
        return CallCost(fixed, (rest - fixed) / most)
    each = max(0.0, (besides(most) - besides(fewest)) / (most - fewest))
    return CallCost(max(0.0, besides(fewest) - each * fewest), each)


def _starts(blocks: Sequence[Block]) -> tuple[dict[str, tuple[float, int]], dict[str, float]]:
    """What a start-up of each executor takes, with how many workers; and what each one adds."""
    seconds: dict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for block in blocks:
        if block.startup_seconds is not None and block.workload != STARTUP:
            seconds[block.executor][block.workers].append(block.startup_seconds)
    starts, slopes = {}, {}
    for executor, by_workers in seconds.items():
        few, many = min(by_workers), max(by_workers)
        starts[executor] = (median(by_workers[many]), many)
        if many >= SLOPE_SPAN * few:
            rise = median(by_workers[many]) - median(by_workers[few])
            slopes[executor] = max(0.0, rise / (many - few))
    return starts, slopes
