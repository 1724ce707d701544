"""Tables that were judged when their journals were compacted, and are taken as they are.

What is said of a run rests on the runs that it is judged together with, on the accounting of their
jobs, and on the code that judges. As long as all three are the same, so are the rows: they are
read, and not made again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import ValidationError

from harness.core.input_digest import digest
from harness.core.records import Record
from harness.reading.ingest.accounting.kept import Kept
from harness.reading.ingest.compacted_part import JournalFacts
from harness.reading.report.analysed import TABLES
from harness.reading.report.formats.parquet_tables import read_arrow, write_pieces

ACROSS_RUNS = frozenset({"history", "time_budget"})
"""Tables that no part has: one follows figures over all runs, one is made of traces."""

PER_RUN = tuple(name for name in TABLES if name not in ACROSS_RUNS)
JUDGED_VERSION = 1
_PIECE_ROWS = 1000
JUDGED_FILE = "judged.json"


class Judged(Record):
    """What the tables in a folder are.

    Attributes
    ----------
    code : str
        Digest of the code that made them.
    sets : dict of str to tuple of str
        Digest of what the rows of runs rest on that were judged together, to these runs.
    """

    v: int = JUDGED_VERSION
    kind: Literal["judged"] = "judged"
    code: str
    sets: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class StoredTables:
    """The tables of one folder.

    Attributes
    ----------
    folder : Path
    runs : frozenset of str
        Runs of which the rows still hold.
    stale : frozenset of str
        Runs of which they do not.
    """

    folder: Path
    runs: frozenset[str]
    stale: frozenset[str]

    def rows(
        self,
        name: str,
        columns: Sequence[str] | None = None,
        where: tuple[str, list[str]] | None = None,
    ) -> pa.Table:
        """The rows that hold, with those of no run, as ``forecast`` has of published figures.

        *columns* and *where* are those of
        :func:`~harness.reading.report.formats.parquet_tables.read_arrow`.
        """
        table = read_arrow(self.folder / f"{name}.parquet", columns, where)
        if not self.stale:
            return table
        stale = pa.array(sorted(self.stale), table["run"].type)
        return table.filter(pc.invert(pc.is_in(table["run"], stale)))


def write_stored(folder: Path, judged: Judged, tables: Mapping[str, Iterable[pa.Table]]) -> None:
    """Write *tables*, each in pieces, into *folder*, and last what they are: before that, they do
    not count. A piece that is large enough can be read alone."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / JUDGED_FILE).unlink(missing_ok=True)
    for name, pieces in tables.items():
        write_pieces(folder / f"{name}.parquet", name, pieces, _PIECE_ROWS)
    (folder / JUDGED_FILE).write_text(judged.model_dump_json(indent=1) + "\n", encoding="utf-8")


def read_judged(folder: Path, code: str) -> Judged | None:
    """Read what the tables in *folder* are; ``None`` where other *code* made them, or none are."""
    try:
        judged = Judged.model_validate_json((folder / JUDGED_FILE).read_bytes())
    except (OSError, ValidationError):
        return None
    return judged if judged.v == JUDGED_VERSION and judged.code == code else None


def digest_of_machine(sets: Iterable[str]) -> str:
    """The digest of what a table rests on that is made over all runs of a machine: of the digests
    of the *sets* in which these are judged."""
    return digest(*sorted(sets))


def digest_of_set(facts: Iterable[JournalFacts], accounts: Iterable[Kept]) -> str:
    """The digest of what the rows of runs rest on that are judged together.

    Parameters
    ----------
    facts : iterable of JournalFacts
        Of the journals of these runs.
    accounts : iterable of Kept
        The accounting of their machine, of which that of their jobs counts.
    """
    journals = sorted((each.run, each.digest, each.jobs) for each in facts)
    jobs = {_without_server(job) for _, _, jobs in journals for job in jobs}
    of_jobs = sorted(
        kept.model_dump_json()
        for kept in accounts
        if {_without_server(f"{kept.scheduler}-{kept.job}"), _without_server(kept.job)} & jobs
    )
    return digest(*map(repr, journals), *of_jobs)


def _without_server(job: str) -> str:
    return job.partition(".")[0]
