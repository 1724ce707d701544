"""The error tree: every error says what went wrong and what to do about it, in one line."""

from __future__ import annotations

from difflib import get_close_matches


class ChunkbenchError(Exception):
    """Base of every error that a user may see.

    Parameters
    ----------
    message : str
        One line: what is wrong, then what to do.
    """

    exit_code = 2


class UsageError(ChunkbenchError):
    """A wrong option or value on the command line or in a call."""


class InputError(ChunkbenchError):
    """A file that is missing, truncated or not of the expected format."""


class UnknownNameError(UsageError):
    """A workload, executor, suite or profile that does not exist; the message lists what there is,
    after the only one that begins so, or the most similar where none does."""

    def __init__(self, what: str, name: str, known: list[str]) -> None:
        longer = [each for each in known if name and each.startswith(name)]
        near = longer or get_close_matches(name, known, n=1)
        instead = f"did you mean {near[0]}? There are" if len(near) == 1 else "choose one of"
        super().__init__(f"unknown {what} {name!r}: {instead} {', '.join(sorted(known))}")


class ExecutorUnavailableError(ChunkbenchError):
    """A known executor whose package is not installed; the message names the package."""


class MeasureError(ChunkbenchError):
    """A case that could not be measured; carries the status it gets in the journal."""


class CaseFailedError(MeasureError):
    """The only case that a command was asked for fails: bad news, and no wrong usage."""

    exit_code = 1


class Interrupted(ChunkbenchError):  # noqa: N818 - it is an event the user asked for, not an error
    """The sweep was stopped from outside; what was measured is in the journal."""

    exit_code = 130
