"""Where along a chain of chunks the verdict changes sign: rule 21 (a)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

from harness.core.records import Verdict

SIGNED = (Verdict.PAYS, Verdict.OVERHEAD)


class Change(NamedTuple):
    """Where the sign changes on one side of the best chunk.

    Attributes
    ----------
    status : str
        ``found``, ``always pays``, ``never pays``, ``not monotone`` or ``undetermined``.
    outer, inner : int or None
        Ends of the bracket as positions in the chain of the side; ``None`` where unknown.
    reason : str
        What the status rests on.
    """

    status: str
    outer: int | None
    inner: int | None
    reason: str


def sign_change(
    chunks: Sequence[float],
    verdicts: Sequence[Verdict],
    confirmed: Sequence[bool],
    outermost: str = "outermost chunk",
) -> Change:
    """Bracket the one change of sign on a side by fixed-sequence tests from both of its ends.

    The chain of a side runs from the outermost chunk measured to the best chunk, which pays. From
    the outer end inwards ``overhead exceeds gain`` is tested chunk after chunk, each at the full
    level, up to the first that fails; likewise ``pays`` from the best chunk outwards. The bracket
    lies between the last two that held. A sequence never jumps over a chunk that failed, so a gap
    in it widens the bracket.

    - Both ends hold: ``found``.
    - The outermost chunk pays, and none on the side costs: ``always pays``. A chunk in between may
      be undetermined or equal: a cost convex in the number of chunks does not exceed the larger of
      its neighbours. The reason names it.
    - The outermost chunk is ``undetermined``: its sequence ends before it starts, the change may
      lie beyond the grid: ``undetermined``, with the inner end of the bracket alone.
    - The outermost chunk is ``equal``: the same. It neither costs nor pays, so that the sign there
      is open, however narrow its interval.
    - The sign changes more than once: ``not monotone`` where it still does with the chunks that
      hold after Holm's correction; else ``undetermined``, because neither one change nor several
      are shown.

    Parameters
    ----------
    chunks : sequence of int
        Chunks of the side, outermost first, best last.
    verdicts : sequence of Verdict
        Of the same chunks; the last is ``pays``.
    confirmed : sequence of bool
        Which of them differ from 1 also after Holm's correction.
    outermost : str
        What the first is called, where the axis is not one of chunks.
    """
    signed = [(c, v) for c, v in zip(chunks, verdicts) if v in SIGNED]
    if _changes([v for _, v in signed]) > 1:
        sure = [(c, v) for c, v, keep in zip(chunks, verdicts, confirmed) if keep and v in SIGNED]
        if _changes([v for _, v in sure]) > 1:
            return Change("not monotone", None, None, f"after Holm's correction {_ranges(sure)}")
        reason = f"{_ranges(signed)}, which does not hold after Holm's correction: add rounds"
        return Change("undetermined", None, None, reason)
    inner = len(verdicts) - _run(verdicts[::-1], Verdict.PAYS)
    everything = _ranges(list(zip(chunks, verdicts)))
    if verdicts[0] is Verdict.PAYS:
        return Change("always pays", None, None, everything)
    if verdicts[0] is Verdict.OVERHEAD:
        return Change("found", _run(verdicts, Verdict.OVERHEAD) - 1, inner, everything)
    reason = f"the {outermost} shows neither sign: {everything}"
    return Change("undetermined", None, inner, reason)


def no_sign_change(chunks: Sequence[float], verdicts: Sequence[Verdict]) -> Change:
    """The status of both sides of a group in which no chunk pays.

    ``never pays`` where every chunk is shown not to (overhead exceeds the gain, or it makes no
    difference); ``undetermined`` as soon as one might.

    Parameters
    ----------
    chunks : sequence of int
        All chunks of the group, rising.
    verdicts : sequence of Verdict
        Of the same chunks; none is ``pays``.
    """
    status = "undetermined" if Verdict.UNDETERMINED in verdicts else "never pays"
    return Change(status, None, None, _ranges(list(zip(chunks, verdicts))))


def _run(verdicts: Sequence[Verdict], verdict: Verdict) -> int:
    return next((i for i, v in enumerate(verdicts) if v is not verdict), len(verdicts))


def _changes(verdicts: Sequence[Verdict]) -> int:
    return sum(a is not b for a, b in pairwise(verdicts))


def _ranges(points: Sequence[tuple[float, Verdict]]) -> str:
    texts = []
    for verdict, run in groupby(sorted(points), key=lambda point: point[1]):
        run_chunks = [chunk for chunk, _ in run]
        ends = dict.fromkeys((run_chunks[0], run_chunks[-1]))
        texts.append(f"{verdict.value} at {' to '.join(f'{end:.12g}' for end in ends)}")
    return ", ".join(texts)
