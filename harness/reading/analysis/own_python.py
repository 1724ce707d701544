"""Which runs speak for a machine: not those on another Python, where it has some on its own."""

from __future__ import annotations

import pandas as pd

WHERE = ("environment", "home")
"""The columns of ``schema.CASES`` that say on which Python a case was measured."""


def without_others(cases: pd.DataFrame) -> pd.DataFrame:
    """Leave out of each machine what was measured on another Python than chunkbench's own.

    An executor in the environment that is built for it is where it belongs, and stays. A machine
    that was measured on others alone keeps them. A case without a start-up does not say
    where it was to run, so that one that does speaks for all of its run.

    Parameters
    ----------
    cases : DataFrame
        ``machine``, ``run`` and :data:`WHERE` of ``schema.CASES``.
    """
    chosen = cases["environment"].notna() & cases["home"].isna()
    elsewhere = set(cases.loc[chosen, "run"])
    if not elsewhere:
        return cases
    own = ~cases["run"].isin(elsewhere)
    has_own = own.groupby(cases["machine"]).transform("any")
    return cases[own | ~has_own]
