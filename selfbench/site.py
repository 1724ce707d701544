"""``python -m selfbench.site``: what it costs to build and to open the site of a long history.

A made-up history of machines, nights and cases is written as tidy tables in Parquet; from these
``chunkbench publish --tables`` builds a site in a process of its own, whose time and peak memory
are taken; then Chromium opens its first page. Figures are made up, sizes and shapes are not.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from playwright.sync_api import Request, sync_playwright

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
"""30 cases a workload."""

SUITE, PROFILE, SIZE = "many_vs_few_chunks", "nightly", 10_000_000
FIRST = datetime(2025, 1, 1, 2)  # noqa: DTZ001 (a made-up UTC)
_FIGURES = ("speedup", "seconds", "overhead_us_per_task")


def generate(
    folder: Path, machines: int, nights: int, *, workloads: int = WORKLOADS, seed: int = 1
) -> int:
    """Write ``cases``, ``break_even`` and ``history`` to *folder*; the rows of
    ``cases``. One case in ten changes its level by a quarter at some night."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    n = 0
    with _Writer(folder, "cases") as cases, _Writer(folder, "history") as history:
        for number in range(machines):
            frame = _machine(f"node-{number:02d}", nights, workloads, rng)
            n += len(frame)
            cases.write(frame)
            history.write(_history(frame, nights))
    last = f"{FIRST + timedelta(days=nights - 1):%Y%m%dT%H%M%SZ}"
    with _Writer(folder, "break_even") as edges:
        edges.write(
            _edges(
                pq.read_table(
                    folder / "cases.parquet",
                    columns=[*(column.name for column in schema.PROVENANCE + schema.GROUP)],
                ).to_pandas(),
                last,
            )
        )
    return n


class _Writer:
    """One Parquet file of a table of the schema, written part by part."""

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
    run = [f"{FIRST + timedelta(days=d):%Y%m%dT%H%M%SZ}-{SUITE}-{d:04x}" for d in range(nights)]
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
    """The history of one machine in the shape that the analysis gives it: a level a series."""
    t = [f"{FIRST + timedelta(days=d):%Y-%m-%dT%H:%M:%SZ}" for d in range(nights)]
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


def _edges(cases: pd.DataFrame, last: str) -> pd.DataFrame:
    newest = cases[cases["run"].str.startswith(last)].drop_duplicates()
    return newest.assign(side="small", status="undetermined", reason="made up")


def build(tables: Path, out: Path) -> dict[str, float]:
    """Seconds and peak memory (GiB) of one ``chunkbench publish``, in a process of its own."""
    began = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, "-m", "harness", "publish", "--tables", str(tables), "--out", str(out)],
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        raise SystemExit(f"selfbench: publish ended with status {status}")
    return {
        "build_seconds": time.perf_counter() - began,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak_gib": usage.ru_maxrss / 2**20,
    }


def opened(site: Path, tries: int = 5) -> Iterator[dict[str, float]]:
    """The first page in Chromium, from the disk, in a fresh profile each time: its weight with all
    that it loads, and the seconds until its scripts have run and a table head can be clicked."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        try:
            for _ in range(tries):
                page = browser.new_context().new_page()
                asked: list[str] = []
                page.on("request", partial(_note, asked))
                began = time.perf_counter()
                page.goto((site / "index.html").resolve().as_uri(), wait_until="load")
                page.evaluate("() => new Promise(done => requestAnimationFrame(() => done()))")
                seconds = time.perf_counter() - began
                files = [Path(url.removeprefix("file://")) for url in asked]
                weight = sum(file.stat().st_size for file in files)
                yield {"usable_seconds": seconds, "weight_kib": weight / 1024, "files": len(files)}
                page.context.close()
        finally:
            browser.close()


def _note(asked: list[str], request: Request) -> None:
    asked.append(request.url)


def main() -> int:
    """Generate, build, open; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m selfbench.site", description=__doc__)
    parser.add_argument("--machines", type=int, default=10)
    parser.add_argument("--nights", type=int, default=365)
    parser.add_argument("--keep", type=Path, help="Keep tables and site there.")
    options = parser.parse_args()
    folder = options.keep or Path(tempfile.mkdtemp(prefix="chunkbench-site-"))
    try:
        rows = generate(folder / "tables", options.machines, options.nights)
        found: dict[str, Any] = {"rows": rows, "cores": len(os.sched_getaffinity(0))}
        found |= build(folder / "tables", folder / "site")
        site = folder / "site"
        files = [path for path in site.rglob("*") if path.is_file()]
        found |= {
            "site_files": len(files),
            "site_mib": sum(path.stat().st_size for path in files) / 2**20,
        }
        tries = list(opened(site))
        found |= {name: median(one[name] for one in tries) for name in tries[0]}
        found["usable_seconds_worst"] = max(one["usable_seconds"] for one in tries)
        found["load"] = os.getloadavg()[0]
        print(json.dumps({k: round(v, 3) for k, v in found.items()}, indent=1))
    finally:
        if not options.keep:
            shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
