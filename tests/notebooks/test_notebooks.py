"""The notebooks: in step with their text form, complete, and executed with real measurements."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import jupytext
import nbformat
import pytest
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbformat import NotebookNode

FOLDER = Path(__file__).parents[2] / "notebooks"
TEXTS = sorted(FOLDER.glob("[0-9]*.md"))
EXERCISES = [*(f"Exercise {n}" for n in range(1, 8)), *(f"Question {n}" for n in range(1, 4))]
CELL_SECONDS = 240

each = pytest.mark.parametrize("text", TEXTS, ids=lambda path: path.stem)


def read(path: Path) -> NotebookNode:
    return jupytext.read(path)


def code(book: NotebookNode) -> list[str]:
    return [cell.source for cell in book.cells if cell.cell_type == "code"]


@each
def test_a_notebook_says_what_its_text_says(text: Path) -> None:
    """`make notebooks` writes them; outputs are left out, so that a diff shows what was changed."""
    book = nbformat.read(text.with_suffix(".ipynb"), as_version=4)
    written = read(text)
    assert [(c.cell_type, c.source) for c in book.cells] == [
        (c.cell_type, c.source) for c in written.cells
    ]
    assert [cell.outputs for cell in book.cells if cell.cell_type == "code"] == [[]] * len(
        code(book)
    )


@each
def test_a_notebook_begins_with_its_question_and_ends_with_an_answer(text: Path) -> None:
    """The first cell has one question in bold, the first code cell what Colab needs, and the last
    one prints what was measured."""
    book = read(text)
    opening = book.cells[0].source
    assert len(re.findall(r"^\*\*.+\?\*\*$", opening, flags=re.MULTILINE)) == 1
    assert {"IN_COLAB", "CHUNKBENCH_INSTALL"} <= set(re.findall(r"\w+", code(book)[0]))
    assert re.search(r"^## The answer measured here$", text.read_text("utf-8"), flags=re.MULTILINE)


@each
def test_a_notebook_installs_what_its_reader_names_and_nothing_else(text: Path) -> None:
    """No address is written down: what is published under our name elsewhere need not be ours."""
    source = text.read_text("utf-8")
    assert re.findall(r"^ *%pip (.+)$", source, flags=re.MULTILINE) == [
        'install --quiet "{CHUNKBENCH}"'
    ]
    assert "://" not in source.replace("http://127.0.0.1", "")


def test_the_table_of_answers_has_every_exercise_and_question_in_its_order() -> None:
    """Each with an answer and the notebook in which it is measured or worked out."""
    rows = re.findall(
        r"^\| \*\*(\w+ \d)\*\* (.+?) \| (.+?) \| (.+) \|$",
        (FOLDER / "README.md").read_text("utf-8"),
        flags=re.MULTILINE,
    )
    assert [name for name, *_ in rows] == EXERCISES
    for name, question, answer, where in rows:
        assert question.endswith("?"), name
        assert len(answer.split()) > 5, name
        notebook = re.search(r"\(([^)]+\.ipynb)\)", where)
        assert notebook, name
        named = (FOLDER / notebook[1]).with_suffix(".md").read_text("utf-8")
        assert re.search(rf"^(\*\*|#+ ){name}\b", named, flags=re.MULTILINE), name


def test_every_exercise_and_question_of_the_lesson_is_answered() -> None:
    """Each is named in bold, or as a heading, where it is answered."""
    texts = "\n".join(path.read_text("utf-8") for path in TEXTS)
    missing = [
        name
        for name in EXERCISES
        if not re.search(rf"^(\*\*|#+ ){name}\b", texts, flags=re.MULTILINE)
    ]
    assert missing == []


@pytest.fixture
def kernel() -> Iterator[AsyncKernelManager]:
    """A kernel that listens on sockets of the file system only."""
    with tempfile.TemporaryDirectory(prefix="nb") as folder:
        yield AsyncKernelManager(kernel_name="python3", transport="ipc", ip=f"{folder}/k")


def executed(book: NotebookNode, kernel: AsyncKernelManager, folder: Path) -> str:
    """All that *book* printed or showed as text."""
    NotebookClient(
        book, km=kernel, timeout=CELL_SECONDS, resources={"metadata": {"path": str(folder)}}
    ).execute()
    outputs = [out for cell in book.cells if cell.cell_type == "code" for out in cell.outputs]
    return "\n".join(
        str(out.get("text", "") or out.get("data", {}).get("text/plain", "")) for out in outputs
    )


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Real measurements at smoke size, in a folder of their own."""
    monkeypatch.setenv("CHUNKBENCH_PROFILE", "smoke")
    monkeypatch.setenv("CHUNKBENCH_RESULTS", str(tmp_path / "results"))
    return tmp_path


@pytest.mark.notebook
@pytest.mark.e2e
@pytest.mark.timeout(600)
@each
def test_a_notebook_runs_from_its_first_cell_to_its_last(
    text: Path, kernel: AsyncKernelManager, small: Path
) -> None:
    """No cell fails, and the last one that computes says something."""
    book = read(text)
    assert executed(book, kernel, small)
    last = [cell for cell in book.cells if cell.cell_type == "code"][-1]
    assert "".join(str(out.get("text", "")) for out in last.outputs).strip()


@pytest.mark.notebook
@pytest.mark.e2e
@pytest.mark.full
@pytest.mark.timeout(600)
def test_on_colab_what_cannot_run_there_says_so(kernel: AsyncKernelManager, small: Path) -> None:
    """Colab is told by its module; Dask's cluster is left out, with a word, and the rest runs."""
    book = read(FOLDER / "3-bag-and-actors.md")
    pretend = "import sys, types\nsys.modules['google.colab'] = types.ModuleType('google.colab')"
    for cell in book.cells:
        cell.source = re.sub(r"^    %pip .+$", "    pass", cell.source, flags=re.MULTILINE)
    book.cells.insert(1, nbformat.v4.new_code_cell(pretend))
    said = executed(book, kernel, small)
    assert "not run on Colab, as in the lesson: dask-distributed-processes, dask-actors" in said
    answer = said[said.rindex("us a task") - 2_000 :]
    assert "ray-actors" in answer
    assert "dask-distributed-processes  " not in answer
