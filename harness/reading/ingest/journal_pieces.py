"""Take a journal apart: pieces that fit into memory, and in each the lines of pairs.

Nearly all lines are pairs, and those that this version writes begin alike. They are handed on
together, to be read by columns; the few others are handed on one by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness.core.journal_format import cannot_be_read
from harness.core.records import JOURNAL_VERSION

PAIR_BEGINS = b'{"v":%d,"kind":"pair",' % JOURNAL_VERSION
"""How each line of a pair begins that this version writes."""
PIECE_BYTES = 16 * 2**20

_END_OF_LINE = ord("\n")


@dataclass(frozen=True)
class OtherLine:
    """A line that is not known to be a pair.

    Attributes
    ----------
    number : int
        Line number within the piece, from 0.
    pairs_before : int
        Lines of pairs that stand before it in the piece.
    text : bytes
        The line with its end, which the last one of a file may lack.
    """

    number: int
    pairs_before: int
    text: bytes


@dataclass(frozen=True)
class PartedPiece:
    """The lines of a piece: those of pairs, joined in their order, and the others.

    Attributes
    ----------
    pair_lines : bytes
    n_pairs : int
    others : tuple of OtherLine
    """

    pair_lines: bytes
    n_pairs: int
    others: tuple[OtherLine, ...]


def pieces(path: Path, size: int = PIECE_BYTES) -> Iterator[bytes]:
    """Read the file at *path* in pieces of whole lines, of *size* bytes and up to a line more.

    Raises
    ------
    InputError
        Where the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            while piece := file.read(size):
                yield piece + file.readline()
    except (OSError, ValueError) as error:  # ValueError: a path that no file can have
        raise cannot_be_read(path, error) from None


def parted(piece: bytes) -> PartedPiece:
    """Part the lines of pairs from the others; a line without an end counts as another."""
    characters = np.frombuffer(piece, dtype=np.uint8)
    stops = np.flatnonzero(characters == _END_OF_LINE) + 1
    has_end = piece.endswith(b"\n")
    if not has_end:
        stops = np.append(stops, len(piece))
    starts = np.concatenate(([0], stops[:-1]))
    is_pair = _begin_like_a_pair(characters, starts)
    is_pair[-1] &= has_end
    pairs_before = np.cumsum(is_pair)
    others = tuple(
        OtherLine(number, int(pairs_before[number]), piece[starts[number] : stops[number]])
        for number in np.flatnonzero(~is_pair).tolist()
    )
    return PartedPiece(_without(piece, starts, stops, others), int(pairs_before[-1]), others)


def _begin_like_a_pair(
    characters: NDArray[np.uint8], starts: NDArray[np.int64]
) -> NDArray[np.bool_]:
    wanted = np.frombuffer(PAIR_BEGINS, dtype=np.uint8)
    is_pair = np.zeros(starts.size, dtype=np.bool_)
    if characters.size < wanted.size:
        return is_pair
    long_enough = starts + wanted.size <= characters.size
    # A line that is shorter reaches into the next one: the end of line between differs.
    windows = np.lib.stride_tricks.sliding_window_view(characters, wanted.size)
    is_pair[long_enough] = (windows[starts[long_enough]] == wanted).all(axis=1)
    return is_pair


def _without(
    piece: bytes,
    starts: NDArray[np.int64],
    stops: NDArray[np.int64],
    others: tuple[OtherLine, ...],
) -> bytes:
    if not others:
        return piece
    view = memoryview(piece)
    places = [other.number for other in others]
    begins = [0, *stops[places].tolist()]
    ends = [*starts[places].tolist(), len(piece)]
    return b"".join(view[begin:end] for begin, end in zip(begins, ends, strict=True))
