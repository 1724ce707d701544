"""What the names in an ASV results file mean: the kind of a benchmark, its suite, its axes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

OWN_METRICS = ("track_time_ratio", "track_seconds", "track_overhead_per_task")
OWN_AXES = ("executor", "workers", "pin", "chunk")

_ENDINGS = (
    *((ending, "chunk") for ending in ("chunk", "chunks", "chunksize", "chunk_size")),
    *((ending, "workers") for ending in ("workers", "threads")),
)
_TIME = re.compile(r"time_|timeraw_|Time[A-Z_]|Timeraw[A-Z_]")
_TEXT = re.compile(r"'([^'\\]*)'|\"([^\"\\]*)\"")
_COUNT = re.compile(r"\d{1,18}")  # fits into a 64-bit integer


@dataclass(frozen=True)
class Axes:
    """The axes of one benchmark: their names in order, empty where nobody knows them."""

    benchmark: str
    names: list[str] = field(default_factory=list)


def is_own(name: str) -> bool:
    """Whether benchmark *name* is one of the metrics that our suites give of a paired sweep."""
    return name.rpartition(".")[2] in OWN_METRICS and "." in name


def is_time(name: str) -> bool:
    """Whether ASV measures seconds for a benchmark of this *name* (its own naming rule)."""
    last = name.rpartition(".")[2]
    return _TIME.match(last) is not None or (is_own(name) and last == "track_seconds")


def of_suite(name: str, suite: str) -> bool:
    """Whether benchmark *name* belongs to the journalled *suite*.

    A suite is named by its file (``many_vs_few_chunks``) or its class (``ManyVsFewChunks``).
    """
    return _plain(suite) in {_plain(part) for part in name.split(".")[:-1]}


def same_commit(commit: str | None, other: str | None) -> bool:
    """Whether two commit hashes, of which either may be shortened, are one commit."""
    if not commit or not other:
        return False
    return commit.startswith(other) or other.startswith(commit)


def map_parameters(axes: Axes, values: list[str]) -> dict[str, object]:
    """The case columns of one cell of a benchmark.

    Parameters
    ----------
    axes : Axes
        Axis names from ``benchmarks.json``. Where they are unknown, or do not fit the number of
        values, the parameters are guessed to be nothing; only this project's own metrics have
        known axes without that file.
    values : list of str
        ``repr`` of each parameter, as ASV writes them.

    Returns
    -------
    dict
        ``executor``, ``workers``, ``pin`` and ``chunk`` as far as they are axes with a fitting
        value (an axis like ``z_chunksize`` or ``n_workers`` fills the one that it ends with), and
        ``workload``: the benchmark's last name with every other parameter, ``"time_sum(1000)"`` or
        ``"time_sum(n=1000)"``.
    """
    names = axes.names
    if not names and is_own(axes.benchmark):
        names = list(OWN_AXES)
    if len(names) != len(values):
        names = [""] * len(values)
    columns: dict[str, object] = {}
    rest = []
    for name, text in zip(names, values):
        column = _column(name)
        value = _value(column, text)
        if value is None or column in columns or (column != name and column in names):
            rest.append(f"{name}={text}" if name else text)
        else:
            columns[column] = value
    workload = axes.benchmark.rpartition(".")[2]
    columns["workload"] = f"{workload}({', '.join(rest)})" if rest else workload
    return columns


def _column(name: str) -> str:
    """The column that an axis *name* fills: that of its name, or of how it ends."""
    if name in OWN_AXES:
        return name
    return next((column for ending, column in _ENDINGS if name.lower().endswith(ending)), name)


def _value(name: str, text: str) -> str | int | None:
    if name in ("executor", "pin"):
        match = _TEXT.fullmatch(text)
        return (match[1] or match[2]) if match else None
    if name in ("workers", "chunk") and _COUNT.fullmatch(text):
        return int(text)
    return None


def _plain(name: str) -> str:
    return name.replace("_", "").lower()
