"""The notebooks: in step with their text form, complete, and executed with real measurements."""

from __future__ import annotations

import io
import re
import tempfile
from base64 import b64decode, b64encode
from collections.abc import Iterator
from pathlib import Path

import jupytext
import nbformat
import numpy as np
import pytest
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbformat import NotebookNode
from PIL import Image

from notebooks.keep_outputs import MOST_PNG, code_digest, kept, traces_of_a_place

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
    """`make notebooks` writes them."""
    book = nbformat.read(text.with_suffix(".ipynb"), as_version=4)
    written = read(text)
    assert [(c.cell_type, c.source) for c in book.cells] == [
        (c.cell_type, c.source) for c in written.cells
    ]


@each
def test_a_notebook_shows_what_its_code_showed_and_says_where_and_when(text: Path) -> None:
    """Its outputs are of the code that stands in it: after an edit `make notebook-outputs` is due.
    Whoever only reads sees the answer; nothing tells of a path, a host or a user."""
    book = nbformat.read(text.with_suffix(".ipynb"), as_version=4)
    kept_of = book.metadata["chunkbench"]
    assert kept_of["code"] == code_digest(book), f"make notebook-outputs: {text.stem} was edited"
    assert re.fullmatch(r"measured on \S+, \d{4}-\d\d-\d\d, profile \w+", kept_of["outputs"])
    cells = [cell for cell in book.cells if cell.cell_type == "code"]
    assert cells[-1].outputs
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    pictures = 0
    for cell in cells:
        for output in cell.outputs:
            png = output.get("data", {}).get("image/png", "")
            pictures += bool(png)
            assert len(b64decode(png)) <= MOST_PNG
            assert output.output_type != "error"
            words = {
                key: value for key, value in output.get("data", {}).items() if key != "image/png"
            }
            assert traces_of_a_place(str({**output, "data": words})) == []
    if ".plot." in "".join(code(book)):
        assert pictures


def test_of_an_output_progress_and_paths_are_not_kept_and_a_picture_becomes_small() -> None:
    rng = np.random.default_rng(0)
    noisy = Image.fromarray(rng.integers(0, 255, (160, 160, 3), dtype=np.uint8))
    out = io.BytesIO()
    noisy.save(out, format="png")
    data = {"image/png": b64encode(out.getvalue()).decode(), "text/plain": "<Figure>"}
    words = {"image/png": {"alt": "what it shows", "width": 5}}
    picture = kept(nbformat.v4.new_output("display_data", data=data, metadata=words))
    assert picture is not None
    assert len(b64decode(picture.data["image/png"])) <= MOST_PNG < len(out.getvalue())
    assert picture.metadata == {"image/png": {"alt": "what it shows"}}
    assert kept(nbformat.v4.new_output("stream", name="stderr", text="12 of 40")) is None
    said = kept(nbformat.v4.new_output("stream", name="stdout", text="\x1b[31mslow\x1b[0m"))
    assert said is not None
    assert said.text == "slow"
    assert traces_of_a_place("see /home/ada/results/x.jsonl") == ["/home/ada/results/x.jsonl"]
    assert traces_of_a_place("12 ms/call, and/or; results/m/journal") == []


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
