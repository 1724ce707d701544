"""Timings that others took: one file beside the journals, written once and read as it is."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from harness.core.records.base import Record

TIMINGS_VERSION = 1
LARGEST = 2**63 - 1  # the frames hold counts as 64-bit integers

Whole = Annotated[int, Field(ge=1, le=LARGEST)]
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Timing(Record):
    """One call that somebody timed; whatever its file did not say is ``None``.

    Attributes
    ----------
    workload : str
        What was computed, with what told it apart beside the other fields.
    size, chunk : int or None
        Elements, or bytes where the file counts those.
    seconds, serial_seconds : float
        Time of the call, and of the serial way to the same answer.
    efficiency : float or None
        As the file has it: the share of the best rate of work of its own sweep.
    """

    workload: str
    size: Whole | None = None
    executor: str | None = None
    workers: Whole | None = None
    pin: str | None = None
    chunk: Whole | None = None
    chunk_shape: str | None = None
    n_tasks: Whole | None = None
    seconds: Seconds
    serial_seconds: Seconds | None = None
    efficiency: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None


class Timings(Record):
    """The timings of one file of somebody else's, with what to know of them.

    Attributes
    ----------
    machine, name : str
        Whose they are, and what they are called: they stand for a run in the tables.
    source : str
        Name of the file that they were read from.
    sha256 : str
        Digest of its content.
    notes : list of str
        How its columns were understood.
    """

    v: int = TIMINGS_VERSION
    kind: Literal["timings"] = "timings"
    machine: str
    name: str
    source: str
    sha256: str
    notes: list[str] = Field(default_factory=list)
    timings: list[Timing]
