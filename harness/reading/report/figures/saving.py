"""A figure of one run with its words, and the files that it is written to."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from harness.core.errors import UsageError
from harness.reading.report.figures.base import Picture
from harness.reading.report.figures.once import lay_out

DPI = 150
ENDINGS = (".png", ".svg", ".pdf")


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


@dataclass(frozen=True)
class Planned:
    """A figure that can be drawn: in this process or another one, or not at all where its file is
    there already.

    Attributes
    ----------
    run, what, alt : str
        As in :class:`Drawn`.
    draw : callable
        A function of a module, which returns the figure.
    of : tuple
        What *draw* is called with: tables, words and numbers. Nothing else goes into the figure.
    """

    run: str
    what: str
    alt: str
    draw: Callable[..., Figure]
    of: tuple[Any, ...]

    def drawn(self) -> Drawn:
        """Draw it."""
        return Drawn(self.run, self.what, self.draw(*self.of), self.alt)

    @property
    def figure(self) -> Figure:
        """A new drawing of it, with its words."""
        return self.drawn().figure


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
    [saved] = save_as(drawn, [Path(path)])
    return saved


def save_as(drawn: Drawn, paths: Sequence[Path]) -> list[Saved]:
    """Write a figure to several files, as :func:`save` writes each; it is laid out once.

    Raises
    ------
    UsageError
        Where the ending of a path is none of :data:`ENDINGS`.
    """
    for path in paths:
        if path.suffix not in ENDINGS:
            raise UsageError(f"{path}: figures are written as .png, .svg or .pdf: choose one")
    drawn.figure.set_dpi(DPI)
    lay_out(drawn.figure)
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(drawn, path)
    return [Saved(path, drawn.alt) for path in paths]


def _write(drawn: Drawn, path: Path) -> None:
    title = f"{drawn.what}, run {drawn.run}"
    metadata: dict[str, dict[str, Any]] = {
        ".png": {"Software": None, "Title": title, "Description": drawn.alt},
        ".svg": {"Date": None, "Creator": None},
        ".pdf": {"CreationDate": None, "Title": title, "Subject": drawn.alt},
    }
    words = metadata[path.suffix]
    # Not by Figure.savefig, which draws everything a first time for the layout, unseen.
    with mpl.rc_context({"svg.hashsalt": "chunkbench", "svg.fonttype": "path"}):
        if path.suffix == ".png":
            _write_png(drawn.figure, path, words)
        elif path.suffix == ".svg":
            text = StringIO()
            vectors: Any = FigureCanvasSVG(drawn.figure)
            vectors.print_svg(text, metadata=words)
            path.write_text(_described(text.getvalue(), title, drawn.alt), encoding="utf-8")
        else:
            vectors = FigureCanvasPdf(drawn.figure)
            vectors.print_pdf(path, metadata=words)


def _write_png(figure: Figure, path: Path, words: dict[str, Any]) -> None:
    """Write the pixels without their transparency, which figures do not have, in half the time."""
    figure.set_dpi(DPI)  # the other formats have set their own
    canvas: Any = figure.canvas
    if not isinstance(canvas, FigureCanvasAgg):
        canvas = FigureCanvasAgg(figure)
    canvas.draw()
    info = PngInfo()
    for name, text in words.items():
        if text is not None:
            info.add_text(name, text)
    image = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    image.save(path, format="png", dpi=(DPI, DPI), pnginfo=info, compress_level=3)


def _described(svg: str, title: str, alt: str) -> str:
    words = (
        ' role="img" aria-labelledby="figure-title figure-desc">\n'
        f' <title id="figure-title">{escape(title)}</title>\n'
        f' <desc id="figure-desc">{escape(alt)}</desc>'
    )
    start = svg.index("<svg")
    end = svg.index(">", start)
    return f"{svg[:end]}{words}{svg[end + 1 :]}"
