"""Cut an array into near-equal parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import log, prod

ROUGH = 1.25
"""The number of parts along a side may be so many times more or fewer than asked for."""
NEAR = 1.02
"""Parts are near-equal where the largest is at most so many times their mean."""


def part_length(side: int, parts: int) -> int:
    """How long parts of *side* are, so that about *parts* of them are near-equal.

    Of all numbers of parts within a factor 1.25 of *parts* the nearest is taken whose largest part
    is at most 2 % over their mean; where there is none, the one with the least largest part.

    Parameters
    ----------
    side : int
        Elements, at least 1.
    parts : int
        At least 1.
    """
    most = min(side, int(parts * ROUGH))
    tried = range(min(most, max(1, -int(-parts // ROUGH))), most + 1)
    lengths = {-(-side // number) for number in tried}
    return min(lengths, key=lambda length: _badness(side, parts, length))


def _badness(side: int, parts: int, length: int) -> tuple[float, float]:
    number = -(-side // length)
    over = length * number / side
    return (over if over > NEAR else 1.0), abs(log(number / parts))


def near_equal_chunks(shape: Sequence[int], least: int) -> Iterator[tuple[int, ...]]:
    """Shapes of chunks from the whole array to chunks of *least* elements, by about factors of two,
    the longest side cut first.

    Parameters
    ----------
    shape : sequence of int
        Sides, at least 1 each.
    least : int
        Elements of the smallest chunk.
    """
    parts, chunk = [1] * len(shape), tuple(shape)
    yield chunk
    while prod(chunk) > max(1, least):
        longest = max(range(len(shape)), key=chunk.__getitem__)
        parts[longest] *= 2
        length = part_length(shape[longest], parts[longest])
        made = (*chunk[:longest], min(length, chunk[longest] - 1), *chunk[longest + 1 :])
        if prod(made) < least:
            return
        chunk = made
        yield chunk
