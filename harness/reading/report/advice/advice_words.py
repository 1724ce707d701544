"""The advice in plain words."""

from __future__ import annotations

from harness.core import units
from harness.core.records import Estimate, Verdict
from harness.core.units import plural
from harness.reading.report.advice.choices import Choice, Chunks, Expectation
from harness.reading.report.shown.cells import AGAINST_SERIAL, with_interval


def forecast_verdict(expected: Expectation) -> str:
    """Say a verdict in plain words: "pays" only against serial and all cores alike (rule 1)."""
    pays = expected.verdict is Verdict.PAYS
    if pays and expected.verdict_vs_all_cores is not Verdict.PAYS:
        return AGAINST_SERIAL
    return expected.verdict.value


def baseline(against: str | None, serial_seconds: float, all_cores: Estimate | None) -> str:
    """Say what the forecasts are compared with.

    Parameters
    ----------
    against : str or None
        The user's own serial way.
    serial_seconds : float
    all_cores : Estimate or None
    """
    what = against or "the fastest chunks, one after the other,"
    on_all = "" if all_cores is None else f", on all cores {units.seconds(all_cores.point)}"
    untold = ", which was not timed on all cores" if all_cores is None else ""
    return f"serial: {what} on one thread {units.seconds(serial_seconds)}{on_all}{untold}"


def chunks_text(chunks: Chunks) -> str:
    """Write chunks as they are written in Python."""
    if isinstance(chunks, list):
        return f"({', '.join(map(str, chunks))}{',' if len(chunks) == 1 else ''})"
    if isinstance(chunks, dict):
        return ", ".join(f"{dim}={length}" for dim, length in chunks.items())
    return "as built" if chunks is None else str(chunks)


def sentences(
    work: str, argument: str | None, chosen: Choice, auto: Choice | None, rounds: int
) -> list[str]:
    """Say whether parallel pays, with which chunks, and what Dask's own choice would do.

    Parameters
    ----------
    work, argument : str
        Names of the work and of its argument for chunks, which may be ``None``.
    chosen, auto : Choice
        The recommended one, and Dask's own, if there is one.
    rounds : int
        That the forecasts rest on.
    """
    expected = chosen.lines[-1]
    of = f" of {units.size(chosen.chunk_bytes)}" if chosen.chunk_bytes else ""
    named = f"{argument}=" if argument else "chunks "
    written = isinstance(chosen.chunks, str | dict)
    chunks = repr(chosen.chunks) if written else chunks_text(chosen.chunks)
    texts = [
        (
            f"{work}: {_pays(expected, rounds)}, with {plural(expected.workers, 'worker')} and "
            f"{named}{chunks}: {_count(chosen)}{of}, "
            f"{with_interval(expected.seconds, units.seconds)}."
        )
    ]
    if auto is not None:
        expected = auto.lines[-1]
        texts.append(
            f"Dask's own chunks='auto' gives {_count(auto)}: "
            f"{with_interval(expected.seconds, units.seconds)}, "
            f"{forecast_verdict(expected)}."
        )
    return texts


def _pays(expected: Expectation, rounds: int) -> str:
    speedup = with_interval(expected.speedup, units.ratio)
    if expected.verdict is Verdict.UNDETERMINED:
        return (
            f"The data cannot tell whether it pays: a speed-up of {speedup}, by "
            f"{plural(rounds, 'round')}"
        )
    whole = expected.speedup_vs_all_cores
    beside = ""
    if whole is not None and expected.verdict is Verdict.PAYS:
        over = f"{with_interval(whole, units.ratio)} over all cores"
        shown = expected.verdict_vs_all_cores is Verdict.PAYS
        beside = f" and {over}" if shown else f", but {over}, which is not shown to be a gain"
    words = {
        "pays": "Parallel pays",
        AGAINST_SERIAL: "Parallel pays against serial",
        Verdict.OVERHEAD.value: "Overhead exceeds gain, run it serially",
        Verdict.EQUAL.value: "It makes no difference, within 5 %",
    }[forecast_verdict(expected)]
    return f"{words}: a speed-up of {speedup} is expected{beside}"


def _count(choice: Choice) -> str:
    return "1 chunk" if choice.n_chunks == 1 else f"{units.count(choice.n_chunks)} chunks"
