"""One run of which an answer is made: read and judged, and known also where it is stopped."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from harness.apps.answer_so_far import (
    AnswerSoFar,
    JournalWritten,
    Known,
    StoppedWithAnswer,
)
from harness.core.errors import InputError, Interrupted
from harness.reading import ingest
from harness.reading.analysis.crossover.break_even import break_even
from harness.reading.analysis.verdict.cases import cases
from harness.running.measure.sweep.progress import Report


class OneRun(NamedTuple):
    """The content of a journal, its pairs, and the tables ``cases`` and ``break_even`` of it."""

    run: ingest.JournalContent
    pairs: pd.DataFrame
    judged: pd.DataFrame
    edges: pd.DataFrame


def judged_run(journal: Path) -> OneRun:
    """Read and judge the one run that *journal* holds.

    Raises
    ------
    InputError
        Where it holds several, or is broken.
    """
    found = ingest.read_results(journal)
    if len(found.journals) != 1:
        raise InputError(f"{journal} holds {len(found.journals)} runs: name one journal")
    judged = cases(found.pairs, found.blocks, found.runs)
    edges = break_even(judged, found.pairs, found.runs)
    return OneRun(found.journals[0], found.pairs, judged, edges)


def answered(
    written: JournalWritten,
    read: Callable[[Path, bool], Known],
    measure: Callable[[Report], Path],
    report: Report,
    so_far: Callable[[Known], None] | None,
    said: Callable[[str], str] = str,
) -> Path:
    """Measure, and show the answer so far now and then; the path of the journal.

    Parameters
    ----------
    written : JournalWritten
        Finds the journal while it grows.
    read : callable
        Reads the answer from a journal, of a run that measures now or not.
    measure : callable
        Measures, and tells the report that it is given.
    report : callable
        Told of progress.
    so_far : callable, optional
        Given the answer so far.
    said : callable, optional
        What to say of a stop, of what it says itself.

    Raises
    ------
    StoppedWithAnswer
        On Ctrl-C, SIGTERM or SIGHUP; it carries the answer so far.
    """

    def known(*, running: bool = False) -> Known | None:
        path = written.path()
        return None if path is None else read(path, running)

    try:
        return measure(AnswerSoFar(report, known, so_far) if so_far else report)
    except Interrupted as stop:
        if (answer := known()) is None:
            raise
        raise StoppedWithAnswer(said(str(stop)), answer) from None
