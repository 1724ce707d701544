"""Choose further numbers of workers that a sweep measures to tell costs apart: rule 24."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from harness.core.records import Block, Case, Group, Pair, RunInfo
from harness.reading.analysis.by_group import records
from harness.reading.analysis.crossover.grid import count_tasks, measured
from harness.reading.analysis.keys import GROUP, GROUP_ON_ANY_RUN, GROUP_WORKER_SERIES
from harness.reading.analysis.models.overhead_model import fits
from harness.reading.analysis.verdict.cases import cases
from harness.reading.ingest.frames import blocks_frame, pairs_frame
from harness.reading.ingest.journals import content_of

FEW = 5
"""The most chunks that are measured with another number of workers: more than there are costs."""
SERIAL, PARALLEL = "serial_us_per_task", "parallel_us_per_task"
OPEN = {SERIAL: "s", PARALLEL: "o"}


def separate(info: RunInfo, records: Sequence[Block | Pair]) -> dict[Case, str]:
    """Choose cases to measure with another number of workers; give the reason for each.

    Where a fit is accepted and leaves ``o`` open, one worker shows it: what the workers share is
    all his. Where it leaves ``s`` open, all usable cores do: the workers bind less. Only a number
    that the run has not measured is added, and never one above the usable cores; the chunks are
    those measured that say most.

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
    table, rows = _fits(info, records)
    to_measure: dict[Case, str] = {}
    for _, fit in rows.iterrows():
        alike = rows[(rows[GROUP_WORKER_SERIES] == fit[GROUP_WORKER_SERIES]).all(axis=1)]
        has = set(alike.loc[alike["baseline_seconds"].notna(), "workers"].astype(int))
        for count, why in _counts(fit, cores).items():
            if count not in has:
                group = Group(**{name: fit[name] for name in GROUP_ON_ANY_RUN})
                other = group.model_copy(update={"workers": count})
                to_measure |= {other.case(chunk): why for chunk in _chunks(table, fit, count)}
    return to_measure


def _fits(info: RunInfo, records: Sequence[Block | Pair]) -> tuple[pd.DataFrame, pd.DataFrame]:
    journal = content_of(info, records)
    frames = pairs_frame([journal]), blocks_frame([journal])
    runs = {info.run: info}
    table = cases(*frames, runs)
    return table, fits(table, *frames, runs).model


def _counts(fit: pd.Series[Any], cores: int) -> dict[int, str]:
    """The numbers of workers that can show what *fit* leaves open, and why."""
    workers = int(fit["workers"])
    if not fit["accepted"] or pd.isna(fit["not_identifiable"]) or workers > cores:
        return {}
    open_costs: dict[int, list[str]] = {}
    for name in str(fit["not_identifiable"]).split(", "):
        open_costs.setdefault(1 if name == PARALLEL else cores, []).append(OPEN[name])
    return {
        count: f"{' and '.join(names)} cannot be identified with {workers}"
        for count, names in open_costs.items()
    }


def _chunks(table: pd.DataFrame, fit: pd.Series[Any], count: int) -> list[int]:
    """The chunks of *fit* that say most with *count* workers.

    With one worker those near ``K = W/s``: with fewer tasks the worker binds whatever ``o`` is,
    with many more the scheduler does, and the fewer the less they tell of ``o``. With more workers
    those with most tasks, where the scheduler binds first.
    """
    group = measured(table[(table[GROUP] == fit[GROUP]).all(axis=1)])
    tasks = np.array([count_tasks(row) for row in records(group)])
    s = float(fit[f"{SERIAL}_high"] if pd.isna(fit[SERIAL]) else fit[SERIAL]) / 1e6
    binds_until = fit["baseline_seconds"] / s if count == 1 and s > 0 else tasks.max()
    order = np.argsort(np.abs(np.log(tasks / binds_until)), kind="stable")
    return sorted(int(chunk) for chunk in group["chunk"].iloc[order[:FEW]])
