"""Judge every case a second time, against NumPy on all cores (rule 1)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from harness.core.records import RunInfo, Status
from harness.reading.analysis.by_group import Key, run_info
from harness.reading.analysis.keys import CASE
from harness.reading.analysis.verdict.rounds import log_ratio
from harness.reading.analysis.verdict.verdicts import judge

ALL_CORES = "numpy-threads"


def against_all_cores(
    cases: pd.DataFrame,
    ok: Mapping[Key, pd.DataFrame],
    runs: Mapping[str, RunInfo],
) -> list[str | None]:
    """Judge each case against the ``numpy-threads`` case of its run, workload and size.

    Both share the serial baseline, so per round ``d_case - d_numpy_threads = log(TN/TP)``, with
    the drift between the two runs of one round cancelled by their own baselines. Rounds are
    matched by their number; fewer matches than a verdict needs are ``undetermined``. Where several
    such cases exist, the one with most workers is the reference (the first of them). It has no
    verdict against itself, nor has a case without an ok reference or without a result of its own.

    Parameters
    ----------
    cases : DataFrame
        Key columns, ``status`` and ``paired`` of ``schema.CASES``.
    ok : mapping of case key to DataFrame
        Rows with a result of each case, ordered by round; the key is the values of ``CASE``.
    runs : mapping of str to RunInfo
        Run lines: level and looks.

    Returns
    -------
    list of (str or None), one for each row of *cases*
    """
    usable = (cases["status"] == Status.OK) & cases["paired"].eq(True).fillna(False)
    keys = [tuple(key) for key in cases[CASE].itertuples(index=False)]
    reference: dict[Key, Key] = {}
    for key, good in zip(keys, usable, strict=True):
        if good and key[3] == ALL_CORES:
            held = reference.get(key[:3])
            if held is None or key[4] > held[4]:
                reference[key[:3]] = key
    d = {key: log_ratio(ok[key]) for key, good in zip(keys, usable, strict=True) if good}
    verdicts: list[str | None] = []
    for key in keys:
        other = reference.get(key[:3])
        if other is None or other == key or key not in d:
            verdicts.append(None)
            continue
        info = run_info(runs, key[0])
        difference = (d[key] - d[other]).dropna().to_numpy(dtype=np.float64)
        verdicts.append(judge(difference, info.level, info.looks).value)
    return verdicts
