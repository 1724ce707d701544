"""Which runs speak for a machine: not those on another Python, where it has some on its own."""

from __future__ import annotations

import pandas as pd


def without_others(cases: pd.DataFrame) -> pd.DataFrame:
    """Leave out of each machine what was measured on another Python than chunkbench's own.

    A machine that was measured on others alone keeps them. A case without a start-up does not say
    where it was to run, so that one that does speaks for all of its run.

    Parameters
    ----------
    cases : DataFrame
        ``machine``, ``run`` and ``environment`` of ``schema.CASES``.
    """
    elsewhere = set(cases.loc[cases["environment"].notna(), "run"])
    if not elsewhere:
        return cases
    own = ~cases["run"].isin(elsewhere)
    has_own = own.groupby(cases["machine"]).transform("any")
    return cases[own | ~has_own]
