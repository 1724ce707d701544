"""The advice in plain words."""

from __future__ import annotations

from harness.core import units
from harness.core.records import Verdict
from harness.core.units import plural
from harness.reading.report.advice.choices import Choice, Chunks
from harness.reading.report.shown.cells import AGAINST_SERIAL, with_interval


def forecast_verdict(verdict: Verdict) -> str:
    """Say a verdict in plain words; a forecast can only say "pays" against serial (rule 1)."""
    return AGAINST_SERIAL if verdict is Verdict.PAYS else verdict.value


def chunks_text(chunks: Chunks) -> str:
    """Write chunks as they are written in Python."""
    if isinstance(chunks, list):
        return f"({', '.join(map(str, chunks))}{',' if len(chunks) == 1 else ''})"
    return "as built" if chunks is None else str(chunks)


def sentences(work: str, argument: str | None, chosen: Choice, auto: Choice | None) -> list[str]:
    """Say whether parallel pays, with which chunks, and what Dask's own choice would do.

    Parameters
    ----------
    work, argument : str
        Names of the work and of its argument for chunks, which may be ``None``.
    chosen, auto : Choice
        The recommended one, and Dask's own, if there is one.
    """
    expected = chosen.lines[-1]
    speedup = with_interval(expected.speedup, units.ratio)
    verdict = {
        Verdict.PAYS: f"Parallel pays against serial: a speed-up of {speedup} is expected",
        Verdict.OVERHEAD: (
            f"Overhead exceeds gain, run it serially: a speed-up of {speedup} is expected"
        ),
        Verdict.EQUAL: (f"It makes no difference, within 5 %: a speed-up of {speedup} is expected"),
        Verdict.UNDETERMINED: f"The data cannot tell whether it pays: a speed-up of {speedup}",
    }[expected.verdict]
    of = f" of {units.size(chosen.chunk_bytes)}" if chosen.chunk_bytes else ""
    named = f"{argument}=" if argument else "chunks "
    chunks = repr(chosen.chunks) if isinstance(chosen.chunks, str) else chunks_text(chosen.chunks)
    texts = [
        (
            f"{work}: {verdict}, with {plural(expected.workers, 'worker')} and {named}{chunks}: "
            f"{_count(chosen)}{of}, {with_interval(expected.seconds, units.seconds)}."
        )
    ]
    if auto is not None:
        expected = auto.lines[-1]
        texts.append(
            f"Dask's own chunks='auto' gives {_count(auto)}: "
            f"{with_interval(expected.seconds, units.seconds)}, "
            f"{forecast_verdict(expected.verdict)}."
        )
    return texts


def _count(choice: Choice) -> str:
    return "1 chunk" if choice.n_chunks == 1 else f"{units.count(choice.n_chunks)} chunks"
