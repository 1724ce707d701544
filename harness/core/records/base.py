"""The base of all records, an estimate, and the words that stand in their fields."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

Purpose = Literal["refine", "confirm", "separate"]
"""Why a sweep measured what its plan does not have."""


NO_TIME = "no time:"
"""How the reason begins of a case that was skipped since the budget was spent; the same run may
measure it when it goes on, and the case then has its rounds."""

IntervalRule = Literal["moderated t", "order statistics", "interpolated"]
"""By which rule an estimate got its interval (rule 19)."""


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
    """A number with its interval.

    Attributes
    ----------
    point : float or None
        ``None`` where there is no value.
    low, high : float or None
        Ends of the interval; ``None`` where the values are too few for one.
    level : float
        Of the interval.
    n : int
        Replicates that it rests on.
    interval : str or None
        By which rule it got its interval; ``None`` where there is none, or it was made otherwise.
    """

    point: float | None
    low: float | None = None
    high: float | None = None
    level: float = 0.95
    n: int = 0
    interval: IntervalRule | None = None
