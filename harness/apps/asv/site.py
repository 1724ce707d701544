"""Build ASV's own site from what every machine measured.

ASV reads one ``benchmarks.json`` for all machines, which every run rewrites with its own axes and
profile. Here it is made from the files of each machine instead, in a copy of the results folder, so
that nothing that was measured is lost and the folder stays as it is.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from harness.apps.asv.asv_process import AsvError
from harness.apps.asv.project_clone import project_root
from harness.core import run_options
from harness.core.errors import InputError
from harness.running.measure.process.supervision import scratch_folder
from harness.running.plan.profiles import PROFILES

API_VERSION = 2
Benchmarks = dict[str, dict[str, Any]]


def publish(results: Path, out: Path) -> Path:
    """Build ASV's site of *results* in ``out/asv``, and return the path of its front page.

    Raises
    ------
    UsageError
        Outside a clone: ASV needs the repository to put commits in order.
    InputError
        Where there is nothing to publish.
    AsvError
        Where ASV fails.
    """
    root = project_root()
    files = sorted(path for path in results.glob("*/*.json") if path.name != "machine.json")
    if not files:
        raise InputError(f"no ASV results in {results}: chunkbench run makes some")
    target = (out / "asv").resolve()
    with scratch_folder("chunkbench-site-") as reaper:
        folder = reaper.scratch
        for path in [*files, *results.glob("*/machine.json")]:
            copy = folder / "results" / path.relative_to(results)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
        benchmarks = merged(discovered(root, folder), map(load_json, files))
        (folder / "results/benchmarks.json").write_text(
            json.dumps(benchmarks | {"version": API_VERSION})
        )
        (folder / "asv.conf.json").write_text(json.dumps(_configuration(root, target)))
        _asv(["publish"], folder)
    return target / "index.html"


def merged(known: Benchmarks, files: Iterable[dict[str, Any]]) -> Benchmarks:
    """Give *known* benchmarks the parameters of all *files*, and the version of the newest.

    ASV hides results of another version, so these add no parameters. A benchmark that no file has
    is left out.

    Parameters
    ----------
    known : dict
        Entries of ``benchmarks.json`` by name.
    files : iterable of dict
        Contents of ASV's result files.
    """
    newest: dict[str, tuple[float, Any]] = {}
    rows: dict[str, list[tuple[Any, list[list[str]]]]] = {}
    for file in files:
        columns = file.get("result_columns", [])
        for name, values in file.get("results", {}).items():
            if name not in known or not isinstance(values, list):
                continue  # a bare number, as the first version of ASV's files had them
            row = dict(zip(columns, values, strict=False))
            if len(row.get("params") or []) != len(known[name]["param_names"]) or not row["params"]:
                continue
            rows.setdefault(name, []).append((row.get("version"), row["params"]))
            started = float(row.get("started_at") or 0)
            newest[name] = max(
                newest.get(name, (-1.0, None)),
                (started, row.get("version")),
                key=lambda dated: dated[0],
            )
    entries = {}
    for name, (_, version) in newest.items():
        axes: list[list[str]] = [[] for _ in known[name]["param_names"]]
        for other, params in rows[name]:
            if other == version:
                for axis, values in zip(axes, params, strict=True):
                    axis.extend(value for value in values if value not in axis)
        params = [_sorted(axis) for axis in axes]
        entries[name] = known[name] | {"params": params, "version": version}
    return entries


def _sorted(values: list[str]) -> list[str]:
    return sorted(values, key=int) if all(value.isdigit() for value in values) else values


def load_json(path: Path) -> dict[str, Any]:
    """Read the object in one of ASV's files.

    Raises
    ------
    InputError
        Where the file is not there, or holds no object.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path} is not an ASV result ({error}): restore or remove it") from None
    if not isinstance(content, dict):
        raise InputError(f"{path} is not an ASV result: restore or remove it")
    return content


def discovered(root: Path, folder: Path, profile: str | None = None) -> Benchmarks:
    """Let ASV itself find the benchmarks of the suites in the clone *root*.

    Parameters
    ----------
    root : Path
    folder : Path
        Scratch folder.
    profile : str, optional
        Whose axes the suites shall have; by default that of the environment.

    Raises
    ------
    AsvError
        Where ASV finds none.
    """
    import asv.benchmark  # noqa: PLC0415

    file = folder / "discovered.json"
    profile = profile or os.environ.get(run_options.PROFILE) or next(iter(PROFILES))
    done = subprocess.run(
        [sys.executable, asv.benchmark.__file__, "discover", str(root / "benchmarks"), str(file)],
        capture_output=True,
        text=True,
        env=_with_path() | {run_options.PROFILE: profile},
    )
    if done.returncode or not file.is_file():
        raise AsvError(f"asv found no benchmarks: {_tail(done)}")
    return {entry["name"]: entry for entry in json.loads(file.read_text())}


def _configuration(root: Path, target: Path) -> dict[str, Any]:
    from asv.config import Config  # noqa: PLC0415

    keep = (
        "project",
        "project_url",
        "show_commit_url",
        "branches",
        "dvcs",
        "environment_type",
        "hash_length",
        "regressions_thresholds",
    )
    conf = Config.load(str(root / "asv.conf.json"))
    return {
        "version": 1,
        "repo": str(root),
        "results_dir": "results",
        "html_dir": str(target),
        "benchmark_dir": str(root / "benchmarks"),
        **{name: getattr(conf, name) for name in keep},
    }


def _asv(arguments: list[str], folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "asv", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        env=_with_path(),
    )
    if done.returncode:
        raise AsvError(f"asv {arguments[0]} failed: {_tail(done)}")


def _with_path() -> dict[str, str]:
    """The environment, with ASV's name for ``PYTHONPATH``: of that alone ASV takes every folder off
    the path, also one that is on it anyway, as that of a clone that is installed."""
    path = os.environ.get("PYTHONPATH")
    return ({"ASV_PYTHONPATH": path} if path else {}) | dict(os.environ)


def _tail(done: subprocess.CompletedProcess[str]) -> str:
    return (done.stderr or done.stdout).strip()[-300:].replace("\n", " | ")
