"""``chunkbench merge``: the same in any order, nothing lost, nothing overwritten, crash-safe."""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import json
import shutil
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.apps.folders import staging
from harness.apps.folders.merge import merge
from harness.cli import main
from harness.core.errors import InputError, UsageError
from harness.reading.ingest import read_results
from tests.reading.ingest.builders import (
    RUN,
    run_info,
    sweep,
    write_asv,
    write_journal,
    write_names,
)
from tests.repeats import examples

OTHER = RUN.replace("7f3a", "0001")

OLD = '{"version": 1, "commit_hash": "0123abcd", "results": {"suite.time_it": 0.5}}'


def tree(folder):
    """Every file below *folder*, with its content."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def lines_of(run):
    return [line.model_copy(update={"run": run}) for line in sweep()]


@pytest.fixture
def folders(tmp_path):
    """Three folders: a copy of a journal that has grown since, a twin of a file of ASV's, a torn
    line, accounting fetched at two times, and two machines."""
    a, b, c = (tmp_path / name for name in "abc")
    machine = {"machine": "made-up", "cpu": "x", "version": 1}
    lines = sweep()
    for folder, part in ((a, lines[:9]), (b, lines), (c, lines)):
        path = write_journal(folder / "made-up", part)
        if folder is a:
            path.write_bytes(path.read_bytes() + b'{"v":1,"ki')
        (folder / "made-up/machine.json").write_text(json.dumps(machine))
    for folder, value in ((a, 0.1), (b, 0.2)):
        write_asv(folder, {"suite.track_seconds": {"values": [value], "params": []}})
    [asv] = (b / "made-up").glob("*-existing-*.json")
    shutil.copy(asv, c / "made-up")
    write_names(a, {"suite.track_seconds": []})
    write_names(c, {"suite.track_seconds": [], "gone.track_seconds": ["chunk"]})
    write_journal(c / "another", lines_of(OTHER), OTHER)
    for folder, text in ((a, b"one\n"), (b, b"one\ntwo\n"), (c, b"three\n")):
        path = folder / "made-up/accounting/slurm-1.jsonl"
        path.parent.mkdir()
        path.write_bytes(text)
    return a, b, c


def test_any_order_and_any_grouping_give_the_same(folders, tmp_path):
    """All at once in every order, one after the other in every order, and twice."""
    seen = []
    for number, order in enumerate(itertools.permutations(folders)):
        at_once, by_one = tmp_path / f"at-once-{number}", tmp_path / f"by-one-{number}"
        merge(order, at_once)
        for folder in (*order, order[0]):
            merge([folder], by_one)
        seen += [tree(at_once), tree(by_one)]
    assert all(files == seen[0] for files in seen)
    names = set(seen[0])
    assert f"made-up/journal/{RUN}.jsonl" in names
    assert f"another/journal/{OTHER}.jsonl" in names
    asv = [name for name in names if name.startswith("made-up/") and name.count("/") == 1]
    assert len(asv) == 3  # machine.json and both that differ
    assert sum("accounting" in name for name in names) == 2


def test_the_longer_journal_stands_for_both_and_reads(folders, tmp_path):
    out = tmp_path / "out"
    merge(folders, out)
    journal = f"made-up/journal/{RUN}.jsonl"
    assert tree(out)[journal] == tree(folders[1])[journal]
    shutil.rmtree(out / "made-up/accounting")
    assert len(read_results(out).journals) == 2


def test_inputs_are_left_as_they_are(folders, tmp_path):
    before = [tree(folder) for folder in folders]
    merge(folders, tmp_path / "out")
    assert [tree(folder) for folder in folders] == before


def test_a_dry_run_says_the_same_and_does_nothing(folders, tmp_path):
    out = tmp_path / "out"
    planned = merge(folders, out, dry_run=True)
    assert not out.exists()
    assert set(merge(folders, out).files) == set(planned.files)
    before = tree(out)
    again = merge(folders, out, dry_run=True)
    assert (again.copied, again.replaced, again.removed) == ({}, {}, [])
    assert tree(out) == before


def test_what_is_no_result_is_named_and_left_out(folders, tmp_path):
    (folders[0] / "made-up/notes.txt").write_text("mine")
    plan = merge(folders[:1], tmp_path / "out")
    assert plan.left_out == [str(folders[0] / "made-up/notes.txt")]
    assert "made-up/notes.txt" not in tree(tmp_path / "out")


@pytest.mark.parametrize("after", range(12))
def test_a_merge_that_is_cut_off_anywhere_is_finished_by_another(
    folders, tmp_path, monkeypatch, after
):
    """Cut off before every rename and removal in turn: whole files only, and then the same end."""
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    for out in (whole, cut):
        merge(folders[:1], out)
    merge(folders, whole)
    left = [after]

    class Crash(BaseException):
        pass

    def crashing(original):
        def call(*arguments, **options):
            left[0] -= 1
            if left[0] < 0:
                raise Crash
            return original(*arguments, **options)

        return call

    with monkeypatch.context() as patched:
        for name in ("replace", "unlink"):
            patched.setattr(Path, name, crashing(getattr(Path, name)))
        with contextlib.suppress(Crash):
            merge(folders, cut)
    known = {content for folder in folders for content in tree(folder).values()}
    for name, content in tree(cut).items():
        assert name.startswith(staging.STAGE) or name == "benchmarks.json" or content in known
    merge(folders, cut)
    assert tree(cut) == tree(whole)


@pytest.mark.parametrize("content", [OLD, "{", '{"version": 2, "results": 3}'])
def test_a_foreign_or_broken_file_of_asv_is_named_and_left_out(folders, tmp_path, content):
    """Also one of ASV's first version, which has bare numbers."""
    alone = merge(folders, tmp_path / "alone")
    bad = folders[0] / "made-up" / "0123abcd-env.json"
    bad.write_text(content)
    beside = merge(folders, tmp_path / "beside")
    assert sorted(beside.left_out) == sorted([*alone.left_out, str(bad)])
    assert [*beside.files] == [*alone.files]


def test_two_journals_of_one_run_that_differ_are_refused(tmp_path):
    lines = sweep()
    write_journal(tmp_path / "a/made-up", lines[:5])
    write_journal(tmp_path / "b/made-up", [lines[0], *lines[2:6]])
    with pytest.raises(InputError, match="are of one run and differ"):
        merge([tmp_path / "a", tmp_path / "b"], tmp_path / "out")
    assert not list((tmp_path / "out").rglob("*"))


def test_one_run_under_two_machines_is_refused(tmp_path):
    for folder, machine in (("a", "made-up"), ("b", "renamed")):
        write_journal(tmp_path / folder / machine, sweep())
    with pytest.raises(InputError, match="is under made-up and under renamed"):
        merge([tmp_path / "a", tmp_path / "b"], tmp_path / "out")


def test_two_machines_of_one_name_are_refused(folders, tmp_path):
    (folders[1] / "made-up/machine.json").write_text('{"machine": "made-up", "cpu": "y"}')
    with pytest.raises(InputError, match=r"differ in cpu, version"):
        merge(folders, tmp_path / "out")


def test_machine_files_that_say_the_same_are_one(folders, tmp_path):
    path = folders[1] / "made-up/machine.json"
    path.write_text(json.dumps(json.loads(path.read_text()), indent=4))
    first, second = tmp_path / "first", tmp_path / "second"
    merge(folders, first)
    merge(folders[::-1], second)
    assert tree(first) == tree(second)


def test_a_journal_that_is_being_written_is_not_replaced(folders, tmp_path):
    out = tmp_path / "out"
    merge(folders[:1], out)
    before = tree(out)
    with (out / f"made-up/journal/{RUN}.jsonl").open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(UsageError, match="is being written by a run"):
            merge(folders, out)
    assert tree(out) == before


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_a_folder_without_results_is_one_clear_line(tmp_path, name):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="give folders that runs wrote to"):
        merge([tmp_path / name], tmp_path / "out")
    assert not (tmp_path / "out").exists()


contents = st.lists(st.sampled_from([b"a\n", b"b\n", b"c"]), max_size=4).map(b"".join)


@settings(max_examples=examples(10, 40), deadline=None)
@given(
    parts=st.lists(
        st.dictionaries(st.sampled_from(["1", "2"]), contents, min_size=1), min_size=1, max_size=4
    ),
    cut=st.integers(0, 4),
    random=st.randoms(use_true_random=False),
)
def test_any_accounting_in_any_order_gives_the_same(parts, cut, random, tmp_path_factory):
    """Files that are each other's beginnings, that differ, that are empty or cut off; and nothing
    that stands in a whole line is lost."""
    base = tmp_path_factory.mktemp("any")
    folders = []
    for number, part in enumerate(parts):
        folder = base / str(number)
        for name, content in part.items():
            path = folder / "machine/accounting" / f"slurm-{name}.jsonl"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        folders.append(folder)
    shuffled = random.sample(folders, len(folders))
    merge(folders, base / "first")
    for some in (shuffled[:cut], shuffled[cut:], shuffled):
        if some:
            merge(some, base / "second")
    files = tree(base / "first")
    assert files == tree(base / "second")
    for part in parts:
        for name, content in part.items():
            lines = content[: content.rfind(b"\n") + 1]
            assert any(f"slurm-{name}" in key and files[key].startswith(lines) for key in files)


def test_the_command_says_what_it_did(folders, tmp_path, monkeypatch, capsys):
    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["chunkbench", "merge", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            main()
        return stop.value.code, *capsys.readouterr()

    out = tmp_path / "out"
    code, printed, _ = run(*folders, "--out", out, "--dry-run", "--format", "json")
    plan = json.loads(printed)
    assert (code, plan["dry_run"], out.exists()) == (0, True, False)
    code, printed, _ = run(*folders, "--out", out)
    assert code == 0
    assert f"+ made-up/journal/{RUN}.jsonl" in printed
    assert f"{len(plan['copied'])} copied, 0 replaced, 0 removed" in printed
    code, printed, error = run(tmp_path / "nowhere", "--out", out)
    assert (code, printed, error.count("\n")) == (2, "", 1)


def test_runs_of_one_machine_from_two_places_are_read_together(tmp_path):
    write_journal(tmp_path / "a/made-up", sweep())
    write_journal(tmp_path / "b/made-up", lines_of(OTHER), OTHER)
    merge([tmp_path / "a", tmp_path / "b/made-up"], tmp_path / "out")
    assert set(read_results(tmp_path / "out").runs) == {RUN, OTHER}
    assert run_info().machine.name == "made-up"
