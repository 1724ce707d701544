"""Which further numbers of workers a sweep measures to tell costs apart: rule 24."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from harness.analysis.cases import cases
from harness.analysis.grid import measured
from harness.analysis.model import ACROSS, model
from harness.analysis.rounds import GROUP
from harness.ingest import Journal
from harness.ingest.frames import blocks_frame, pairs_frame
from harness.records import Block, Case, Group, Pair, RunInfo

FEW = 5
"""Chunks that another number of workers is measured at: more than there are costs."""
OPEN = {"serial_us_per_task": "s", "parallel_us_per_task": "o"}


def separate(info: RunInfo, records: Sequence[Block | Pair]) -> dict[Case, str]:
    """The cases to measure with another number of workers, and why.

    Where a fit is accepted and leaves ``o`` open, one worker shows it: what the workers share is
    all his. Where it leaves ``s`` open, all usable cores do: the workers bind less. Only a number
    that the run has not measured is added, and never one above the usable cores. The chunks are
    some of those measured, from the smallest to the largest.

    Parameters
    ----------
    info : RunInfo
        Run line; nothing is added where its machine's usable cores are not known.
    records : sequence of Block or Pair
        All that the run has measured.
    """
    if info.machine.cores_usable is None:
        return {}
    cores = max(1, math.floor(info.machine.cores_usable))
    table, fits = _fits(info, records)
    found: dict[Case, str] = {}
    for _, fit in fits.iterrows():
        alike = fits[(fits[ACROSS] == fit[ACROSS]).all(axis=1)]
        has = set(alike.loc[alike["baseline_seconds"].notna(), "workers"].astype(int))
        for count, why in _counts(fit, cores).items():
            if count not in has:
                group = Group(**{name: fit[name] for name in GROUP if name != "run"})
                other = group.model_copy(update={"workers": count})
                found |= {other.case(chunk): why for chunk in _chunks(table, fit)}
    return found


def _fits(info: RunInfo, records: Sequence[Block | Pair]) -> tuple[pd.DataFrame, pd.DataFrame]:
    blocks = tuple(record for record in records if isinstance(record, Block))
    pairs = tuple(record for record in records if isinstance(record, Pair))
    journal = Journal(Path(), info, blocks, pairs, None, truncated=False)
    frames = pairs_frame([journal]), blocks_frame([journal])
    runs = {info.run: info}
    table = cases(*frames, runs)
    return table, model(table, *frames, runs)


def _counts(fit: pd.Series[Any], cores: int) -> dict[int, str]:
    """The numbers of workers that can show what *fit* leaves open, and why."""
    workers = int(fit["workers"])
    if not fit["accepted"] or pd.isna(fit["not_identifiable"]) or workers > cores:
        return {}
    found: dict[int, list[str]] = {}
    for name in str(fit["not_identifiable"]).split(", "):
        count = 1 if name == "parallel_us_per_task" else cores
        found.setdefault(count, []).append(OPEN[name])
    return {
        count: f"{' and '.join(names)} is not identifiable with {workers}"
        for count, names in found.items()
    }


def _chunks(table: pd.DataFrame, fit: pd.Series[Any]) -> list[int]:
    group = table[(table[GROUP] == fit[GROUP]).all(axis=1)]
    chunks = sorted(set(measured(group)["chunk"].astype(int)))
    places = np.linspace(0, len(chunks) - 1, min(FEW, len(chunks)))
    return [chunks[round(place)] for place in places]
