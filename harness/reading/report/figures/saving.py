"""A figure of one run with its words, and the file that it is written to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl
from matplotlib.figure import Figure

from harness.core.errors import UsageError
from harness.reading.report.figures.base import Picture


@dataclass(frozen=True)
class Drawn:
    """A figure of one run: ``what`` names its subject, ``alt`` says in words what it shows."""

    run: str
    what: str
    figure: Figure
    alt: str

    def __post_init__(self) -> None:
        if isinstance(self.figure, Picture):
            self.figure.alt = self.alt


class Saved(NamedTuple):
    """A file of a figure, and the text for those who do not see it."""

    path: Path
    alt: str


def slug(text: str) -> str:
    """Write *text* so that it can be a part of a file's name."""
    return re.sub(r"[^\w.-]+", "-", text).strip("-")


def save(drawn: Drawn, path: str | Path) -> Saved:
    """Write a figure as ``.png``, ``.svg`` or ``.pdf``: the same figure gives the same bytes,
    without dates.

    Its words are in the file: in the PNG's ``Description``, in the SVG's ``title`` and ``desc``,
    in the PDF's ``Subject``.

    Raises
    ------
    UsageError
        Where the ending is another one.
    """
    path = Path(path)
    title = f"{drawn.what}, run {drawn.run}"
    metadata: dict[str, dict[str, Any]] = {
        ".png": {"Software": None, "Title": title, "Description": drawn.alt},
        ".svg": {"Date": None, "Creator": None},
        ".pdf": {"CreationDate": None, "Title": title, "Subject": drawn.alt},
    }
    if path.suffix not in metadata:
        raise UsageError(f"{path}: figures are written as .png, .svg or .pdf: choose one")
    path.parent.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context({"svg.hashsalt": "chunkbench", "svg.fonttype": "path"}):
        drawn.figure.savefig(path, dpi=150, metadata=metadata[path.suffix])
    if path.suffix == ".svg":
        path.write_text(_described(path.read_text("utf-8"), title, drawn.alt), encoding="utf-8")
    return Saved(path, drawn.alt)


def _described(svg: str, title: str, alt: str) -> str:
    words = (
        ' role="img" aria-labelledby="figure-title figure-desc">\n'
        f' <title id="figure-title">{escape(title)}</title>\n'
        f' <desc id="figure-desc">{escape(alt)}</desc>'
    )
    start = svg.index("<svg")
    end = svg.index(">", start)
    return f"{svg[:end]}{words}{svg[end + 1 :]}"
