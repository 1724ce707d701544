"""Small journals and ASV files, written line by line the way a run leaves them."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
from asv.results import Results

from harness.core.records import Block, End, Machine, Pair, Record, RunInfo, Status

RUN = "20261123T081500Z-many_vs_few_chunks-7f3a"
COMMIT = "3f2a9c71d04be5a6c8e9f00112233445566778ab"
SIZE = 10_000_000
CHUNKS = (1_000, 100_000, 1_000_000, 5_000_000)
GROUP: dict[str, Any] = {
    "workload": "random-sum",
    "size": SIZE,
    "executor": "dask-threads",
    "workers": 2,
    "pin": "1",
}


def run_info(**changes: Any) -> RunInfo:
    """The first line of a journal of a made-up machine."""
    fields: dict[str, Any] = {
        "run": RUN,
        "suite": "many_vs_few_chunks",
        "profile": "laptop",
        "commit": COMMIT,
        "looks": [8, 12, 16, 24, 32],
        "machine": Machine(name="made-up", cpu="Made-up CPU", cores_usable=2.0),
        "versions": {"python": "3.11.7", "numpy": "2.4.6", "dask": "2026.8.0"},
    }
    return RunInfo(**(fields | changes))


def block(number: int = 0, **changes: Any) -> Block:
    """One engine start-up."""
    fields: dict[str, Any] = {
        **GROUP,
        "run": RUN,
        "block": number,
        "processes": 1,
        "threads_per_process": 2,
        "startup_seconds": 0.01,
        "first_call_seconds": 0.2,
        "ceiling": 1.93,
    }
    return Block(**(fields | changes))


def pair(**changes: Any) -> Pair:
    """One pair; without a result where ``status`` says so."""
    fields: dict[str, Any] = {
        **GROUP,
        "run": RUN,
        "chunk": 1_000_000,
        "n_chunks": 10,
        "n_tasks": 23,
        "block": 0,
        "round": 0,
        "first": "parallel",
        "parallel_seconds": 0.031,
        "serial_seconds": 0.058,
        "phases": {"build": 0.002, "submit": None, "compute": None},
    }
    return Pair(**(fields | changes))


def sweep(rounds: int = 8) -> list[Record]:
    """A whole journal: two blocks, four chunk sizes and one skipped case, with seeded noise."""
    noise = random.Random(20)
    lines: list[Record] = [run_info()]
    for number in (0, 1):
        lines.append(block(number, startup_seconds=0.01 + 0.002 * number))
        for turn in range(rounds // 2):
            now = number * rounds // 2 + turn
            lines.extend(_measured(chunk, number, now, noise) for chunk in CHUNKS)
    lines.append(
        Pair(run=RUN, **GROUP, chunk=10, status=Status.SKIPPED, reason="above 100 000 chunks")
    )
    n_pairs = sum(isinstance(line, Pair) for line in lines)
    return [*lines, End(run=RUN, pairs=n_pairs, seconds=12.5)]


def _measured(chunk: int, number: int, turn: int, noise: random.Random) -> Pair:
    n_chunks = SIZE // chunk
    serial = 0.058 * noise.lognormvariate(0, 0.03)
    return pair(
        chunk=chunk,
        chunk_shape=str(chunk),
        chunk_bytes=8 * chunk,
        n_chunks=n_chunks,
        n_tasks=2 * n_chunks + 3,
        block=number,
        round=turn,
        serial_seconds=serial,
        parallel_seconds=(0.03 + 0.0004 * n_chunks) * noise.lognormvariate(0, 0.03),
        peak_rss_bytes=412_000_000,
        calibration_ratio=1.01,
    )


def write_journal(folder: Path, lines: list[Record], name: str = RUN, end: str = "\n") -> Path:
    """*lines* as ``<folder>/journal/<name>.jsonl``."""
    path = folder / "journal" / f"{name}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "\n".join(line.model_dump_json() for line in lines) + end
    path.write_text(text, encoding="utf-8")
    return path


class _Outcome:
    """What ASV's runner hands to its results file."""

    def __init__(self, values: list[Any], samples: list[list[float] | None] | None = None):
        self.result = values
        self.samples = samples or [None] * len(values)
        self.number = [1 if kept else None for kept in self.samples]
        self.stderr, self.errcode, self.profile = "", 0, None


def write_asv(
    results: Path,
    benchmarks: dict[str, dict[str, Any]],
    *,
    machine: str = "made-up",
    commit: str = COMMIT,
) -> Path:
    """A results file by ASV's own writer.

    *benchmarks* maps a name to ``values`` and, as needed, ``params`` (lists of ``repr``),
    ``samples`` and ``version``.
    """
    written = Results({"machine": machine}, {}, commit, 0, "3.11", "existing-py", {})
    for name, given in benchmarks.items():
        described = {
            "name": name,
            "version": given.get("version", "1"),
            "params": given.get("params", []),
        }
        outcome = _Outcome(given["values"], given.get("samples"))
        written.add_result(described, outcome, record_samples="samples" in given)
    (results / machine).mkdir(parents=True, exist_ok=True)
    written.save(str(results))
    return next((results / machine).glob("*.json"))


def write_names(results: Path, names: dict[str, list[str]], version: str = "1") -> None:
    """``benchmarks.json`` with the parameter names of some benchmarks."""
    content: dict[str, Any] = {
        name: {"name": name, "param_names": axes, "version": version, "unit": "seconds"}
        for name, axes in names.items()
    }
    results.mkdir(parents=True, exist_ok=True)
    (results / "benchmarks.json").write_text(json.dumps(content | {"version": 2}))


SAMPLES = [float(value) for value in np.round(np.linspace(0.030, 0.037, 8), 4)]
