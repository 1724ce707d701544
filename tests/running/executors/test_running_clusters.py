"""A cluster that runs already is named by its address, and gets the user's module."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import harness
from harness.apps import tried as tried_app
from harness.core.errors import UsageError
from harness.core.records import Status
from harness.running.executors import lookup, options, running_clusters
from harness.running.plan.profiles import TRY
from harness.running.workloads import kept_works
from harness.running.workloads.kept_works import WorkSpec
from tests.hpc.clusters import dask_cluster, ray_cluster

MODULE = """
from near_{number} import factor


def task(x):
    return sum(i * x for i in range(200 * factor))


inputs = list(range(40))
"""


def test_an_address_is_there_while_it_is_needed_and_not_after(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(options.DASK, "tcp://10.0.0.1:1")
    monkeypatch.delenv(options.RAY, raising=False)
    names = ["thread-pool", "dask:tcp://node7:8786", "ray:node8:6379"]
    with running_clusters.joined(names) as executors:
        assert executors == ["thread-pool", "dask-attached", "ray-attached"]
        assert options.endpoint(options.DASK) == ("node7", 8786)
        assert options.endpoint(options.RAY) == ("node8", 6379)
    assert os.environ[options.DASK] == "tcp://10.0.0.1:1"
    assert options.RAY not in os.environ


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["dask:node7"], "give an address such as tcp://127.0.0.1:8786"),
        (["dask:tcp://a:1", "dask:tcp://b:2"], "name one of them at a time"),
        (["ray:auto"], "write its address, ray:127.0.0.1:6379"),
    ],
)
def test_a_wrong_address_is_one_line_that_says_what_to_write(
    names: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setattr(running_clusters, "RAY_NOTE", tmp_path / "none")
    with pytest.raises(UsageError, match=re.escape(said)), running_clusters.joined(names):
        pass


def test_auto_is_the_cluster_that_ray_notes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setattr(running_clusters, "RAY_NOTE", tmp_path / "note")
    (tmp_path / "note").write_text("127.0.0.1:6390\n")
    with running_clusters.joined(["ray:auto"]):
        assert options.endpoint(options.RAY) == ("127.0.0.1", 6390)


def test_where_nothing_answers_nothing_is_measured(tmp_path: Path) -> None:
    work = harness.work(len, items=["a"])
    with pytest.raises(UsageError, match=re.escape("nothing answers at 127.0.0.1:9")):
        harness.run(work, executors=["dask:tcp://127.0.0.1:9"], results=tmp_path)
    assert not list(tmp_path.iterdir())


@contextmanager
def kept(task: str) -> Iterator[None]:
    kept_works.keep([WorkSpec(name="w", task=task)])
    try:
        yield
    finally:
        kept_works.keep([])


class Workers:
    """Those of a cluster elsewhere, which have what is *installed* and get what is sent."""

    def __init__(self, *installed: str, chunkbench: bool = True) -> None:
        self.has, self.chunkbench = set(installed), chunkbench
        self.got: list[str] = []

    def run(self, function: Any, names: list[str]) -> dict[str, list[str]]:
        if not self.chunkbench:
            raise ModuleNotFoundError("No module named 'harness'", name="harness")
        return {"worker": [name for name in names if name not in self.has]}

    def upload_file(self, file: str) -> None:
        name = Path(file).stem
        if name.startswith("work_") and f"near_{name[5:]}" not in self.has:
            raise ModuleNotFoundError("no", name=f"near_{name[5:]}")
        self.has.add(name)
        self.got.append(Path(file).name)


def brought(workers: Workers, tmp_path: Path) -> list[str]:
    executor = lookup("dask-attached")(2, tmp_path)
    executor.client = workers  # type: ignore[attr-defined]
    executor._bring_modules("node7:8786")  # type: ignore[attr-defined]
    return workers.got


def module(folder: Path, number: int, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module of the user's own in *folder*, which imports another one beside it."""
    (folder / f"near_{number}.py").write_text("factor = 2\n")
    (folder / f"work_{number}.py").write_text(MODULE.format(number=number))
    monkeypatch.syspath_prepend(str(folder))
    return f"work_{number}"


def test_a_module_of_the_users_own_is_sent_with_what_it_imports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the workers have one of that name, which may be older."""
    name = module(tmp_path, 1, monkeypatch)
    with kept(f"{name}:task"):
        assert brought(Workers(), tmp_path) == ["near_1.py", "work_1.py"]
        assert brought(Workers("work_1", "near_1"), tmp_path) == ["work_1.py"]


def test_a_package_is_sent_as_an_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own_package").mkdir()
    (tmp_path / "own_package/__init__.py").touch()
    (tmp_path / "own_package/part.py").write_text("def task(x): return x\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with kept("own_package.part:task"):
        assert brought(Workers(), scratch) == ["own_package.zip"]


def test_what_cannot_be_sent_names_the_command(tmp_path: Path) -> None:
    with kept("numpy.linalg:norm"):
        assert brought(Workers("numpy"), tmp_path) == []
        with pytest.raises(UsageError, match=r"cannot import numpy.*install it"):
            brought(Workers(), tmp_path)
        with pytest.raises(UsageError, match=r"run pip install chunkbench==\d"):
            brought(Workers("numpy", chunkbench=False), tmp_path)


def tried(folder: Path, number: int, cluster: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    name = module(folder, number, monkeypatch)
    monkeypatch.chdir(folder)
    return harness.run(
        harness.work(f"{name}:task", items=f"{name}:inputs"),
        executors=[cluster],
        chunks=[20],
        budget="60s",
        results=folder,
    )


def native_threads(answer: Any) -> set[int]:
    """What every worker of the cluster said of itself."""
    cases = harness.read_results(Path(answer.journal)).cases
    return set(cases.loc[cases["executor"].str.endswith("-attached"), "native_threads"])


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rounds of everything, however long the budget is."""
    monkeypatch.setattr(tried_app, "TRY", replace(TRY, blocks=(2,), refined=False))


@pytest.mark.engine
def test_a_work_is_tried_on_a_dask_cluster_that_runs_already(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quick: None
) -> None:
    """Its workers are as many as it has, and its scheduler lives on."""
    with dask_cluster(3) as address:
        answer = tried(tmp_path, 2, f"dask:{address}", monkeypatch)
        with running_clusters.joined([f"dask:{address}"]):
            assert running_clusters.workers_there("dask-attached", tmp_path) == 3
    [row] = [row for row in answer.rows if row.executor == "dask-attached"]
    assert (row.status, row.workers) == (Status.OK, 3), row.reason
    assert native_threads(answer) == {1}


@pytest.mark.engine
@pytest.mark.full
def test_a_work_is_tried_on_a_ray_cluster_that_runs_already(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quick: None
) -> None:
    with ray_cluster(2) as (address, entry):
        for variable, value in entry.items():
            monkeypatch.setenv(variable, value)
        answer = tried(tmp_path, 3, f"ray:{address}", monkeypatch)
    [row] = [row for row in answer.rows if row.executor == "ray-attached"]
    assert (row.status, row.workers) == (Status.OK, 2), row.reason
    assert native_threads(answer) == {1}
