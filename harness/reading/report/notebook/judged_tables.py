"""All tables of what was measured, each worked out once, when it is first asked for."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from harness.reading.report.analysed import TABLES, Analysed

FROM_FILES = ("pairs", "blocks")
"""Tables as they were read; the others are judged from them."""

NAMES = (*FROM_FILES, *TABLES)
"""Every table, in the order in which they are shown."""


@dataclass(frozen=True)
class JudgedTables:
    """The tables of everything that was read: a filter applies to them, and not to their input.

    Attributes
    ----------
    judged : Analysed
    kept : dict of str to DataFrame
        The tables that were worked out so far.
    """

    judged: Analysed
    kept: dict[str, pd.DataFrame] = field(default_factory=dict)

    def table(self, name: str) -> pd.DataFrame:
        """Return the table *name*, one of :data:`NAMES`, itself and not a copy."""
        if name in FROM_FILES:
            frame: pd.DataFrame = getattr(self.judged.read, name)
            return frame
        if name not in self.kept:
            self.kept[name] = self.judged.table(name)
        return self.kept[name]
