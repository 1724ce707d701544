"""A small ASV site: two commits of a made-up project, measured on one made-up machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest

SUITE = "many_vs_few_chunks.ManyVsFewChunks"
AXES: dict[str, list[str]] = {
    "executor": ["'dask-threads'", "'ray-tasks'"],
    "workers": ["2"],
    "pin": ["'1'"],
    "chunk": ["1000", "100000", "10000000"],
}
UNITS = {"track_time_ratio": "ratio", "track_seconds": "seconds", "track_overhead_per_task": "us"}
MACHINE = "made-up-2core"
ENVIRONMENT = "virtualenv-py3.11"


def _git(folder: Path, *arguments: str) -> str:
    """Run git with an identity of its own, whatever the user's configuration is."""
    who = {
        f"GIT_{role}_{what}": value
        for role in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "Test"), ("EMAIL", "test@example.invalid"))
    }
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments],
        env={**os.environ, **who, "GIT_CONFIG_GLOBAL": os.devnull},
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


def _write(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), "utf-8")


def _benchmarks() -> dict[str, object]:
    """What ASV would have discovered in a suite with the project's axes and metrics."""
    common = {
        "code": "def track(self): ...",
        "param_names": list(AXES),
        "params": list(AXES.values()),
        "timeout": 120.0,
        "type": "track",
        "version": "1",
    }
    names = {f"{SUITE}.{metric}": unit for metric, unit in UNITS.items()}
    return {
        "version": 2,
        **{name: {**common, "name": name, "unit": unit} for name, unit in names.items()},
    }


def _result(commit: str, date: int, scale: float) -> dict[str, object]:
    """One commit's results: the ratio falls as chunks grow; one case has none."""
    cases = list(product(*AXES.values()))
    values = [scale * 1e5 / float(chunk) ** 0.7 for *_, chunk in cases]
    row = [[None, *values[1:]], list(AXES.values()), "1", 1700000000000, 1.5]
    return {
        "version": 2,
        "commit_hash": commit,
        "date": date,
        "env_name": ENVIRONMENT,
        "env_vars": {},
        "params": {"machine": MACHINE, "python": "3.11"},
        "python": "3.11",
        "requirements": {},
        "durations": {},
        "result_columns": ["result", "params", "version", "started_at", "duration"],
        "results": {f"{SUITE}.{metric}": row for metric in UNITS},
    }


@pytest.fixture(scope="session")
def asv_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that ``asv publish`` wrote for the made-up project."""
    project = tmp_path_factory.mktemp("project")
    settings = {
        "version": 1,
        "project": "chunkbench",
        "repo": ".",
        "dvcs": "git",
        "branches": ["HEAD"],
        "environment_type": "virtualenv",
        "html_dir": "site/asv",
        "show_commit_url": "#",
    }
    _write(project / "asv.conf.json", settings)
    _git(project, "init", "--quiet")
    results = project / "results"
    _write(results / "benchmarks.json", _benchmarks())
    machine = {"machine": MACHINE, "arch": "", "cpu": "", "num_cpu": "2", "os": "", "ram": ""}
    _write(results / MACHINE / "machine.json", {"version": 1, **machine})
    for number, scale in enumerate((1.0, 1.2)):
        _git(project, "add", "asv.conf.json")
        _git(project, "commit", "--quiet", "--allow-empty", "--message", f"commit {number}")
        commit = _git(project, "rev-parse", "HEAD")
        result = _result(commit, 1700000000000 + number * 86400000, scale)
        _write(results / MACHINE / f"{commit[:8]}-{ENVIRONMENT}.json", result)
    done = subprocess.run(
        [sys.executable, "-m", "asv", "publish"],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return project / "site" / "asv"
