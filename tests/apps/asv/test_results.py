"""What lets several sweeps fill one folder: parts, locks, joined files, suites that have ended."""

from __future__ import annotations

import errno
import fcntl
import itertools
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harness.apps.asv import results as asv_results
from harness.core.errors import UsageError

TEN = datetime(2026, 11, 25, 22, tzinfo=UTC)


def ran(folder: Path, status: str | None, commit: str, hour: int) -> None:
    """The journal of a run that ended at this *hour*, or has not."""
    run = "20261125T220000Z-futures-0000"
    lines = [
        {
            "kind": "run",
            "v": 1,
            "run": run,
            "suite": "futures",
            "profile": "nightly",
            "commit": commit,
            "machine": {"name": "m"},
        }
    ]
    if status:
        lines.append(
            {
                "kind": "end",
                "v": 1,
                "run": run,
                "t": f"2026-11-25T{hour}:00:00.000+00:00",
                "status": status,
            }
        )
    (folder / "journal").mkdir()
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (folder / "journal" / f"{run}.jsonl").write_text(text)


def filled(folder: Path, name: str, commit: str, hour: int) -> None:
    """ASV's file with a benchmark that it ran at this *hour*; ASV counts in milliseconds."""
    began = 1000 * TEN.replace(hour=hour).timestamp()
    content = {
        "commit_hash": commit,
        "result_columns": ["result", "params", "started_at"],
        "results": {name: [[1.0], [], began]},
    }
    (folder / "c-env.json").write_text(json.dumps(content))
    (folder / "machine.json").write_text(json.dumps({"machine": "m", "version": 1}))


def test_parts_together_are_all_suites_and_none_twice():
    names = [f"s{number}" for number in range(10)]
    for parts in range(1, 11):
        split = [asv_results.part_of(names, f"{k}/{parts}") for k in range(1, parts + 1)]
        assert sorted(itertools.chain(*split)) == sorted(names)
        assert max(map(len, split)) - min(map(len, split)) <= 1
    for wrong in ("0/2", "3/2", "1", "a/b", "-1/2", "1/0"):
        with pytest.raises(UsageError):
            asv_results.part_of(names, wrong)


def test_one_run_a_folder_or_one_of_each_part(tmp_path):
    once_more = asv_results.one_run(tmp_path)
    with asv_results.one_run(tmp_path), pytest.raises(UsageError, match="another run"), once_more:
        pass
    with asv_results.one_run(tmp_path, "1-of-2"), asv_results.one_run(tmp_path, "2-of-2"):
        for part in ("1-of-2", None):
            with pytest.raises(UsageError), asv_results.one_run(tmp_path, part):
                pass
    with asv_results.one_run(tmp_path):
        pass


def test_cells_of_two_sweeps_are_in_one_file_and_the_newer_wins(tmp_path):
    results = tmp_path / "results"
    for scratch, cells in (("a", {"x": [1], "y": [1]}), ("b", {"y": [2], "z": [2]})):
        folder = tmp_path / scratch / "m"
        folder.mkdir(parents=True)
        content = {"commit_hash": "c", "results": cells, "durations": {scratch: 1.0}}
        (folder / "c-env.json").write_text(json.dumps(content))
        (folder / "machine.json").write_text(json.dumps({"machine": "m"}))
        results.mkdir(exist_ok=True)
        asv_results.add(tmp_path / scratch, results)
    content = json.loads((results / "m" / "c-env.json").read_text())
    assert content["results"] == {"x": [1], "y": [2], "z": [2]}
    assert content["durations"] == {"a": 1.0, "b": 1.0}


@pytest.mark.parametrize(
    ("status", "commit", "hour", "counts"),
    [
        ("complete", "c", 23, True),
        ("out of budget", "c", 23, True),
        ("interrupted", "c", 23, False),
        ("complete", "other", 23, False),
        ("complete", "c", 21, False),
        (None, "c", 23, False),
    ],
)
def test_a_suite_is_done_where_a_run_of_the_same_commit_ended_since(
    tmp_path, status, commit, hour, counts
):
    ran(tmp_path, status, commit, hour)
    filled(tmp_path, "futures.Map.track_seconds", "c", 23)
    assert asv_results.ended(tmp_path, "futures", "nightly", "c", TEN) is counts


@pytest.mark.parametrize(
    ("name", "commit", "hour"),
    [
        ("task_grain.Map.track_seconds", "c", 23),
        ("futures.Map.track_seconds", "other", 23),
        ("futures.Map.track_seconds", "c", 21),
    ],
)
def test_a_suite_without_its_cells_in_the_file_of_asv_is_not_done(tmp_path, name, commit, hour):
    """A job was stopped after its journal had come to its end: the file has the cells of another
    suite or commit, or those of the night before."""
    ran(tmp_path, "complete", "c", 23)
    assert not asv_results.ended(tmp_path, "futures", "nightly", "c", TEN)
    filled(tmp_path, name, commit, hour)
    assert not asv_results.ended(tmp_path, "futures", "nightly", "c", TEN)


@pytest.fixture
def no_locks(monkeypatch):
    """A file system of a cluster that has no locks for its clients."""

    def refuse(*_):
        raise OSError(errno.EOPNOTSUPP, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", refuse)


def test_where_there_are_no_locks_a_run_is_not_taken_for_another_one(tmp_path, no_locks):
    """A file that names its process stands for the lock, and goes with it."""
    once_more = asv_results.one_run(tmp_path)
    with asv_results.one_run(tmp_path), pytest.raises(UsageError, match="another run"), once_more:
        pass
    with asv_results.one_run(tmp_path, "1-of-2"), asv_results.one_run(tmp_path, "2-of-2"):
        pass
    (tmp_path / "a" / "m").mkdir(parents=True)
    (tmp_path / "a" / "m" / "machine.json").write_text(json.dumps({"machine": "m"}))
    (tmp_path / "results").mkdir()
    asv_results.add(tmp_path / "a", tmp_path / "results")
    assert not list(tmp_path.rglob(f"*{asv_results.HOLDER}"))
