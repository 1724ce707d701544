"""Run the plain suite by ASV in a temporary folder of its own."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import monotonic

from asv.results import Results

from harness.core.errors import ChunkbenchError
from harness.core.records import Verdict
from harness.running.host.with_parent import die_with_parent
from harness.running.measure.process.reaper import Reaper
from selfbench.rules import asv_verdict
from selfbench.sides import (
    AS_WRITTEN,
    CLUSTER_CHUNKS,
    FEW_CHUNKS,
    MANY_CHUNKS,
    SAME,
    Side,
    cluster_case,
)

PROJECT = Path(__file__).parent / "plain"
MACHINE = "self"
SOME_FAILED = 2
"""ASV's exit code where some benchmarks have no result; the others have theirs."""
BASELINE = "plain.Same.time_numpy"
NAMES = {
    MANY_CHUNKS: "plain.Exercise.time_many_chunks",
    FEW_CHUNKS: "plain.Exercise.time_few_chunks",
    AS_WRITTEN: "plain.Exercise.time_as_written",
    SAME: "plain.Same.time_numpy_again",
}
CLUSTER = "plain.Cluster.time_sum"

Samples = dict[str, tuple[list[float], int]]
"""Case to its samples, in seconds of one call, and the number of calls that each is the mean of."""


class PlainSuiteError(ChunkbenchError):
    """ASV ended with an error; the message has its last words."""


def run_plain() -> Side:
    """Run the plain suite through ASV and judge its samples as ``asv compare`` does.

    Raises
    ------
    PlainSuiteError
        Where ASV fails.
    """
    folder = Path(tempfile.mkdtemp(prefix="selfbench-"))
    reaper = Reaper(secrets.token_hex(8), folder)
    try:
        project = folder / "project"
        shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns("__pycache__"))
        # ASV keeps its list of machines in the home folder, and needs a commit to file results by.
        environment = os.environ | {"HOME": str(folder)}
        git = ["git", "-c", "user.name=selfbench", "-c", "user.email=selfbench@example.invalid"]
        asv = [sys.executable, "-m", "asv"]
        commands = [
            [*git, "init", "--quiet"],
            [*git, "add", "."],
            [*git, "commit", "--quiet", "--message", "The plain suite"],
            [*asv, "machine", "--yes", "--machine", MACHINE],
        ]
        for command in commands:
            _call(command, project, environment, reaper)
        began = monotonic()
        _call(
            [
                *asv,
                "run",
                "--record-samples",
                "--environment",
                f"existing:{sys.executable}",
                "--set-commit-hash",
                "HEAD",
                "--machine",
                MACHINE,
            ],
            project,
            environment,
            reaper,
            accepted=(0, SOME_FAILED),
        )
        wall = monotonic() - began
        return side(read_samples(project / "results" / MACHINE), wall)
    finally:
        reaper.finish()


def read_samples(folder: Path) -> Samples:
    """Read the samples in ASV's results of one machine, by our names of the cases.

    Those of the baseline are under :data:`BASELINE`.

    Raises
    ------
    PlainSuiteError
        Where there are no results.
    """
    file = next((path for path in folder.glob("*.json") if path.name != "machine.json"), None)
    if file is None:
        raise PlainSuiteError(f"{folder}: asv left no results: run asv in selfbench/plain")
    results = Results.load(str(file))
    names = {BASELINE: [BASELINE]} | {name: [case] for case, name in NAMES.items()}
    names[CLUSTER] = [cluster_case(chunk) for chunk in CLUSTER_CHUNKS]
    taken: Samples = {}
    for name, cases in names.items():
        if name not in results.get_all_result_keys():
            continue
        params = results.get_result_params(name)
        samples = results.get_result_samples(name, params)
        stats = results.get_result_stats(name, params)
        for case, values, summary in zip(cases, samples, stats, strict=True):
            if values and summary:
                taken[case] = ([float(value) for value in values], int(summary["number"]))
    return taken


def side(samples: Samples, wall_seconds: float) -> Side:
    """Judge the plain suite's *samples*."""
    baseline: Sequence[float] = samples[BASELINE][0] if BASELINE in samples else ()
    verdicts: dict[str, Verdict] = {
        case: asv_verdict(baseline, values)
        for case, (values, _) in samples.items()
        if case != BASELINE and baseline
    }
    return Side(
        wall_seconds=wall_seconds,
        kept_seconds=sum(sum(values) * number for values, number in samples.values()),
        called_seconds=None,
        verdicts=verdicts,
        counts={case: len(samples[case][0]) for case in verdicts},
        cluster_seconds={
            chunk: median(samples[cluster_case(chunk)][0])
            for chunk in CLUSTER_CHUNKS
            if cluster_case(chunk) in samples
        },
        first_over_warm=None,
    )


def _call(
    command: list[str],
    folder: Path,
    environment: dict[str, str],
    reaper: Reaper,
    accepted: Sequence[int] = (0,),
) -> None:
    log = folder.parent / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - one system call, no locks
        )
    reaper.watch(process.pid)
    if process.wait() not in accepted:
        last = " | ".join(log.read_text(errors="replace").split("\n")[-4:]).strip(" |")
        raise PlainSuiteError(f"{' '.join(command[:4])} ended with {process.returncode}: {last}")
