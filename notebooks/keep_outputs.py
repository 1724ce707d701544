"""Execute the notebooks and keep in them what they showed: ``make notebook-outputs``.

What is kept teaches those who only read. It is of one run on one machine, which the notebook names
(``metadata.chunkbench``), with the digest of the code that showed it: a test refuses outputs of
other code. Nothing of the place is kept: no path, no host, no user.
"""

from __future__ import annotations

import getpass
import hashlib
import io
import os
import re
import socket
import sys
import tempfile
from base64 import b64decode, b64encode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbformat import NotebookNode
from PIL import Image

FOLDER = Path(__file__).parent
CELL_SECONDS = 1_200
MOST_PNG = 60_000
"""No picture has more bytes than this."""

_KEPT = ("text/plain", "text/html", "image/png", "image/svg+xml")
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_PATHS = re.compile(r"(?<![\w.])/(?:home|root|Users|tmp|var|work|private)/[^\s'\"<>)]*")
_COLOURS = (128, 64, 32, 16)


def code_digest(book: NotebookNode) -> str:
    """Digest of all code of *book*, in its order."""
    code = "\0".join(cell.source for cell in book.cells if cell.cell_type == "code")
    return hashlib.sha256(code.encode()).hexdigest()


def traces_of_a_place(text: str) -> list[str]:
    """What in *text* names a path of somebody's machine, or this host or user."""
    names = {socket.gethostname(), getpass.getuser()} - {"root", "localhost", "user"}
    found = [name for name in names if re.search(rf"\b{re.escape(name)}\b", text)]
    return [*found, *_PATHS.findall(text)]


def kept(output: NotebookNode) -> NotebookNode | None:
    """What is kept of an output; ``None`` for what is only of the moment: progress and warnings."""
    if output.output_type == "stream":
        text = _ESCAPES.sub("", output.text)
        return None if output.name == "stderr" else _stream(text)
    if output.output_type not in ("display_data", "execute_result"):
        return None
    data: dict[str, Any] = {name: output.data[name] for name in _KEPT if name in output.data}
    if "image/png" in data:
        data["image/png"] = _small(data["image/png"])
    if len(data) > 1 and data.keys() & {"image/png", "image/svg+xml"}:
        data.pop("text/plain", None)
    words = {"image/png": {"alt": output.metadata["image/png"]["alt"]}} if _alt(output) else {}
    more = {"execution_count": None} if output.output_type == "execute_result" else {}
    return nbformat.v4.new_output(output.output_type, data=data, metadata=words, **more)


def _stream(text: str) -> NotebookNode:
    return nbformat.v4.new_output("stream", name="stdout", text=text)


def _alt(output: NotebookNode) -> bool:
    return "alt" in output.metadata.get("image/png", {})


def _small(png: str) -> str:
    """The picture in as many colours as leave it small, coded as it was."""
    picture = Image.open(io.BytesIO(b64decode(png))).convert("RGB")
    for colours in _COLOURS:
        out = io.BytesIO()
        picture.quantize(colours).save(out, format="png", optimize=True)
        if len(out.getvalue()) <= MOST_PNG:
            return b64encode(out.getvalue()).decode()
    raise SystemExit(f"a picture has more than {MOST_PNG} bytes in {_COLOURS[-1]} colours")


def executed(path: Path, machine: str, profile: str) -> NotebookNode:
    """Execute the notebook at *path* in an empty folder; return it with the outputs that are kept.

    Raises
    ------
    SystemExit
        Where an output would tell of the place.
    """
    book = nbformat.read(path, as_version=4)
    asked = {"CHUNKBENCH_MACHINE": machine, "CHUNKBENCH_PROFILE": profile, "NO_COLOR": "1"}
    with tempfile.TemporaryDirectory(prefix="nb") as folder:
        os.environ |= asked | {"CHUNKBENCH_RESULTS": "results"}
        manager = AsyncKernelManager(kernel_name="python3", transport="ipc", ip=f"{folder}/k")
        NotebookClient(
            book,
            km=manager,
            timeout=CELL_SECONDS,
            record_timing=False,
            resources={"metadata": {"path": folder}},
        ).execute()
    for number, cell in enumerate((c for c in book.cells if c.cell_type == "code"), 1):
        cell.execution_count = number
        cell.outputs = [output for output in map(kept, cell.outputs) if output is not None]
        for output in cell.outputs:
            if "execution_count" in output:
                output.execution_count = number
            told = traces_of_a_place(str({**output, "data": _words(output)}))
            if told:
                raise SystemExit(f"{path.name}, cell {number}: its output names {told[0]}")
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    book.metadata["chunkbench"] = {
        "code": code_digest(book),
        "outputs": f"measured on {machine}, {day}, profile {profile}",
    }
    return book


def _words(output: NotebookNode) -> dict[str, str]:
    return {name: text for name, text in output.get("data", {}).items() if name != "image/png"}


def main() -> None:
    """Execute the notebooks that are named, or all."""
    machine = os.environ.get("CHUNKBENCH_MACHINE", "reference-2core")
    profile = os.environ.get("CHUNKBENCH_PROFILE", "exercise")
    for path in map(Path, sys.argv[1:] or sorted(map(str, FOLDER.glob("[0-9]*.ipynb")))):
        book = executed(path, machine, profile)
        nbformat.write(book, path)
        print(f"{path.name}: {book.metadata['chunkbench']['outputs']}", flush=True)


if __name__ == "__main__":
    main()
