"""Tables that were made once and are kept, to see that they stay the same.

``python -m tests.reading.report.expected_tables`` makes them again, from the tree that Python
imports: only where a rule changes, where results are committed, or where the generator does.
"""

from __future__ import annotations

import json
import lzma
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd

from harness.reading.report.analysed import TABLES, analysed
from tests.reading.report.generated_runs import write_results

FOLDER = Path(__file__).parent / "expected"
COMMITTED, GENERATED = "committed", "generated"

Columns = dict[str, list[Any]]
"""Column name to plain values; absent is ``None``."""


def tables_of(source: str, folder: Path) -> dict[str, pd.DataFrame]:
    """All tables of the committed results, or of the generated ones, which go to *folder*."""
    results = FOLDER.parents[3] / "results" if source == COMMITTED else write_results(folder)
    return analysed(results).tables


def columns(frame: pd.DataFrame) -> Columns:
    """The columns of *frame* in their order."""
    absent = frame.isna()
    return {
        str(name): [
            None if missing else value
            for value, missing in zip(frame[name].tolist(), absent[name].tolist(), strict=True)
        ]
        for name in frame.columns
    }


def expected(source: str, table: str) -> Columns:
    """The columns that *table* had."""
    kept: Columns = json.loads(lzma.decompress(_path(source, table).read_bytes()))
    return kept


def _path(source: str, table: str) -> Path:
    return FOLDER / f"{source}-{table}.json.xz"


def _write() -> None:
    FOLDER.mkdir(exist_ok=True)
    for source in (COMMITTED, GENERATED):
        with tempfile.TemporaryDirectory() as folder:
            tables = tables_of(source, Path(folder))
        assert list(tables) == list(TABLES)
        for name, frame in tables.items():
            text = json.dumps(columns(frame), separators=(",", ":"))
            _path(source, name).write_bytes(lzma.compress(text.encode(), preset=9))


if __name__ == "__main__":
    _write()
