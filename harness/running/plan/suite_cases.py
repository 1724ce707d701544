"""From a suite's axes to its cases, on this node or on one that is only described.

A suite says its axes for every machine; which cases they span depends on the profile, on the usable
cores and on the memory. So the same functions serve the sweep that is run here and the plan of one
elsewhere.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple, Protocol

from harness.core.records import Case
from harness.running.executors import REGISTRY, lookup
from harness.running.host.machine import describe
from harness.running.plan.profiles import Profile
from harness.running.plan.sweep import (
    PARAMETERS,
    all_cores_reference,
    chunk_axis,
    span,
    usable_workers,
)
from harness.running.workloads import make_workload, workload_class

WORKERS = {"cores": 1, "2 x cores": 2}
"""What an axis may say instead of a number of workers, in usable cores."""

ONE_A_CORE = "size / cores"
"""What an axis may say instead of a chunk: as many tasks as usable cores."""

MEMORY_SHARE = 0.5
"""A size is chosen such that its whole needs no more than this part of the machine's memory."""

SERIAL, WHOLE, VARIANTS = "Serial", "Whole", "Variants"
"""What is added to a class's name for the executors that run one task at a time, for those that
compute the whole at once, and for those whose scaling is not asked: their cases are no product with
the others' workers and chunks."""


class Node(NamedTuple):
    """What a plan needs to know of a machine: whole usable cores, and bytes of memory."""

    cores: int
    memory_bytes: float


def this_node() -> Node:
    """The machine that this runs on."""
    return Node(usable_workers(), describe("any").ram_bytes or math.inf)


class SuiteFacts(Protocol):
    """What a class of a suite says; see :class:`harness.suite._Suite`."""

    @property
    def workload(self) -> str:
        """Its name."""

    @property
    def axes(self) -> Mapping[str, Sequence[int | str]]:
        """Executors, workers, pins and chunks."""

    @property
    def whole(self) -> bool:
        """Whether the whole is added to the chunks."""

    @property
    def smoke_executors(self) -> Sequence[str]:
        """Clusters that the profile ``smoke`` runs here."""

    @property
    def every_worker_count(self) -> bool:
        """Whether a short profile keeps every number of workers."""

    @property
    def scales(self) -> bool:
        """Whether how it scales is a question, so that long profiles take every number of
        workers."""

    @property
    def long_profiles_only(self) -> Sequence[str]:
        """Executors that short profiles leave out."""

    @property
    def extra_size(self) -> Mapping[str, tuple[int, int]]:
        """Profile to a further size and its chunk."""


def size_of(workload: str, profile: Profile, node: Node) -> int:
    """The size of *workload* under *profile*: the largest whose whole *node*'s memory allows, and
    that its cores can share.

    Raises
    ------
    UsageError
        Where the profile has none for it.
    """
    memory = MEMORY_SHARE * node.memory_bytes
    most = workload_class(workload).elements_a_core * node.cores
    return profile.size(
        workload,
        lambda size: size <= most and make_workload(workload, size).whole_bytes() <= memory,
    )


def parts(
    suite: SuiteFacts, profile: Profile, named: Mapping[str, Sequence[int | str]], node: Node
) -> dict[str, list[list[int | str]]]:
    """ASV's parameters of each part of *suite*: products that hold only cases that can exist, and
    that the profile keeps.

    What was asked for by name is left to no other suite or profile; where no executor that was
    named can do the work, all stay, so that each says why it cannot.

    Parameters
    ----------
    suite : SuiteFacts
    profile : Profile
    named : mapping of str to sequence
        Axes that were named instead of the suite's own: executors and numbers of workers.
    node : Node
    """
    axes = {**suite.axes, **named}
    size = size_of(suite.workload, profile, node)
    counts = {
        WORKERS[count] * node.cores if isinstance(count, str) else count
        for count in axes["workers"]
    }
    scaling = suite.scales and profile.every_count and "workers" not in named
    if scaling:
        counts |= doublings(node.cores)
    way = make_workload(suite.workload, size).way
    executors = [name for name in axes["executor"] if _is_unknown(name) or way in _ways(name)]
    if not named:
        executors = [name for name in executors if _keeps(profile, suite, str(name))]
        if not scaling and _all_cores_only(profile, suite):
            counts = {max(counts)}
    chunks = _chunks(suite, size, node)
    pins = list(axes["pin"])
    variants = variants_of(suite, profile)
    found: dict[str, list[list[int | str]]] = {}
    for part, workers, chunk in (
        ("", sorted(counts), chunks),
        (VARIANTS, sorted(counts) if named else [max(counts)], chunks),
        (SERIAL, [1], chunks),
        (WHOLE, [1], [size]),
    ):
        if mine := [name for name in executors if part_of(str(name), variants) == part]:
            found[part] = [mine, [*workers], pins, [*chunk]]
    return found or {"": [list(axes["executor"]), sorted(counts), pins, chunks]}


def doublings(cores: int) -> set[int]:
    """1, 2, 4 ... workers, and as many as *cores*."""
    return {1 << power for power in range(cores.bit_length())} | {cores}


def cases_of_part(
    suite: SuiteFacts, part: str, params: list[list[int | str]], profile: Profile, node: Node
) -> list[Case]:
    """The cases that the parameters of one *part* of *suite* span, those of a further size, and
    NumPy on all cores beside them where it computes the whole."""
    size = size_of(suite.workload, profile, node)
    cases = span(suite.workload, size, dict(zip(PARAMETERS, params, strict=True)))
    if profile.name in suite.extra_size:
        larger, chunk = suite.extra_size[profile.name]
        chunks: list[int | str] = [larger if part == WHOLE else chunk]
        extra: list[list[int | str]] = [*params[:3], chunks]
        cases += span(suite.workload, larger, dict(zip(PARAMETERS, extra, strict=True)))
    if workload_class(suite.workload).native_threads:
        cases.append(all_cores_reference(suite.workload, size, node.cores))
    return cases


def suite_cases(
    suites: Sequence[SuiteFacts],
    profile: Profile,
    named: Mapping[str, Sequence[int | str]],
    node: Node,
) -> tuple[Case, ...]:
    """The cases of all parts of *suites*, each once."""
    every = (
        case
        for suite in suites
        for part, params in parts(suite, profile, named, node).items()
        for case in cases_of_part(suite, part, params, profile, node)
    )
    return tuple(dict.fromkeys(every))


def _is_unknown(executor: int | str) -> bool:
    """Whether there is no such executor: the sweep says so in one line."""
    return executor not in REGISTRY.names()


def _ways(executor: int | str) -> Collection[str]:
    return lookup(str(executor)).ways


def part_of(executor: str, variants: Collection[str] = ()) -> str:
    """Which part of a suite has *executor*: one that is not known is in the first, one of the
    *variants* in theirs."""
    if _is_unknown(executor):
        return ""
    engine = lookup(executor)
    if not engine.chunked:
        return WHOLE
    if engine.max_workers == 1:
        return SERIAL
    return VARIANTS if executor in variants else ""


def variants_of(suite: SuiteFacts, profile: Profile) -> Collection[str]:
    """The executors of *suite* that *profile* measures with all cores alone, though it asks how the
    suite scales: those that short profiles leave out, since one that they keep hands out tasks, or
    comes up, in the same way, and scales for them."""
    return suite.long_profiles_only if suite.scales and profile.every_count else ()


def _all_cores_only(profile: Profile, suite: SuiteFacts) -> bool:
    """Whether engines that can have several workers are started with all cores only: with one there
    is nothing to gain, so that its verdict is known before it is measured."""
    if profile.every_count:
        return not suite.every_worker_count
    return profile.full_workers_only and (profile.clusters_once or not suite.every_worker_count)


def _keeps(profile: Profile, suite: SuiteFacts, executor: str) -> bool:
    """Whether the profile runs *executor* in this suite: start-ups are what a short one has least
    room for."""
    if _is_unknown(executor):
        return True
    server = lookup(executor).kind == "cluster" and executor not in suite.smoke_executors
    long_only = executor in suite.long_profiles_only
    return not (profile.clusters_once and server) and not (profile.full_workers_only and long_only)


def _chunks(suite: SuiteFacts, size: int, node: Node) -> list[int | str]:
    """Those of the suite's chunks that the size can be cut into, and the whole, if it is wanted."""
    problem = make_workload(suite.workload, size)
    each = math.ceil(size / node.cores)
    axis = chunk_axis(
        size,
        [each if chunk == ONE_A_CORE else int(chunk) for chunk in suite.axes["chunk"]],
        whole=suite.whole,
    )
    return [chunk for chunk in axis if problem.wrong_chunk(chunk) is None]
