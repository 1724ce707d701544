"""What ``chunkbench read`` shows of timings that others took."""

from __future__ import annotations

import pandas as pd

from harness.core.records.timings import Timings
from harness.reading.analysis.crossover.unpaired import unpaired_metg, unpaired_scaling
from harness.reading.ingest.check import to_frame
from harness.reading.ingest.foreign.kept_timings import rows_of
from harness.reading.report.formats.tables import to_records, to_text


def tables_of(timings: Timings) -> dict[str, pd.DataFrame]:
    """The tables that can be made of timings without pairs: ``cases``, ``metg`` and ``scaling``."""
    cases = to_frame("cases", rows_of(timings))
    return {"cases": cases, "metg": unpaired_metg(cases), "scaling": unpaired_scaling(cases)}


def as_text(timings: Timings, tables: dict[str, pd.DataFrame]) -> str:
    """Write the *tables* of *timings* as plain text, with how the columns were understood."""
    return "".join([to_text(tables), *(f"\nnote: {note}" for note in timings.notes), "\n"])


def as_records(tables: dict[str, pd.DataFrame]) -> dict[str, object]:
    """The *tables* as lists of rows with all columns; unknown is ``None``."""
    return {name: to_records(frame) for name, frame in tables.items()}
