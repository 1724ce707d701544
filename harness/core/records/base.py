"""The base of all records, and an estimate."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from harness.core.records.field_words import IntervalRule


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
