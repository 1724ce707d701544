"""Where the running code lies: a wrong folder would lose the commit of every run silently."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.running.host.checkout import commit_in_files, commit_of_code, source_folder
from harness.running.measure.process.channel import child_environment
from harness.running.measure.process.reaper import Reaper, module_path

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def no_asv(monkeypatch):
    monkeypatch.delenv("ASV_COMMIT", raising=False)


def git(*arguments):
    return subprocess.run(
        ["git", *arguments], cwd=source_folder(), capture_output=True, text=True, check=True
    ).stdout.strip()


def test_the_source_folder_is_the_root_of_the_checkout():
    folder = source_folder()
    assert folder == ROOT
    assert (folder / "pyproject.toml").is_file()
    assert (folder / ".git").exists()  # a file in a work tree, else a folder
    assert (folder / "harness" / "__init__.py").is_file()


def test_the_commit_of_the_code_is_what_git_says_there(no_asv):
    commit, dirty = commit_of_code()
    assert commit == git("rev-parse", "HEAD")
    assert dirty is bool(git("status", "--porcelain", "--untracked-files=no"))


def test_a_node_without_git_reads_the_commit_from_the_files(no_asv, monkeypatch):
    """Cells of ASV's would be lost otherwise; whether the code has changes is not known then."""
    commit = git("rev-parse", "HEAD")
    monkeypatch.setenv("PATH", "/nowhere")
    assert commit_of_code() == (commit, None)


@pytest.mark.parametrize("kept", ["loose", "packed", "detached", "work tree"])
def test_the_commit_is_found_in_the_files_however_they_keep_it(tmp_path, kept):
    commit, repository = "0123456789abcdef" * 2 + "01234567", tmp_path / ".git"
    branch = repository / "refs/heads/odd/name-1"
    branch.parent.mkdir(parents=True)
    (repository / "HEAD").write_text("ref: refs/heads/odd/name-1\n")
    if kept == "packed":
        packed = ["# pack-refs with: peeled", f"{'f' * 40} refs/heads/name-1"]
        packed.append(f"{commit} refs/heads/odd/name-1")
        (repository / "packed-refs").write_text("\n".join(packed))
    elif kept == "detached":
        (repository / "HEAD").write_text(f"{commit}\n")
    else:
        branch.write_text(f"{commit}\n")
    folder = tmp_path
    if kept == "work tree":
        own = repository / "worktrees/other"
        own.mkdir(parents=True)
        (own / "HEAD").write_text("ref: refs/heads/odd/name-1\n")
        (own / "commondir").write_text("../..\n")
        folder = tmp_path / "other"
        folder.mkdir()
        (folder / ".git").write_text(f"gitdir: {own}\n")
    assert commit_in_files(folder) == commit


@pytest.mark.parametrize("head", [None, "", "ref: refs/heads/none", "not a commit"])
def test_files_that_name_no_commit_give_none(tmp_path, head):
    (tmp_path / ".git").mkdir()
    if head is not None:
        (tmp_path / ".git/HEAD").write_text(head)
    assert commit_in_files(tmp_path) is None


def test_under_asv_the_commit_is_the_one_that_asv_measures(monkeypatch):
    monkeypatch.setenv("ASV_COMMIT", "a" * 40)
    assert commit_of_code() == ("a" * 40, False)


def test_an_installed_package_has_no_commit(no_asv, monkeypatch, tmp_path):
    monkeypatch.setattr("harness.running.host.checkout.source_folder", lambda: tmp_path)
    assert commit_of_code() == (None, None)


def test_a_child_finds_the_package_in_any_folder(tmp_path, monkeypatch):
    """Its path begins with the source folder, also where the parent was told of none."""
    monkeypatch.delenv("PYTHONPATH", raising=False)
    environment = child_environment("token", tmp_path, {})
    assert environment["PYTHONPATH"].split(os.pathsep) == [str(source_folder())]
    line = "import harness; print(harness.__file__)"
    where = subprocess.run(
        [sys.executable, "-c", line],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    assert Path(where) == ROOT / "harness" / "__init__.py"


def test_relative_entries_of_the_path_still_hold_in_a_childs_folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    assert module_path().split(os.pathsep) == [str(source_folder()), str(tmp_path / "elsewhere")]


def test_the_reaper_is_started_with_the_source_folder(monkeypatch, tmp_path):
    """It runs in the root folder, where the package is not."""
    started = []

    class Started:
        def __init__(self, line, **options):
            started.append(options)

    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.setattr(subprocess, "Popen", Started)
    Reaper("token", tmp_path)
    [options] = started
    assert options["cwd"] == "/"
    assert options["env"]["PYTHONPATH"] == str(source_folder())
