"""Compare pins: native threads that were read back, time, and the cost of too many threads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from harness.core import schema
from harness.core.records import RunInfo, Status
from harness.reading.analysis.by_group import Row, run_info, to_table
from harness.reading.analysis.estimate_columns import ENDS
from harness.reading.analysis.keys import CASE, PIN_SERIES
from harness.reading.analysis.verdict.contrasts import PIN


def pins(cases: pd.DataFrame, contrasts: pd.DataFrame, runs: Mapping[str, RunInfo]) -> pd.DataFrame:
    """Set each case that was measured under several pins against itself under pin 1.

    Parameters
    ----------
    cases : DataFrame
        Obeys ``schema.CASES``.
    contrasts : DataFrame
        Obeys ``schema.CONTRASTS``; its comparisons of pins.
    runs : mapping of str to RunInfo
        Run lines: usable cores.

    Returns
    -------
    DataFrame
        Obeys ``schema.PINS``. ``over_pin_1`` is the inverse of the contrast's ratio, ends swapped;
        it is absent for pin 1 itself.

    Raises
    ------
    InputError
        Where a run line is missing.
    """
    good = cases[(cases["status"].eq(Status.OK) & cases["paired"].eq(True)).fillna(False)]
    several = good[good.groupby(PIN_SERIES, dropna=False)["pin"].transform("nunique").gt(1)]
    against = contrasts[contrasts["kind"].eq(PIN).fillna(False)]
    compared = {tuple(row[name] for name in CASE): row for _, row in against.iterrows()}
    rows = []
    for _, case in several.iterrows():
        cores = run_info(runs, str(case["run"])).machine.cores_usable
        rows.append(_row(case, compared.get(tuple(case[name] for name in CASE)), cores))
    return to_table("pins", rows)


def _row(case: pd.Series[Any], other: pd.Series[Any] | None, cores: float | None) -> Row:
    row = {name: case[name] for name in schema.names("pins") if name in case}
    native = case["native_threads"]
    wanted = None if pd.isna(native) else int(native) * int(case["workers"])
    row |= {"threads_wanted": wanted, "cores": cores, "verdict": None}
    if wanted is not None and cores is not None:
        row["too_many_threads"] = wanted > cores
    if other is not None:
        inverse = ("", "_high", "_low")
        row |= {f"over_pin_1{end}": 1 / other[f"ratio{from_}"] for end, from_ in zip(ENDS, inverse)}
        row["verdict"] = other["verdict"]
    return row
