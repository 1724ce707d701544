"""``chunkbench compact``: nothing is lost, no table changes, and a crash costs nothing."""

from __future__ import annotations

import fcntl
import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from harness.apps.folders import compact as folders
from harness.apps.folders import judge_parts, part_writing
from harness.apps.folders.merge import merge
from harness.core.errors import InputError
from harness.reading.ingest import read_results
from harness.reading.ingest.compacted_part import JUDGED, LINES, PAIRS, part_folders
from harness.reading.report.archive import ArchivedTables, every_table
from tests.reading.ingest.builders import sweep, write_journal
from tests.site_results import REFERENCE

MACHINE = "reference-2core"
SUITES = ("task_overhead", "many_vs_few_chunks", "good_practice", "task_grain")
"""One has the empty-task sweep that the others, of the same commit, take their control from; two
have comparisons of different kinds."""


def copy(folder: Path, suites: tuple[str, ...] = SUITES) -> Path:
    """A results folder with the reference's journals of *suites*."""
    journals = folder / MACHINE / "journal"
    journals.mkdir(parents=True, exist_ok=True)
    for suite in suites:
        for path in REFERENCE.glob(f"*-{suite}-*.jsonl"):
            shutil.copy(path, journals)
    return folder


def another_night(folder: Path, suite: str) -> Path:
    """The reference's journal of *suite* again, as a run of the next month on the same commit."""
    [path] = REFERENCE.glob(f"*-{suite}-*.jsonl")
    run, text = path.stem, path.read_text("utf-8")
    later = run.replace("202611", "202612")
    text = text.replace(run, later).replace('"2026-11-', '"2026-12-')
    new = folder / MACHINE / "journal" / f"{later}.jsonl"
    new.write_text(text, "utf-8")
    return new


def tables_of(results: Path) -> dict[str, pd.DataFrame]:
    return dict(every_table(results).items())


def assert_same(left: dict[str, pd.DataFrame], right: dict[str, pd.DataFrame]) -> None:
    assert [*left] == [*right]
    for name, frame in left.items():
        pd.testing.assert_frame_equal(frame, right[name], check_exact=True, obj=name)


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    """The journals as they were, and their tables."""
    results = copy(tmp_path_factory.mktemp("before"))
    return results, tables_of(results)


@pytest.fixture
def results(tmp_path):
    return copy(tmp_path / "results")


def test_every_table_is_the_same_from_the_parts_with_and_without_stored_tables(results, before):
    """Value by value; and no journal is left of which the tables could come."""
    folders.compact(results, judge=False)
    assert not list(results.glob("*/journal/*"))
    [part] = part_folders(results / MACHINE)
    assert not (part / JUDGED).exists()
    assert_same(tables_of(results), before[1])

    folders.compact(results)
    assert_same(tables_of(results), before[1])
    assert_same(before[1], tables_of(before[0]))


def test_stored_tables_are_read_and_not_made_again(results):
    """Of pairs that were judged when they were compacted, not one is read."""
    folders.compact(results)
    tables = every_table(results)
    assert isinstance(tables, ArchivedTables)
    assert tables.fresh.read.pairs.empty
    assert len(tables["cases"]) > 0


def test_what_is_read_as_a_whole_is_the_same(results, before):
    """Pairs, blocks, runs and notes of compacted journals are those of the journals."""
    folders.compact(results)
    now, then = read_results(results), read_results(before[0])
    pd.testing.assert_frame_equal(now.pairs, then.pairs)
    pd.testing.assert_frame_equal(now.blocks, then.blocks)
    assert now.runs == then.runs
    assert now.notes == then.notes


def test_journals_come_back_byte_for_byte(results, before):
    """And nothing else stays behind."""
    folders.compact(results)
    folders.restore(results)
    for path in (before[0] / MACHINE / "journal").iterdir():
        assert (results / MACHINE / "journal" / path.name).read_bytes() == path.read_bytes()
    assert not (results / MACHINE / "compacted").exists()


def test_a_later_night_on_the_commit_is_judged_with_what_was_compacted(results, tmp_path):
    """Its control is the newest of the commit, so that stored rows no longer hold: the tables are
    those of journals that were never compacted, also after it is compacted into a second part."""
    plain = copy(tmp_path / "plain")
    folders.compact(results)
    for each in (results, plain):
        another_night(each, "task_overhead")
    expected = tables_of(plain)
    assert_same(tables_of(results), expected)
    folders.compact(results)
    assert len(part_folders(results / MACHINE)) == 2
    assert every_table(results).fresh.read.pairs.empty
    assert_same(tables_of(results), expected)


def test_machines_and_commits_are_judged_apart_and_come_in_their_order(tmp_path, monkeypatch):
    """Two machines with two commits each, a commit at a time; a later night of one machine has its
    history followed anew, and that of the other is read."""
    plain, results = tmp_path / "plain", tmp_path / "results"
    [path] = REFERENCE.glob("*-task_overhead-*.jsonl")
    for machine in (MACHINE, "other"):
        for day in "89":
            _another(plain, path, machine, day)
    shutil.copytree(plain, results)
    monkeypatch.setattr(judge_parts, "PAIRS_TOGETHER", 1)
    folders.compact(results)
    assert_same(tables_of(results), tables_of(plain))
    for each in (plain, results):
        _another(each, path, "other", "7")
    tables = every_table(results)
    assert [machine.history is None for machine in tables.machines] == [True, False]
    assert_same(dict(tables.items()), tables_of(plain))


def _another(folder: Path, path: Path, machine: str, day: str) -> None:
    """The journal at *path* as that of another *machine*, day and commit."""
    run = f"2026112{day}{path.stem[8:]}-{machine}"
    lines = path.read_text("utf-8").replace(path.stem, run).splitlines(keepends=True)
    first = json.loads(lines[0]) | {"commit": 40 * day}
    first["machine"] |= {"name": machine}
    place = folder / machine / "journal" / f"{run}.jsonl"
    place.parent.mkdir(parents=True, exist_ok=True)
    head = json.dumps(first, separators=(",", ":")) + "\n"
    place.write_text("".join([head, *lines[1:]]), "utf-8")


def test_tables_that_other_code_judged_are_made_again(results, monkeypatch):
    """A rule that has changed changes the rows of compacted runs too."""
    monkeypatch.setattr(judge_parts, "of_code", lambda: "of another version")
    folders.compact(results)
    assert not every_table(results).fresh.read.pairs.empty


def test_a_journal_that_a_part_has_as_well_is_read_once(results, before):
    """As after a crash between the rename of the part and the deletion of the journals."""
    folders.compact(results, keep=True)
    assert_same(tables_of(results), before[1])
    folders.compact(results)
    assert not list(results.glob("*/journal/*"))
    assert_same(tables_of(results), before[1])


def test_a_part_that_does_not_come_back_deletes_nothing(results, monkeypatch):
    """One line says so, and all journals are still there."""
    names = sorted(path.name for path in results.glob("*/journal/*"))
    monkeypatch.setattr(folders, "write_part", lambda *args: _damage(args[0], *args))
    with pytest.raises(InputError, match="damaged"):
        folders.compact(results)
    assert sorted(path.name for path in results.glob("*/journal/*")) == names
    assert not part_folders(results / MACHINE)


def _damage(folder, *args):
    part_writing.write_part(*args)
    path = folder / LINES
    path.write_bytes(path.read_bytes()[:-100])


@pytest.mark.parametrize("name", [LINES, PAIRS, "part.json"])
def test_a_damaged_part_is_named(results, name):
    """One line with the file and what to do, for every file of a part."""
    folders.compact(results, judge=False)
    [part] = part_folders(results / MACHINE)
    path = part / name
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    read = folders.restore if name == LINES else read_results
    with pytest.raises(InputError, match=name) as error:
        read(results)
    assert "copy" in str(error.value)


def test_journals_that_may_go_on_stay(tmp_path):
    """One without an end line, one that was interrupted, and one that a run is writing."""
    lines = sweep()
    cut = write_journal(tmp_path / "made-up", lines[:-1])
    done = folders.compact(tmp_path)
    assert list(done.left) == [str(cut)]
    assert not done.parts
    whole = write_journal(tmp_path / "made-up", lines)
    with whole.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert "written" in folders.compact(tmp_path).left[str(whole)]
    assert len(folders.compact(tmp_path).parts) == 1
    assert not whole.exists()


def test_parts_are_merged_like_any_result(results, before, tmp_path):
    """Nothing of a part is left out, and the tables are the same."""
    folders.compact(results)
    plan = merge([results], tmp_path / "out")
    assert not plan.left_out
    assert_same(tables_of(tmp_path / "out"), before[1])
    assert every_table(tmp_path / "out").fresh.read.pairs.empty


def test_dry_run_says_what_would_be_done(results):
    """And leaves everything as it is."""
    done = folders.compact(results, dry_run=True)
    assert sum(done.parts.values()) == len(SUITES)
    assert done.bytes_after == 0
    assert not part_folders(results / MACHINE)
    assert json.loads(json.dumps(done.parts))
