"""The words that stand in the fields of records; a block's child knows these without pydantic."""

from __future__ import annotations

from typing import Literal

try:
    from enum import StrEnum
except ImportError:  # a child may run on Python 3.10
    from enum import Enum

    class StrEnum(str, Enum):  # type: ignore[no-redef]  # noqa: UP042
        """Members that are texts, as Python 3.11 has them."""

        __str__ = str.__str__


Purpose = Literal["refine", "confirm", "separate"]
"""Why a sweep measured what its plan does not have."""

Tried = Literal["start-up", "first call", "first round"]
"""What a sweep says that it tries, before it does."""

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
