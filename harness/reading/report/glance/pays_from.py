"""From where on it pays, in a few words: how large a chunk, or how much work in an item."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from harness.core import units
from harness.core.work_families import family_of
from harness.reading.report.glance.plain_numbers import counted_elements, noun, rounded
from harness.reading.report.shown.cells import Row, absent, estimate, has_numbers

OPEN = "cannot tell yet"


class PaysFrom(NamedTuple):
    """From where on it pays: in a few words, and in full with its interval."""

    words: str
    detail: str


def by_chunk(family: str, edge: Row, cases: Iterable[Row]) -> PaysFrom:
    """Say from how large a chunk on *family* pays.

    Parameters
    ----------
    family : str
    edge : mapping
        The row of ``break_even`` for chunks that are too small.
    cases : iterable of mapping
        The rows of ``cases`` that it rests on.
    """
    measured = sorted(row["chunk"] for row in cases if has_numbers(row))
    if not measured:
        return PaysFrom(OPEN, "no chunk has a result")
    least, most = (counted_elements(float(chunk), family) for chunk in (measured[0], measured[-1]))
    tried = f"tried: chunks of {rounded(float(measured[0]))} to {most}"
    status = edge["status"]
    if status == "found":
        exact = f"from chunks of {estimate(edge, 'chunk', units.count)} {noun(family)}s on it pays"
        return PaysFrom(f"from {counted_elements(edge['chunk'], family)}", f"{exact}; {tried}")
    if status == "always pays":
        return PaysFrom(f"from {least} or fewer", f"every chunk that was tried pays; {tried}")
    if status == "never pays":
        return PaysFrom(f"never up to {most}", f"no chunk that was tried pays; {tried}")
    if status == "not monotone":
        return PaysFrom("it varies", f"more than one change from chunk to chunk; {tried}")
    if not absent(edge["bracket_high"]):
        pays = counted_elements(edge["bracket_high"], family)
        return PaysFrom(f"at {pays}, less is open", f"pays with chunks of {pays}; {tried}")
    return PaysFrom(OPEN, f"the data cannot tell where it pays; {tried}")


def by_work(family: str, edge: Row, cases: Sequence[Row]) -> PaysFrom:
    """Say from how much work in an item on *family* pays, at the best chunk of each amount.

    Parameters
    ----------
    family : str
    edge : mapping
        The row of ``break_even_work``.
    cases : sequence of mapping
        The rows of ``cases`` that it rests on, of all amounts.
    """
    one = "a call" if noun(family) == "call" else "an item"
    amounts = [family_of(str(row["workload"]))[1] for row in cases if has_numbers(row)]
    if not amounts:
        return PaysFrom(OPEN, "no amount of work has a result")
    most = f"{_work(max(amounts))} {one}"
    tried = f"tried: up to {most}, each at its best chunk"
    status = edge["status"]
    if status == "found":
        ends = (edge[f"work_us{end}"] for end in ("", "_low", "_high"))
        point, low, high = ("-" if absent(end) else _work(end * 1e-6) for end in ends)
        exact = f"from {point} of work {one} on it pays ({low} to {high})"
        return PaysFrom(f"from {_work(_near(edge['work_us']) * 1e-6)} {one}", f"{exact}; {tried}")
    if status == "always pays":
        return PaysFrom("with any work", f"every amount of work that was tried pays; {tried}")
    if status == "never pays":
        return PaysFrom(f"never up to {most}", f"no amount of work that was tried pays; {tried}")
    if status == "not monotone":
        return PaysFrom("it varies", f"more than one change with ever more work; {tried}")
    if not absent(edge["bracket_high_us"]):
        pays = f"{_work(edge['bracket_high_us'] * 1e-6)} {one}"
        return PaysFrom(f"at {pays}, less is open", f"pays with {pays}; {tried}")
    return PaysFrom(OPEN, f"the data cannot tell where it pays; {tried}")


def _near(value: float) -> float:
    """Two digits that count."""
    return float(f"{value:.2g}")


def _work(seconds: float) -> str:
    """``"1.3 ms"`` and ``"10 ms"``: without digits that say nothing."""
    number, _, unit = units.seconds(seconds).partition(" ")
    return f"{float(number):g} {unit}"
