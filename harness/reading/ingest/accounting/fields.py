"""The fields of one record with the lines they stand on: a wrong value names file and line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from harness.core.errors import InputError
from harness.reading.ingest.accounting import values

_T = TypeVar("_T")


def wrong(file: str, line: int, message: str) -> InputError:
    """Make the error to raise: one line with the place, what is wrong and what to do.

    Parameters
    ----------
    file : str
        What to call the listing.
    line : int
        From 1.
    message : str
        Signs that cannot be printed are replaced.
    """
    printable = "".join(letter if letter.isprintable() else "?" for letter in message)
    return InputError(f"{file}:{line}: {printable}")


@dataclass(frozen=True)
class Fields:
    """The fields of one record, with the lines on which they stand.

    Attributes
    ----------
    file : str
    line : int
        Where the record starts.
    texts : mapping of str to (int, str)
        Field name to line number and text, as they stand in the listing.
    cut : frozenset of str
        Fields that the listing cut off: they count as absent, and the record names them.
    """

    file: str
    line: int
    texts: Mapping[str, tuple[int, str]]
    cut: frozenset[str] = field(default_factory=frozenset)

    def text(self, *names: str) -> str | None:
        """The text of the first of *names* that holds something."""
        filled = self._first_filled(*names)
        return filled[2] if filled else None

    def seconds(self, *names: str) -> float | None:
        """A duration in s, of the first of *names* that holds something."""
        return self._parsed(values.seconds, *names)

    def size(self, *names: str) -> float | None:
        """A size in bytes, of the first of *names* that holds something."""
        return self._parsed(values.size, *names)

    def count(self, *names: str) -> int | None:
        """A whole number, of the first of *names* that holds something."""
        return self._parsed(values.count, *names)

    def positive(self, *names: str) -> int | None:
        """A whole number where 0 stands for "none yet": cores or nodes of a job not started."""
        return self.count(*names) or None

    def moment(self, *names: str) -> float | None:
        """A date as seconds; ``None`` for "never"."""
        return self._parsed(values.moment, *names)

    def parsed(self, name: str, text: str, parse: Callable[[str], _T]) -> _T:
        """Parse *text*, a part of the field *name*, by *parse*.

        Raises
        ------
        InputError
            Where *parse* raises ``ValueError``; names file and line.
        """
        try:
            return parse(text)
        except ValueError as error:
            line = self.texts.get(name, (self.line, ""))[0]
            raise wrong(
                self.file,
                line,
                f"{name} {_short(text)} {error}: list the job again, or correct or delete the line",
            ) from None

    def _parsed(self, parse: Callable[[str], _T], *names: str) -> _T | None:
        filled = self._first_filled(*names)
        return self.parsed(filled[0], filled[2], parse) if filled else None

    def _first_filled(self, *names: str) -> tuple[str, int, str] | None:
        for name in names:
            line, text = self.texts.get(name, (self.line, ""))
            if name not in self.cut and not values.is_absent(text):
                return name, line, text.strip()
        return None


def between(start: float | None, end: float | None) -> float | None:
    """Seconds from *start* to *end*; ``None`` where one is unknown or the clock went backwards."""
    return end - start if start is not None and end is not None and end >= start else None


def date(moment: float | None) -> str | None:
    """A moment of :meth:`Fields.moment` as a date; ``None`` where no calendar has it."""
    if moment is None:
        return None
    try:
        return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%S}"
    except (OverflowError, OSError, ValueError):
        return None


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:37]}...")
