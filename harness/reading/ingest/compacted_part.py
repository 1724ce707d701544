"""Parts: journals of one month, kept together as Parquet.

``<machine>/compacted/month=2026-11/<digest>/`` is a part, written as a whole and never edited:

- ``lines.parquet`` has every line of every journal as it was written: the journals can be made
  again from it, byte for byte.
- ``pairs.parquet`` has the pairs by columns, and ``marks.parquet`` the lines between them (run
  lines, start-ups, tries, ends) with the number of pairs before each: tables are made from these.
- ``part.json`` says what the part holds (:class:`Part`).
- ``judged/`` has the tables that were made of it when it was written.

``<machine>/compacted/over-runs/`` has the tables that were made of all parts of the machine.

In each Parquet file the rows of the journals stand one after the other, in the order of
``part.json``, which says how many they are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow.types import is_dictionary
from pydantic import ValidationError

from harness.core.errors import InputError
from harness.core.journal_format import cannot_be_read, line_of_file
from harness.core.records import Block, End, Pair, Record, RunInfo, Try
from harness.reading.ingest.journals import (
    JournalContent,
    content_of_marks,
    job_label,
    workers_jobs,
)
from harness.reading.ingest.pair_columns import SCHEMA

FOLDER = "compacted"
LINES, MARKS, PAIRS = "lines.parquet", "marks.parquet", "pairs.parquet"
PART, JUDGED, OVER_RUNS = "part.json", "judged", "over-runs"
PART_VERSION = 1
LINES_SCHEMA = pa.schema([("journal", pa.string()), ("line", pa.large_binary())])
MARKS_SCHEMA = LINES_SCHEMA.insert(1, pa.field("pairs_before", pa.int64()))
PAIRS_SCHEMA = pa.schema(
    [
        ("run", pa.string()),
        *(
            (field.name, pa.string() if is_dictionary(field.type) else field.type)
            for field in SCHEMA
        ),
    ]
)


class JournalFacts(Record):
    """What has to be known of a journal to tell whether what was made of it still holds.

    Attributes
    ----------
    name : str
        Its file name.
    info : RunInfo
        Its first run line.
    jobs : tuple of str
        Batch jobs that measured it or served its workers, as tables name them.
    digest : str
        SHA-256 of the file, in hexadecimal.
    size : int
        Bytes of the file.
    pairs : int
        Lines of pairs.
    lines, marks : int
        In a part: all lines, and those that are records but no pairs.
    """

    name: str
    info: RunInfo
    jobs: tuple[str, ...] = ()
    digest: str
    size: int
    pairs: int
    lines: int = 0
    marks: int = 0

    @property
    def run(self) -> str:
        """The name of the run."""
        return self.info.run


def jobs_of(journal: JournalContent) -> tuple[str, ...]:
    """The batch jobs that measured a run or served its workers, as tables name them."""
    jobs: dict[str, None] = {}
    for stretch in journal.stretches:
        if stretch.job:
            jobs[stretch.job] = None
        jobs |= {job_label(*job): None for job in workers_jobs(stretch.blocks)}
    return tuple(jobs)


def facts_of(journal: JournalContent) -> JournalFacts:
    """Gather the facts of a journal that was read.

    Raises
    ------
    InputError
        Where its file cannot be read again.
    """
    try:
        content = journal.path.read_bytes()
    except OSError as error:
        raise cannot_be_read(journal.path, error) from None
    return JournalFacts(
        name=journal.path.name,
        info=journal.info,
        jobs=jobs_of(journal),
        digest=hashlib.sha256(content).hexdigest(),
        size=len(content),
        pairs=len(journal.columns),
    )


class Part(Record):
    """What ``part.json`` says: the journals of the part, in the order of their names."""

    v: int = PART_VERSION
    kind: Literal["part"] = "part"
    chunkbench: str
    journals: tuple[JournalFacts, ...]


def part_folders(machine_folder: Path) -> list[Path]:
    """The folders of the parts of a machine, in the order of their months."""
    return sorted(path.parent for path in machine_folder.glob(f"{FOLDER}/month=*/*/{PART}"))


def known_journals(parts: Iterable[Part]) -> dict[str, JournalFacts]:
    """The journals in all *parts* of a machine, by their names."""
    return {journal.name: journal for part in parts for journal in part.journals}


def read_part(folder: Path) -> Part:
    """Read what the part in *folder* holds.

    Raises
    ------
    InputError
        Where ``part.json`` is damaged, or a later version wrote it.
    """
    path = folder / PART
    try:
        part = Part.model_validate_json(path.read_bytes())
    except OSError as error:
        raise cannot_be_read(path, error) from None
    except ValidationError as error:
        what = error.errors(include_url=False, include_input=False)[0]["msg"]
        raise InputError(
            f"{path}: damaged ({what}): restore the folder {folder} from a copy"
        ) from None
    if part.v > PART_VERSION:
        raise InputError(
            f"{path}: version {part.v}, this chunkbench reads up to {PART_VERSION}: upgrade "
            "chunkbench"
        )
    return part


def compacted_journals(
    folder: Path, part: Part, is_wanted: Callable[[str], bool]
) -> Iterator[JournalContent]:
    """Read the journals of the wanted runs in a part, each under the path that it had.

    Raises
    ------
    InputError
        Where a file of the part is damaged.
    """
    if not any(is_wanted(journal.run) for journal in part.journals):
        return
    marks = _rows(folder / MARKS, ["pairs_before", "line"], [each.marks for each in part.journals])
    pairs = _rows(folder / PAIRS, SCHEMA.names, [each.pairs for each in part.journals])
    for journal, between, columns in zip(part.journals, marks, pairs):
        if is_wanted(journal.run):
            where = f"{folder / MARKS}, {journal.name}"
            texts = zip(between["pairs_before"].to_pylist(), between["line"].to_pylist())
            read = [(before, _mark(text, where)) for before, text in texts]
            path = path_before(folder, journal.name)
            yield content_of_marks(path, read, columns.cast(SCHEMA))


def _mark(text: bytes, where: str) -> RunInfo | Block | Try | End:
    record = line_of_file(text, where)
    if record is None or isinstance(record, Pair):
        raise damaged(Path(where), "a pair where none can be")
    return record


def path_before(folder: Path, name: str = "") -> Path:
    """Where the journal *name* of the part in *folder* was, and is again once it is restored; the
    folder of its journals without a name."""
    return folder.parents[2] / "journal" / name


def is_compacted(path: Path, known: Mapping[str, JournalFacts]) -> bool:
    """Whether the journal at *path* is one of those *known* by their names from the parts.

    Raises
    ------
    InputError
        Where it has the name of one, and other content.
    """
    if path.name not in known:
        return False
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != known[path.name].digest:
            raise InputError(
                f"{path} is not the journal of that name that was compacted: move it away"
            )
    return True


def restored(folder: Path, part: Part) -> Iterator[tuple[JournalFacts, bytes]]:
    """Make the journals of a part again, one after the other, each with its bytes.

    Raises
    ------
    InputError
        Where the bytes are not those that were compacted.
    """
    lines = _rows(folder / LINES, ["line"], [each.lines for each in part.journals])
    for journal, texts in zip(part.journals, lines):
        content = b"".join(texts["line"].to_pylist())
        if hashlib.sha256(content).hexdigest() != journal.digest:
            raise damaged(folder / LINES, f"the lines of {journal.name} are not as written")
        yield journal, content


def _rows(path: Path, columns: list[str], counts: Sequence[int]) -> Iterator[pa.Table]:
    """Read a file of a part, and give each journal's rows, of which there are *counts*.

    Raises
    ------
    InputError
        Where it is missing, damaged or has fewer rows.
    """
    try:
        with pq.ParquetFile(path) as file:
            held = file.schema_arrow.empty_table().select(columns)
            batches = file.iter_batches(columns=columns)
            for count in counts:
                tables = [held]
                while sum(map(len, tables)) < count:
                    tables.append(pa.Table.from_batches([next(batches)]))
                rows = pa.concat_tables(tables)
                yield rows.slice(0, count)
                held = rows.slice(count)
    except StopIteration:
        raise damaged(path, "rows are missing") from None
    except (KeyError, OSError, pa.ArrowException) as error:
        raise damaged(path, str(error).splitlines()[0]) from None


def damaged(path: Path, why: str) -> InputError:
    """The error that a file of a part is not what was written."""
    return InputError(f"{path}: damaged ({why}): restore its folder from a copy")
