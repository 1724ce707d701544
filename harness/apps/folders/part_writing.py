"""Write a part of compacted journals, and show that it has all that they have."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from harness import __version__
from harness.core.errors import InputError
from harness.core.journal_format import line_of_file
from harness.core.records import Pair
from harness.reading.ingest.compacted_part import (
    LINES,
    LINES_SCHEMA,
    MARKS,
    MARKS_SCHEMA,
    PAIRS,
    PAIRS_SCHEMA,
    PART,
    JournalFacts,
    Part,
    compacted_journals,
    restored,
)
from harness.reading.ingest.journal_pieces import PAIR_BEGINS
from harness.reading.ingest.journals import JournalContent, read_journals

COMPRESSION = {"compression": "zstd", "compression_level": 6}
ROWS_TOGETHER = 2**16


class _Rows:
    """A file of a part that is written in groups of many rows, whatever a journal has."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._writer = pq.ParquetWriter(path, schema, **COMPRESSION)
        self._tables: list[pa.Table] = []

    def add(self, table: pa.Table) -> None:
        self._tables.append(table)
        if sum(map(len, self._tables)) > ROWS_TOGETHER:
            self._write()

    def close(self) -> None:
        self._write()
        self._writer.close()

    def _write(self) -> None:
        if self._tables:
            self._writer.write_table(pa.concat_tables(self._tables))
            self._tables = []


def write_part(folder: Path, journals: Sequence[JournalFacts], source: Path) -> None:
    """Write the part of *journals*, which lie in the folder *source*, into *folder*.

    Raises
    ------
    InputError
        Where a journal is broken, or has changed since its facts were gathered.
    """
    folder.mkdir(parents=True)
    lines, marks = _Rows(folder / LINES, LINES_SCHEMA), _Rows(folder / MARKS, MARKS_SCHEMA)
    pairs = _Rows(folder / PAIRS, PAIRS_SCHEMA)
    known = []
    contents = read_journals(source / journal.name for journal in journals)
    for journal, content in zip(journals, contents):
        texts = (source / journal.name).read_bytes().splitlines(keepends=True)
        between = _marks(journal.name, texts, str(content.path))
        lines.add(pa.table([_same(journal.name, len(texts)), texts], LINES_SCHEMA))
        marks.add(between)
        run = _same(journal.run, len(content.columns))
        pairs.add(_plain(content.columns).add_column(0, PAIRS_SCHEMA.field(0), run))
        known.append(journal.model_copy(update={"lines": len(texts), "marks": len(between)}))
    for file in (lines, marks, pairs):
        file.close()
    part = Part(chunkbench=__version__, journals=tuple(known))
    (folder / PART).write_text(part.model_dump_json(indent=1) + "\n", encoding="utf-8")


def check_part(folder: Path, part: Part, source: Path) -> None:
    """Read the part in *folder* back, and compare it with the journals in the folder *source*.

    Raises
    ------
    InputError
        Where it does not have every byte and every pair of them.
    """
    for journal, content in restored(folder, part):
        if (source / journal.name).read_bytes() != content:
            raise InputError(f"{source / journal.name} changed while it was compacted: try again")
    written_ones = read_journals(source / journal.name for journal in part.journals)
    every = compacted_journals(folder, part, lambda _: True)
    for written, again in zip(written_ones, every, strict=True):
        if not _is_same(written, again):
            raise InputError(
                f"{folder}: {again.path.name} does not come back as it was: nothing was deleted"
            )


def sync_folder(folder: Path) -> None:
    """Have the files in *folder* and its own entry written to the disk."""
    for path in (*folder.iterdir(), folder):
        number = os.open(path, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def _same(value: str, n: int) -> pa.Array:
    return pa.repeat(pa.scalar(value), n)


def _marks(name: str, texts: Sequence[bytes], where: str) -> pa.Table:
    found = list(_between_pairs(texts, where))
    before, lines = zip(*found) if found else ((), ())
    columns = [
        _same(name, len(found)),
        pa.array(before, pa.int64()),
        pa.array(lines, pa.large_binary()),
    ]
    return pa.table(columns, MARKS_SCHEMA)


def _between_pairs(texts: Sequence[bytes], where: str) -> Iterator[tuple[int, bytes]]:
    """Each line that is a record but no pair, and how many pairs stand before it."""
    pairs = 0
    for text in texts:
        if text.startswith(PAIR_BEGINS):
            pairs += 1
        elif (record := line_of_file(text, where)) is not None:
            if isinstance(record, Pair):
                pairs += 1
            else:
                yield pairs, text


def _is_same(written: JournalContent, again: JournalContent) -> bool:
    pairs = _plain(written.columns).equals(_plain(again.columns))
    return pairs and _between(written) == _between(again)


def _plain(columns: pa.Table) -> pa.Table:
    """Words as they are, and not as places in a dictionary, which may be in another order."""
    words = [field.name for field in columns.schema if pa.types.is_dictionary(field.type)]
    for name in words:
        place = columns.schema.get_field_index(name)
        columns = columns.set_column(place, name, columns[name].cast(pa.string()))
    return columns


def _between(journal: JournalContent) -> list[tuple[object, ...]]:
    return [(each.info, each.blocks, len(each.columns), each.end) for each in journal.stretches]
