"""The figures for papers, which are drawn while the pages are written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from typing import Any

from harness.core.errors import InputError
from harness.core.progress_step import Step
from harness.reading.report.figures import Drawing, drawing
from harness.reading.report.figures.saving import ENDINGS, Saved
from harness.reading.report.manifest import Outputs
from harness.reading.report.shown.run_names import started
from harness.reading.report.site.source import SiteTables

_RUN = re.compile(r"\w+Z-(?P<suite>.+?)-[0-9a-f]{4}-")
"""The name of a run: when it began, its suite and a random suffix."""

NONE = Drawing([], lambda: None)
"""No figures."""


@contextmanager
def papers(
    source: SiteTables, outputs: Outputs, *, processes: int, step: Step
) -> Iterator[Drawing]:
    """Draw the figures of the newest runs for papers, in every format, while pages are written.

    Without journals, or with nothing to draw, there are none.
    """
    begun = NONE
    with ExitStack() as stack:
        if source.judged is not None:
            tables = source.tables
            newest = replace(
                source.judged,
                cases=tables["cases"],
                break_even=tables["break_even"],
                contrasts=tables["contrasts"],
                answers=tables["answers"],
            )
            with suppress(InputError):  # there is nothing to draw
                begun = stack.enter_context(
                    drawing(
                        newest,
                        outputs.folder / "figures",
                        endings=ENDINGS,
                        processes=processes,
                        outputs=outputs,
                        step=step,
                    )
                )
        yield begun


def by_figure(files: list[Saved]) -> list[dict[str, Any]]:
    """Gather the files of each figure by their formats, with its words."""
    grouped: dict[str, dict[str, Any]] = {}
    for figure in files:
        entry = grouped.setdefault(
            figure.path.stem,
            {"name": _in_words(figure.path.stem), "alt": figure.alt, "files": {}},
        )
        entry["files"][figure.path.suffix[1:].upper()] = f"figures/{figure.path.name}"
    return list(grouped.values())


def _in_words(stem: str) -> str:
    """Say what a figure is of by the name of its files, which begins with its run."""
    when = started(stem)
    of = _RUN.match(stem)
    if when is None or of is None:
        return stem
    return f"{stem[of.end() :]}, measured by {of['suite']} on {when:%Y-%m-%d}"
