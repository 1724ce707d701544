"""Make up the history of machines, nights and cases as tidy tables, for the cost of a site."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from harness.core import schema

WORKLOADS = 10
EXECUTORS = (
    "dask-threads",
    "dask-distributed-processes",
    "process-pool",
    "ray-tasks",
    "thread-pool",
)
CHUNKS = (1_000, 10_000, 100_000, 1_000_000, 2_500_000, 10_000_000)
"""With the executors, these make 30 cases a workload."""

SUITE, PROFILE, SIZE = "many_vs_few_chunks", "nightly", 10_000_000
FIRST_NIGHT = datetime(2025, 1, 1, 2)  # noqa: DTZ001 (a made-up UTC)
_FIGURES = ("speedup", "seconds", "overhead_us_per_task")


def generate(
    folder: Path, machines: int, nights: int, *, workloads: int = WORKLOADS, seed: int = 1
) -> int:
    """Write the tables ``cases``, ``break_even`` and ``history`` as Parquet.

    One case in ten changes its level by a quarter at some night.

    Parameters
    ----------
    folder : Path
    machines, nights, workloads : int
        Every machine measures every case every night.
    seed : int

    Returns
    -------
    int
        Rows of ``cases``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    rows = 0
    with _Writer(folder, "cases") as cases, _Writer(folder, "history") as history:
        for number in range(machines):
            frame = _machine(f"node-{number:02d}", nights, workloads, rng)
            rows += len(frame)
            cases.write(frame)
            history.write(_history(frame, nights))
    last_night = f"{FIRST_NIGHT + timedelta(days=nights - 1):%Y%m%dT%H%M%SZ}"
    with _Writer(folder, "break_even") as edges:
        edges.write(
            _edges(
                pq.read_table(
                    folder / "cases.parquet",
                    columns=[*(column.name for column in schema.PROVENANCE + schema.GROUP)],
                ).to_pandas(),
                last_night,
            )
        )
    return rows


class _Writer:
    """Writes a table of the schema into one Parquet file, part by part."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name, self.path = name, folder / f"{name}.parquet"
        self.file: pq.ParquetWriter | None = None

    def __enter__(self) -> _Writer:
        return self

    def write(self, frame: pd.DataFrame) -> None:
        typed = frame.reindex(columns=schema.names(self.name)).astype(schema.dtypes(self.name))
        table = pa.Table.from_pandas(typed, preserve_index=False)
        if self.file is None:
            self.file = pq.ParquetWriter(self.path, table.schema)
        self.file.write_table(table.cast(self.file.schema))

    def __exit__(self, *_: object) -> None:
        if self.file is not None:
            self.file.close()


def _machine(machine: str, nights: int, workloads: int, rng: np.random.Generator) -> pd.DataFrame:
    """Make up the table ``cases`` of one machine."""
    setups = [
        (f"workload-{w}", executor, chunk)
        for w in range(workloads)
        for executor in EXECUTORS
        for chunk in CHUNKS
    ]
    n = len(setups)
    base = rng.lognormal(-1, 0.8, n)
    step = np.where(rng.random(n) < 0.1, 0.75, 1.0)
    at = rng.integers(30, max(31, nights - 30), n)
    night = np.repeat(np.arange(nights), n)
    level = np.where(night >= np.tile(at, nights), np.tile(step, nights), 1.0)
    T1 = 0.03 * rng.lognormal(0, 0.02, nights * n)
    seconds = np.tile(base, nights) * level * rng.lognormal(0, 0.05, nights * n)
    workload, executor, chunk = zip(*setups)
    run = [
        f"{FIRST_NIGHT + timedelta(days=d):%Y%m%dT%H%M%SZ}-{SUITE}-{d:04x}" for d in range(nights)
    ]
    n_tasks = SIZE // np.tile(np.array(chunk), nights)
    overhead = (seconds - T1 / 1.9) / n_tasks * 1e6
    speedup = T1 / seconds
    verdict = np.select(
        [speedup > 1.1, speedup < 0.9], ["pays", "overhead exceeds gain"], "undetermined"
    )
    frame = {
        "machine": machine,
        "run": np.repeat(run, n),
        "commit": "0" * 40,
        "suite": SUITE,
        "profile": PROFILE,
        "workload": np.tile(workload, nights),
        "size": SIZE,
        "executor": np.tile(executor, nights),
        "workers": 2,
        "pin": "1",
        "chunk": np.tile(chunk, nights),
        "n_tasks": n_tasks,
        "n_chunks": n_tasks,
        "status": "ok",
        "paired": True,
        "rounds": 16,
        "blocks": 5,
        "flagged": 1,
        "verdict": verdict,
        "verdict_vs_all_cores": "undetermined",
        "scope": "beyond",
        "oversubscribed": False,
    }
    for name, values in (
        ("seconds", seconds),
        ("baseline_seconds", T1),
        ("speedup", speedup),
        ("overhead_us_per_task", overhead),
    ):
        frame |= {name: values, f"{name}_low": values * 0.95, f"{name}_high": values * 1.05}
    return pd.DataFrame(frame)


def _history(cases: pd.DataFrame, nights: int) -> pd.DataFrame:
    """Make up the table ``history`` of one machine.

    Each series has one level in its first third, and another after it.
    """
    t = [f"{FIRST_NIGHT + timedelta(days=d):%Y-%m-%dT%H:%M:%SZ}" for d in range(nights)]
    keep = cases[
        [
            "machine",
            "suite",
            "profile",
            "workload",
            "size",
            "executor",
            "workers",
            "pin",
            "chunk",
            "run",
            "commit",
            "rounds",
            "status",
        ]
    ]
    keep = keep.assign(t=np.repeat(t, len(cases) // nights))
    parts = []
    for figure in _FIGURES:
        part = keep.assign(figure=figure)
        for end in ("", "_low", "_high"):
            part[f"value{end}"] = cases[f"{figure}{end}"]
        value = part["value"].to_numpy().reshape(nights, -1)
        third = nights // 3
        levels = np.concatenate(
            [
                np.broadcast_to(np.median(piece, axis=0), piece.shape)
                for piece in (value[:third], value[third:])
            ]
        )
        part["level"] = levels.ravel()
        part["level_low"], part["level_high"] = part["level"] * 0.98, part["level"] * 1.02
        part["segment"] = np.repeat((np.arange(nights) >= third).astype(int), value.shape[1])
        part["segment_runs"] = np.where(part["segment"].eq(0), third, nights - third)
        first = np.repeat(np.arange(nights) == third, value.shape[1])
        moved = first & (np.arange(len(part)) % 10 == 0)
        part["change"] = pd.Series("lower", part.index, dtype="string").where(moved)
        for end, factor in (("", 0.75), ("_low", 0.72), ("_high", 0.78)):
            part[f"ratio{end}"] = np.where(moved, factor, np.nan)
        versions = pd.Series("dask 2026.7.0 -> 2026.8.0", part.index, dtype="string")
        part["linked_versions"] = versions.where(moved)
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def _edges(cases: pd.DataFrame, last_night: str) -> pd.DataFrame:
    newest = cases[cases["run"].str.startswith(last_night)].drop_duplicates()
    return newest.assign(side="small", status="undetermined", reason="made up")
