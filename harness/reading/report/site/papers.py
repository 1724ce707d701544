"""The figures for papers, which are drawn while the pages are written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from typing import Any

from harness.core.errors import InputError
from harness.core.progress_step import Step
from harness.reading.report.figures import Drawing, drawing
from harness.reading.report.figures.saving import ENDINGS, Saved
from harness.reading.report.manifest import Outputs
from harness.reading.report.site.source import SiteTables

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
            figure.path.stem, {"name": figure.path.stem, "alt": figure.alt, "files": {}}
        )
        entry["files"][figure.path.suffix[1:].upper()] = f"figures/{figure.path.name}"
    return list(grouped.values())
