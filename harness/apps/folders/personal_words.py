"""Take out of a journal's line what names a person, a host or a path, and say what that was."""

from __future__ import annotations

import getpass
import platform
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.core.errors import UsageError

PLAIN = frozenset(
    {
        *("kind", "run", "suite", "profile", "commit", "t", "scheduler", "status", "purpose"),
        *("workload", "executor", "pin", "chunk_shape", "first", "baseline", "digest"),
    }
)
"""Fields with words that chunkbench itself chose: nothing is looked for in them, since a user may
be called ``ray``."""

_PART = r"[\w.+@%=~-]"
_EVERYBODYS = frozenset({"", "root", "localhost", "localhost.localdomain", "user"})
_PATTERNS = {
    "an e-mail address": (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "<e-mail>"),
    "a network address": (
        re.compile(
            r"\b[a-z][a-z+.-]*://[^\s'\",)\]}]+|\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b"
            r"|(?<![\w:])(?:[0-9a-f]{1,4}:){3,7}:?[0-9a-f]{0,4}(?![\w:])",
            re.IGNORECASE,
        ),
        "<address>",
    ),
    "a path": (
        re.compile(
            r"(?<=['\"])(?:~|[A-Za-z]:(?=\\))?[/\\][^'\"]+(?=['\"])"  # in quotes: with spaces
            r"|(?<![\w<>/.])(?:~|[A-Za-z]:(?=\\))?"
            rf"(?:[/\\]{_PART}{{2,}}|[/\\]{_PART}[/\\]{_PART}+)(?:[/\\]{_PART}*)*"
        ),
        "<path>",
    ),
}
"""What it is, how it is found in free text, and what stands there instead."""


@dataclass
class PersonalWords:
    """Words of one machine's owner; counts what was taken out.

    Attributes
    ----------
    words : tuple of str
        Login names, host names, and what the owner wants hidden; taken out of free text.
    taken : Counter
        What was taken out, and how many times.
    """

    words: tuple[str, ...]
    taken: Counter[str] = field(default_factory=Counter)
    _numbers: dict[str, dict[str, int]] = field(default_factory=dict)

    @classmethod
    def of_this_machine(
        cls, hidden: Iterable[str] = (), hosts: Iterable[str] = ()
    ) -> PersonalWords:
        """The login name, the names of this host and of *hosts*, and what is to be *hidden*.

        Raises
        ------
        UsageError
            Where a hidden word is too short to be told from others.
        """
        asked = [word.strip() for word in hidden]
        if short := [word for word in asked if len(word) < 2]:
            raise UsageError(f"{short[0]!r} is too short to be hidden: give a whole name")
        found = [*asked, *_login(), *_host(platform.node()), *(n for h in hosts for n in _host(h))]
        kept = {word for word in found if word.lower() not in _EVERYBODYS and len(word) > 1}
        return cls(tuple(sorted(kept, key=lambda word: (-len(word), word))))

    def stripped(self, line: Mapping[str, Any]) -> dict[str, Any]:
        """Copy a line of a journal without what names somebody; nothing else is changed."""
        kept = {name: self._value(name, value) for name, value in line.items()}
        if kept.get("cluster") is not None and kept.get("kind") == "run":
            self.taken["the name of a cluster"] += 1
            kept["cluster"] = None
        return kept

    def _value(self, name: str, value: Any) -> Any:
        if isinstance(value, dict):
            return {self.text(key): self._value(key, part) for key, part in value.items()}
        if isinstance(value, list):
            return [self._value(name, part) for part in value]
        if not isinstance(value, str) or name in PLAIN:
            return value
        if name == "host":
            return self._numbered("the name of a node", "node", value)
        if name in ("job", "worker_jobs"):
            scheduler, dash, job = value.rpartition("-")
            return f"{scheduler}{dash}{self._numbered('the id of a job', 'job', job)}"
        return self.text(value)

    def text(self, text: str) -> str:
        """Take out of free *text* addresses, paths and the owner's words."""
        for what, (pattern, instead) in _PATTERNS.items():
            text, many = pattern.subn(instead, text)
            self.taken[what] += many
        for word in self.words:
            text, many = _whole(word).subn("<name>", text)
            self.taken["a name"] += many
        return text

    def named_in(self, text: str) -> str | None:
        """The first of the owner's words in *text*, or ``None``."""
        return next((word for word in self.words if _whole(word).search(text)), None)

    def _numbered(self, what: str, kind: str, name: str) -> str:
        """The same number for the same name, so that nodes and jobs can still be told apart."""
        if re.fullmatch(rf"{kind}-?\d+", name):
            return name
        self.taken[what] += 1
        numbers = self._numbers.setdefault(kind, {})
        return f"{kind}{numbers.setdefault(name, len(numbers) + 1)}"


def _whole(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z0-9]){re.escape(word)}(?![A-Za-z0-9])", re.IGNORECASE)


def _login() -> Iterator[str]:
    try:
        yield getpass.getuser()
    except (KeyError, OSError, ImportError):  # no such user in a container: nothing to be named
        return
    yield Path.home().name


def _host(name: str) -> Iterator[str]:
    yield name
    yield name.partition(".")[0]
