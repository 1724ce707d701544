"""The sentences of the table ``answers`` in short: what they conclude, without what it rests on."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pandas as pd

from harness.reading.analysis.by_group import records
from harness.reading.analysis.verdict.contrasts import PRACTICE


def short_answers(answers: pd.DataFrame, machine: str) -> list[str]:
    """The conclusions of the newest answer of *machine* to each question.

    Parameters
    ----------
    answers : DataFrame
        Obeys ``schema.ANSWERS``.
    machine : str
    """
    newest: dict[tuple[str, str], tuple[str, str]] = {}
    for row in records(answers):
        if row["machine"] == machine:
            key = (str(row["kind"]), str(row["workload"]))
            newest[key] = max(newest.get(key, ("", "")), (str(row["run"]), str(row["sentence"])))
    return [conclusion(kind, sentence) for (kind, _), (_, sentence) in newest.items()]


def conclusion(kind: str, sentence: str) -> str:
    """Cut *sentence* where it goes on to say what it rests on.

    >>> conclusion("pin", "Pins matter for blas-product here: against pin 1 slower in 2 of 3.")
    'Pins matter for blas-product here.'
    """
    said = _until(sentence, ["; "] if kind == PRACTICE else [": ", "; "]).rstrip(".")
    return f"{re.sub(' comparisons?$', '', said)}."


def _until(sentence: str, ends: Iterable[str]) -> str:
    return min((sentence.partition(end)[0] for end in ends), key=len)
