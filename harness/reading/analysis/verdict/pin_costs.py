"""Compare pins: native threads that were read back, time, and the cost of too many threads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from harness.core import schema
from harness.core.records import RunInfo, Status
from harness.reading.analysis.by_group import Key, Row, records, run_info, to_table
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
    usable = cases["status"].eq(Status.OK) & cases["paired"].eq(True)
    columns = [name for name in schema.names("pins") if name in cases]
    good = records(cases.loc[usable.fillna(False).to_numpy(dtype=bool), columns])
    pins_of: dict[Key, set[str]] = {}
    for case in good:
        pins_of.setdefault(_key(case, PIN_SERIES), set()).add(case["pin"])
    against = contrasts[contrasts["kind"].eq(PIN).fillna(False).to_numpy(dtype=bool)]
    compared = {_key(row, CASE): row for row in records(against)}
    rows = [
        _row(case, compared.get(_key(case, CASE)), run_info(runs, case["run"]))
        for case in good
        if len(pins_of[_key(case, PIN_SERIES)]) > 1
    ]
    return to_table("pins", rows)


def _key(row: Row, names: Sequence[str]) -> Key:
    return tuple(row[name] for name in names)


def _row(case: Row, other: Row | None, info: RunInfo) -> Row:
    native, cores = case["native_threads"], info.machine.cores_usable
    wanted = None if native is None else native * case["workers"]
    row = case | {"threads_wanted": wanted, "cores": cores, "verdict": None}
    if wanted is not None and cores is not None:
        row["too_many_threads"] = wanted > cores
    if other is not None:
        inverse = zip(ENDS, ("", "_high", "_low"), strict=True)
        row |= {f"over_pin_1{end}": _inverse(other[f"ratio{from_}"]) for end, from_ in inverse}
        row["verdict"] = other["verdict"]
    return row


def _inverse(ratio: float | None) -> float | None:
    return None if ratio is None else 1 / ratio
