"""What a column is, and the columns that many tables begin with."""

from __future__ import annotations

from typing import NamedTuple


class Column(NamedTuple):
    """One column of a table.

    Attributes
    ----------
    name : str
        As frames and files name it.
    dtype : str
        A pandas dtype; what is absent is ``NA`` or ``NaN``, never 0.
    unit : str or None
        ``None`` for words, and for numbers without a unit.
    meaning : str
        In a few words, as the documents show it.
    """

    name: str
    dtype: str
    unit: str | None
    meaning: str


def estimate(name: str, unit: str | None, meaning: str) -> tuple[Column, Column, Column]:
    """The three columns of a number with its 95 % interval: *name*, its low and its high end."""
    return (
        Column(name, "float64", unit, meaning),
        Column(f"{name}_low", "float64", unit, f"lower end of the 95 % interval of {name}"),
        Column(f"{name}_high", "float64", unit, f"upper end of the 95 % interval of {name}"),
    )


PROVENANCE = (
    Column("machine", "string", None, "name that the machine's owner gave it"),
    Column("run", "string", None, "name of the run: UTC start, suite and a random suffix"),
    Column("commit", "string", None, "commit of the code that measured"),
    Column("suite", "string", None, "suite that planned the sweep"),
    Column("profile", "string", None, "profile that set sizes and rounds"),
)

GROUP = (
    Column("workload", "string", None, "what is computed"),
    Column("size", "Int64", "elements", "elements of the whole problem"),
    Column("executor", "string", None, "who runs it"),
    Column("workers", "Int64", None, "how many tasks can run at once"),
    Column("pin", "string", None, "limit on native threads: 1, cores, or default"),
)

CASE = (*GROUP, Column("chunk", "Int64", "elements", "elements handed to one task"))

CHUNKING = (
    Column("chunk_shape", "string", None, "shape of a chunk"),
    Column("chunk_bytes", "Int64", "bytes", "bytes of a chunk"),
    Column("n_chunks", "Int64", None, "chunks that the problem is cut into"),
    Column("n_tasks", "Int64", None, "tasks handed to the scheduler"),
)

STATUS = (
    Column("status", "string", None, "ok, skipped, failed, timeout, out of memory, wrong answer"),
    Column("reason", "string", None, "why there is no result"),
)
