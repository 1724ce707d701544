"""The lines of a journal: one record class for each ``kind``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from harness.core.records.base import Record
from harness.core.records.field_words import Purpose, Scheduler, Status, Tried
from harness.core.records.sweep_points import Case
from harness.core.records.worker_probe import WorkerProbe

JOURNAL_VERSION = 1


class Machine(Record):
    """The machine a run was measured on; a probe that the system lacks is ``None``.

    ``node`` tells the nodes of one machine apart without naming them. ``threads_per_core`` counts
    hardware threads. ``memory_limit_bytes`` is what a job may fill, where that is less than
    ``ram_bytes``.
    """

    name: str
    cpu: str | None = None
    cores_usable: float | None = None
    cores_source: str | None = None
    ram_bytes: int | None = None
    system: str | None = None
    node: str | None = None
    sockets: int | None = None
    numa_nodes: int | None = None
    threads_per_core: int | None = None
    memory_limit_bytes: int | None = None


class AllocatedCase(Record):
    """The rounds that a case was planned to get, and the wall seconds of a pair that it goes by."""

    case: Case
    pair_seconds: float
    rounds: int


class Allocation(Record):
    """Rounds by cost alone within a budget (rule 18): what there is for pairs, the bounds, and the
    cases. A case that lacked the time has fewer than ``least`` rounds."""

    budget_seconds: float
    least: int
    most: int
    cases: list[AllocatedCase] = Field(default_factory=list)


class RunInfo(Record):
    """First line of a journal: what was planned, where, and with what.

    A run that is resumed in another batch job has a further such line with that job; the pairs
    after it were measured there. ``t`` is when the run was started or resumed. A run that plans its
    rounds by cost repeats the line with its ``allocation`` when the costs are known; the last one
    holds. ``environment`` names the Python that the children ran on, where that was another one
    than the sweep's own; ``versions`` are those of that one. ``homes`` names, of executors that ran
    in an environment built for them, that one.
    """

    v: int = JOURNAL_VERSION
    kind: Literal["run"] = "run"
    run: str
    suite: str
    profile: str
    commit: str | None = None
    dirty: bool | None = None
    looks: list[int] | None = None
    level: float = 0.95
    job: str | None = None
    machine: Machine
    versions: dict[str, str | None] = Field(default_factory=dict)
    settings: dict[str, object] = Field(default_factory=dict)
    seed: int = 0
    plan: dict[str, object] = Field(default_factory=dict)
    t: str | None = None
    scheduler: Scheduler | None = None
    cluster: str | None = None
    environment: str | None = None
    homes: dict[str, str] = Field(default_factory=dict)
    allocation: Allocation | None = None


class Block(Record):
    """One engine start-up: its cost, its layout, and what its workers read back.

    A start-up that serves several workloads has a line for each of them, with the same ``block``:
    the ceiling and the first call are the workload's own. ``interpreter`` and ``versions`` are what
    its process said of itself; ``environment`` is the Python that it ran on, where that was another
    than the sweep's own, and ``home`` its short name where it is one built for the executor.
    """

    v: int = JOURNAL_VERSION
    kind: Literal["block"] = "block"
    run: str
    block: int
    workload: str
    size: int
    executor: str
    workers: int
    pin: str
    processes: int | None = None
    threads_per_process: int | None = None
    oversubscribed: bool | None = None
    startup_seconds: float | None = None
    first_call_seconds: float | None = None
    ceiling: float | None = None
    ceiling_samples: list[float] = Field(default_factory=list)
    verified: list[WorkerProbe] = Field(default_factory=list)
    settings: dict[str, object] = Field(default_factory=dict)
    environment: str | None = None
    home: str | None = None
    interpreter: str | None = None
    versions: dict[str, str | None] = Field(default_factory=dict)


class Pair(Record):
    """One run of a case and one of its baseline, back to back; or a case without a result.

    All ``_seconds`` are per whole call, also where ``calls`` calls were timed as one batch
    (rule 13). ``round`` counts on from one start-up to the next; a case that never ran has
    ``round`` and ``block`` ``None``. ``purpose`` is ``refine`` for a chunk that the sweep added
    near a break-even, ``confirm`` for a fresh round of a chunk that was found best, ``separate``
    for a number of workers that it added to tell costs apart, else ``None``.
    ``calibration_ratio`` is the calibration kernel's time after the pair over that before it
    (rule 16).
    """

    v: int = JOURNAL_VERSION
    kind: Literal["pair"] = "pair"
    run: str
    t: str | None = None
    workload: str
    size: int
    executor: str
    workers: int
    pin: str
    chunk: int
    chunk_shape: str | None = None
    chunk_bytes: int | None = None
    n_chunks: int | None = None
    n_tasks: int | None = None
    block: int | None = None
    round: int | None = None
    purpose: Purpose | None = None
    first: Literal["parallel", "serial"] | None = None
    calls: int | None = None
    serial_calls: int | None = None
    baseline: Literal["whole", "serial replay"] | None = None
    parallel_seconds: float | None = None
    serial_seconds: float | None = None
    replay_seconds: float | None = None
    gap_seconds: float | None = None
    quiet_wait_seconds: float | None = None
    parallel_cpu_seconds: float | None = None
    peak_rss_bytes: int | None = None
    phases: dict[str, float | None] = Field(default_factory=dict)
    calibration_ratio: float | None = None
    steal_fraction: float | None = None
    pressure_fraction: float | None = None
    throttled_seconds: float | None = None
    frequency_mhz: float | None = None
    voluntary_switches: int | None = None
    involuntary_switches: int | None = None
    status: Status = Status.OK
    reason: str | None = None

    @property
    def case(self) -> Case:
        """The case that this line belongs to."""
        return Case.model_validate(self.model_dump(include=set(Case.model_fields)))


class End(Record):
    """Last line of a journal: how the run ended and what it cost.

    Of the ``seconds`` that it took, ``seconds_used`` went into calls of cases and baselines (timed,
    replayed, or to warm up), and ``seconds_starting`` into bringing engines up and down.
    ``seconds_of_all`` are those since the sweep was started or resumed, which several suites or
    sides may share; all are by a clock that nobody sets.
    """

    v: int = JOURNAL_VERSION
    kind: Literal["end"] = "end"
    run: str
    t: str | None = None
    status: Literal["complete", "out of budget", "interrupted"] = "complete"
    pairs: int = 0
    seconds: float | None = None
    seconds_used: float | None = None
    seconds_starting: float | None = None
    seconds_of_all: float | None = None


class Try(Record):
    """What is tried now for the first time, written before: it may kill the whole job.

    ``what`` is tried of a case, or of a set-up where the case's own fields are ``None``: its
    ``start-up``, its ``first call`` or its ``first round``. The same line without ``what`` says
    that it ended; so do a line of a pair of that case, and an end line. A try that never ended was
    the last of its job. Whether memory was short then is told by ``memory_kills``, which the
    machine counts from its start ``boot`` on.
    """

    v: int = JOURNAL_VERSION
    kind: Literal["try"] = "try"
    run: str
    t: str | None = None
    what: Tried | None = None
    boot: str | None = None
    memory_kills: int | None = None
    executor: str
    workers: int
    pin: str
    workload: str | None = None
    size: int | None = None
    chunk: int | None = None


JournalLine = RunInfo | Block | Pair | Try | End
"""One line of a journal."""

line_adapter: TypeAdapter[JournalLine] = TypeAdapter(
    Annotated[JournalLine, Field(discriminator="kind")]
)
"""Makes the record of a line from its fields, by its ``kind``."""
