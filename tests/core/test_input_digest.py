"""Digests of files tell whether anything changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.input_digest import digest, of_code, of_files


@given(st.lists(st.text()), st.lists(st.text()))
def test_different_texts_have_different_digests(first, second):
    assert (digest(*first) == digest(*second)) == (first == second)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a" / "journal").mkdir(parents=True)
    (tmp_path / "a" / "journal" / "run.jsonl").write_text("{}\n")
    (tmp_path / "a" / "machine.json").write_text("")
    return tmp_path


def _append(folder: Path) -> None:
    with (folder / "a" / "journal" / "run.jsonl").open("a") as file:
        file.write("{}\n")


def _rename(folder: Path) -> None:
    (folder / "a").rename(folder / "b")


def _change_a_letter(folder: Path) -> None:
    (folder / "a" / "journal" / "run.jsonl").write_text("[]\n")


def _add(folder: Path) -> None:
    (folder / "b.json").write_text("")


def _remove(folder: Path) -> None:
    (folder / "a" / "machine.json").unlink()


@pytest.mark.parametrize("change", [_append, _rename, _change_a_letter, _add, _remove])
def test_every_change_of_a_file_is_noticed(folder, change):
    before = of_files(folder)
    assert of_files(folder) == before
    change(folder)
    assert of_files(folder) != before


def test_what_a_link_leads_to_counts_and_a_circle_ends(folder, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "run.jsonl").write_text("{}\n")
    (folder / "linked").symlink_to(elsewhere)
    (folder / "a" / "up").symlink_to(folder)
    before = of_files(folder)
    (elsewhere / "run.jsonl").write_text("[]\n")
    assert of_files(folder) != before


def test_a_single_file_and_one_that_is_missing_have_digests(folder):
    journal = folder / "a" / "journal" / "run.jsonl"
    before = of_files(journal)
    _append(folder)
    assert of_files(journal) != before
    assert of_files(folder / "nowhere") != before


def test_the_code_has_one_digest():
    assert of_code() == of_code()
