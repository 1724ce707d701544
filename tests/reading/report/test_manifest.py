"""What a manifest says is there alone is trusted, and only what we made is removed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.reading.report.manifest import NAME, Outputs, read_manifest, unchanged


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A folder with two files that were made, and one that is somebody else's."""
    folder = tmp_path / "out"
    write(folder, {"a.txt": "1", "b.txt": "2"}, "inputs")
    (folder / "mine.txt").write_text("mine")
    return folder


def write(folder: Path, sources: dict[str, str], inputs: str) -> list[str]:
    """Make a file of each source, and return the names of those that had to be made."""
    outputs = Outputs(folder)
    folder.mkdir(exist_ok=True)
    new = [name for name, source in sources.items() if not outputs.kept(source, name)]
    for name in new:
        (folder / name).write_text(f"made from {sources[name]}")
        outputs.made(sources[name], name)
    outputs.save(inputs, sorted(sources))
    return new


def test_the_same_inputs_need_nothing_and_have_the_same_answer(made):
    manifest = unchanged(made, "inputs")
    assert manifest is not None
    assert manifest.answer == ["a.txt", "b.txt"]
    assert unchanged(made, "others") is None


def test_a_file_that_was_altered_or_lost_is_made_again(made):
    (made / "a.txt").write_text("altered")
    assert unchanged(made, "inputs") is None
    assert write(made, {"a.txt": "1", "b.txt": "2"}, "inputs") == ["a.txt"]
    (made / "b.txt").unlink()
    assert unchanged(made, "inputs") is None
    assert write(made, {"a.txt": "1", "b.txt": "2"}, "inputs") == ["b.txt"]


def test_only_what_is_made_from_something_else_is_made_again(made):
    assert write(made, {"a.txt": "1", "b.txt": "3"}, "later") == ["b.txt"]


def test_only_what_we_made_and_nobody_altered_is_removed(made):
    (made / "b.txt").write_text("altered")
    write(made, {"c.txt": "4"}, "later")
    assert {path.name for path in made.iterdir()} == {"b.txt", "c.txt", "mine.txt", NAME}


def test_work_that_was_broken_off_is_not_done_twice_and_not_taken_for_all(made):
    outputs = Outputs(made)
    (made / "b.txt").write_text("made from 3")
    outputs.made("3", "b.txt")
    outputs.save_unfinished()
    assert unchanged(made, "inputs") is None
    assert write(made, {"a.txt": "1", "b.txt": "3"}, "later") == []


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"{}", b'{"v": 2}', b'{"v": 1, "files": []}', b"\xff"]
)
def test_a_damaged_manifest_says_that_nothing_was_made(made, content):
    (made / NAME).write_bytes(content)
    assert read_manifest(made).files == {}
    assert write(made, {"a.txt": "1"}, "inputs") == ["a.txt"]


def test_a_manifest_never_leads_out_of_its_folder(made):
    content = json.loads((made / NAME).read_text())
    outside = made.parent / "outside.txt"
    outside.write_text("made from 1")
    for name in ("../outside.txt", str(outside)):
        content["files"][name] = content["files"]["a.txt"]
    (made / NAME).write_text(json.dumps(content))
    write(made, {"c.txt": "4"}, "later")
    assert outside.exists()


def test_what_is_kept_in_another_folder_is_the_same_there(made, tmp_path):
    outputs = Outputs(tmp_path / "new", earlier=made)
    assert outputs.kept("1", "a.txt")
    assert not outputs.kept("1", "a.txt", "b.txt")
    assert (tmp_path / "new" / "a.txt").read_text() == "made from 1"
    assert not (tmp_path / "new" / "b.txt").exists()
