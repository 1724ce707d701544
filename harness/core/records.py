"""The frozen records that the measuring half writes and the reading half reads.

Each line of a journal is one of :class:`RunInfo`, :class:`Block`, :class:`Pair` or :class:`End`,
told apart by ``kind``. Unknown fields are ignored, so that a later version may add some; a higher
``v`` is refused by the reader. Absent is ``None``, never 0.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

JOURNAL_VERSION = 1

Purpose = Literal["refine", "confirm", "separate"]
"""Why a sweep measured what its plan does not have."""


class Status(StrEnum):
    """What became of a case: a result (``ok``), or the reason why there is none."""

    OK = "ok"
    SKIPPED = "skipped"
    FAILED = "failed"
    TIMEOUT = "timeout"
    OUT_OF_MEMORY = "out of memory"
    WRONG_ANSWER = "wrong answer"


class Verdict(StrEnum):
    """What the interval of ``T1/TP`` says (rule 20)."""

    PAYS = "pays"
    OVERHEAD = "overhead exceeds gain"
    EQUAL = "equal"
    UNDETERMINED = "undetermined"


class Scheduler(StrEnum):
    """The batch systems that a job may run in."""

    SLURM = "slurm"
    SGE = "sge"
    PBS = "pbs"
    LSF = "lsf"


class Record(BaseModel):
    """A frozen record; fields it does not know are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_inf_nan="null")


class Estimate(Record):
    """A number that is never bare: point, interval, level and number of replicates."""

    point: float | None
    low: float | None = None
    high: float | None = None
    level: float = 0.95
    n: int = 0


class SetUp(Record):
    """What one start-up brings up: an executor with its workers and its pin."""

    executor: str
    workers: int
    pin: str


class Group(Record):
    """The cases of one workload and size on one set-up: those that differ in the chunk alone."""

    workload: str
    size: int
    executor: str
    workers: int
    pin: str

    @property
    def set_up(self) -> SetUp:
        """What has to be started for this group."""
        return SetUp(executor=self.executor, workers=self.workers, pin=self.pin)

    def case(self, chunk: int) -> Case:
        """The case of this group with *chunk* elements a task."""
        return Case(**self.model_dump(), chunk=chunk)


class Case(Group):
    """One point of a sweep.

    ``size`` and ``chunk`` count elements (bag: items; actors: calls); ``pin`` is ``"1"``,
    ``"cores"`` or ``"default"`` (the engine's own).
    """

    chunk: int

    @property
    def group(self) -> Group:
        """The group that this case belongs to."""
        return Group(**self.model_dump(exclude={"chunk"}))

    @property
    def label(self) -> str:
        """A short name for messages and progress lines."""
        return f"{self.workload} on {self.executor}, {self.workers} workers, chunk {self.chunk}"


class Machine(Record):
    """The machine a run was measured on; a probe that the system lacks is ``None``."""

    name: str
    cpu: str | None = None
    cores_usable: float | None = None
    cores_source: str | None = None
    ram_bytes: int | None = None
    system: str | None = None


class WorkerProbe(Record):
    """What one worker said of itself from inside a task (rule 8); ``host`` is the node's name,
    where workers may be on several."""

    pid: int
    host: str | None = None
    native_threads: int | None = None
    affinity: list[int] | None = None
    environment: dict[str, str | None] = {}


class RunInfo(Record):
    """First line of a journal: what was planned, where, and with what.

    A run that is resumed in another batch job has a further such line with that job; the pairs
    after it were measured there. ``t`` is when the run was started or resumed.
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
    versions: dict[str, str | None] = {}
    settings: dict[str, object] = {}
    seed: int = 0
    plan: dict[str, object] = {}
    t: str | None = None
    scheduler: Scheduler | None = None
    cluster: str | None = None


class Block(Record):
    """One engine start-up: what it cost, how it is laid out, and what its workers verified.

    A start-up that serves several workloads has a line for each of them, with the same ``block``:
    the ceiling and the first call are the workload's own.
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
    ceiling_samples: list[float] = []
    verified: list[WorkerProbe] = []
    settings: dict[str, object] = {}


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
    phases: dict[str, float | None] = {}
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


Line = Annotated[RunInfo | Block | Pair | End, Field(discriminator="kind")]
line_adapter: TypeAdapter[RunInfo | Block | Pair | End] = TypeAdapter(Line)
