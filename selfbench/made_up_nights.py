"""Make up journals of many nights, and ASV's files with the same samples, for the cost of reading.

A night has all suites of the committed results, with their cases, rounds, refusals and start-ups.
Its times are the committed ones, moved for each case and night and a little for each pair. Every
night has a commit of its own; a year of nights is a machine. All is written as it is made up, and
decided by the seed.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha1
from pathlib import Path
from typing import NamedTuple

import numpy as np

from selfbench.made_up_asv import AsvNights
from selfbench.night_template import Floats, SuiteLines, committed_night, compact_json

FIRST_NIGHT = datetime(2025, 1, 1, tzinfo=UTC)
NIGHTS_OF_A_MACHINE = 365
LEVEL, JITTER = 0.05, 0.03
"""Standard deviations of ``log(T)``: of a case from night to night, and of a pair on top."""

_ROOM = 1.1
_JOURNAL_BYTES, _ASV_BYTES, _COMPACTED_BYTES = 980, 130, 300
"""Of a pair, in each form; compacting needs room beside the journals."""


class MadeUp(NamedTuple):
    """What was written: pairs, and bytes of journals and of ASV's files."""

    pairs: int
    journal_bytes: int
    asv_bytes: int


def bytes_needed(pairs: int) -> int:
    """How much disk the files of so many *pairs* need at most."""
    return int(_ROOM * pairs * (_JOURNAL_BYTES + _ASV_BYTES + _COMPACTED_BYTES))


def generate(committed: Path, pairs: int, journals: Path, asv: Path, *, seed: int = 1) -> MadeUp:
    """Write nights until there are *pairs* pairs; the last night stops there.

    Parameters
    ----------
    committed : Path
        The folder of a machine with journals and one file of ASV's of the same rounds.
    pairs : int
        Lines of cases that were refused count, as they do in the table ``pairs``.
    journals, asv : Path
        Results folders to write into, one for each form.
    seed : int

    Raises
    ------
    InputError
        Where *committed* has no such file.
    """
    suites, asv_file = committed_night(committed)
    asv_nights = AsvNights(asv_file, suites)
    rng = np.random.default_rng(seed)
    written = MadeUp(0, 0, 0)
    number = 0
    while written.pairs < pairs:
        name = f"node-{number // NIGHTS_OF_A_MACHINE:02d}"
        day = FIRST_NIGHT + timedelta(days=number % NIGHTS_OF_A_MACHINE)
        commit = sha1(f"{day:%Y%m%d}".encode(), usedforsecurity=False).hexdigest()
        times: dict[str, Floats] = {}
        for lines in suites:
            left = pairs - written.pairs
            if not left:
                break
            varied = _times(lines, rng)
            run = f"{day:%Y%m%d}T{lines.stamp}Z-{lines.suite}-{number:04x}"
            text, n, kept = _journal(lines, varied, run, f"{day:%Y-%m-%d}", commit, name, left)
            path = journals / name / "journal" / f"{run}.jsonl"
            path.parent.mkdir(parents=True, exist_ok=True)
            size = path.write_bytes(text.encode())
            written = written._replace(
                pairs=written.pairs + n, journal_bytes=written.journal_bytes + size
            )
            times[lines.suite] = varied[:kept]
        size = asv_nights.write(times, day, commit, asv / name)
        written = written._replace(asv_bytes=written.asv_bytes + size)
        number += 1
    return written


def _times(lines: SuiteLines, rng: np.random.Generator) -> Floats:
    """The times of one night, shape (results, varied)."""
    level = rng.normal(0.0, LEVEL, lines.case.max(initial=0) + 1)[lines.case]
    moved = level[:, None] + rng.normal(0.0, JITTER, lines.times.shape)
    varied: Floats = lines.times * np.exp(moved)
    return varied


def _journal(
    lines: SuiteLines,
    varied: Floats,
    run: str,
    day: str,
    commit: str,
    machine: str,
    most: int,
) -> tuple[str, int, int]:
    """The text of a journal with at most so many pairs; how many it has, and with a result."""
    moment = f"{day}T{lines.stamp[:2]}:{lines.stamp[2:4]}:{lines.stamp[4:]}.000+00:00"
    first = lines.run | {"run": run, "commit": commit, "t": moment}
    first["machine"] = lines.run["machine"] | {"name": machine}
    parts = [compact_json(first)]
    values = iter(varied.tolist())
    n = kept = 0
    for (has_result, form), is_pair in zip(lines.lines, lines.is_pair):
        if is_pair and n == most:
            break
        n += is_pair
        kept += has_result
        parts.append(form % ((run, day, *next(values)) if has_result else run))
    last = lines.end | {"run": run, "t": f"{day}T{lines.end['t'].partition('T')[2]}", "pairs": n}
    parts.append(compact_json(last))
    return "\n".join(parts) + "\n", n, kept
