"""Make the tidy frames ``pairs`` and ``blocks`` of journals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from harness.core.records import RunInfo, WorkerProbe
from harness.reading.ingest.check import to_frame
from harness.reading.ingest.journals import JournalContent


def pairs_frame(journals: Iterable[JournalContent]) -> pd.DataFrame:
    """The ``pairs`` table: one row a pair, and one for each case without a result.

    ``build_seconds`` and ``compute_seconds`` come from the pair's ``phases``; a phase that was not
    measured is absent, never 0. ``job`` is that of the stretch in which the pair was measured.

    Raises
    ------
    InputError
        Where a value does not fit its column.
    """
    rows = []
    for journal in journals:
        same = _provenance(journal.info)
        jobs = {id(pair): stretch.job for stretch in journal.stretches for pair in stretch.pairs}
        for pair in journal.pairs:
            row: dict[str, object] = dict(pair) | same | {"job": jobs.get(id(pair))}
            row["status"] = pair.status.value
            row["build_seconds"] = pair.phases.get("build")
            row["compute_seconds"] = pair.phases.get("compute")
            rows.append(row)
    return to_frame("pairs", rows)


def blocks_frame(journals: Iterable[JournalContent]) -> pd.DataFrame:
    """The ``blocks`` table: one row an engine start-up.

    Raises
    ------
    InputError
        Where a value does not fit its column.
    """
    return to_frame(
        "blocks",
        [
            dict(block)
            | _provenance(journal.info)
            | {
                "native_threads": _native_threads(block.verified),
                "cluster": block.settings.get("cluster"),
                "nodes": len({probe.host for probe in block.verified if probe.host}) or None,
            }
            for journal in journals
            for block in journal.blocks
        ],
    )


def _native_threads(verified: Sequence[WorkerProbe]) -> int | None:
    """The number that all workers read back; ``None`` where they differ or one does not know."""
    counts = {probe.native_threads for probe in verified}
    return counts.pop() if len(counts) == 1 else None


def _provenance(info: RunInfo) -> dict[str, object]:
    return {
        "machine": info.machine.name,
        "run": info.run,
        "commit": info.commit,
        "suite": info.suite,
        "profile": info.profile,
    }
