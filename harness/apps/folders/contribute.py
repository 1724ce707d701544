"""Make a contribution: check the journals of a machine, take out names, pack what is left."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness import __version__
from harness.apps.folders.contribution_checks import Requirement, checks_of
from harness.apps.folders.contribution_file import digest, packed
from harness.apps.folders.personal_words import PersonalWords
from harness.apps.folders.staging import is_being_written
from harness.core.errors import InputError, UnknownNameError, UsageError
from harness.reading.ingest import (
    MachineContent,
    Results,
    machine_folders,
    read_machine,
    results_of,
)
from harness.reading.ingest.compacted_part import restored
from harness.reading.ingest.journal_pieces import PAIR_BEGINS
from harness.running.executors import OURS as EXECUTORS
from harness.running.host.machine import checked_name
from harness.running.workloads import OURS as WORKLOADS


@dataclass(frozen=True)
class Contribution:
    """What is packed, and what was found on the way.

    Attributes
    ----------
    machine : str
        The name that it goes under.
    journals : dict of str to bytes
        By name of the file.
    pairs : int
        In all of them.
    left_out : dict of str to str
        Path or folder to why it stays here.
    checks : list of Requirement
    taken : dict of str to int
        What was taken out, and how many times.
    left : dict of str to Counter
        Each field with words in it to all words that are left there, and how often.
    content : bytes
        Of the file.
    """

    machine: str
    journals: dict[str, bytes]
    pairs: int
    left_out: dict[str, str]
    checks: list[Requirement]
    taken: dict[str, int]
    left: dict[str, Counter[str]]
    content: bytes

    @property
    def name(self) -> str:
        """How its file is called."""
        return f"{self.machine.replace(' ', '-')}-{digest(self.content)}.zip"


def contribution(
    results: Path,
    *,
    machine: str | None = None,
    called: str | None = None,
    hidden: Sequence[str] = (),
) -> Contribution:
    """Make the contribution of one machine; nothing is written, and no journal is changed.

    Parameters
    ----------
    results : Path
        A results folder.
    machine : str, optional
        Its folder; may be left out where there is one alone.
    called : str, optional
        The name that it is to have for others.
    hidden : sequence of str
        Words to take out beside login and host names.

    Raises
    ------
    InputError
        Where nothing can be contributed, or a journal is broken.
    UsageError
        Where the machine is not known, its name says too much, or a run is being written.
    """
    folder = _folder(results, machine)
    contents = _contents(folder, content := read_machine(folder))
    read = results_of([content])
    left_out = dict(_not_packed(folder, read, contents))
    journals = {name: contents[name] for name in sorted(contents) if name not in left_out}
    if not journals:
        why = "; ".join(sorted(set(left_out.values()))) or "nothing was measured there"
        raise InputError(f"{folder}: no journal to contribute ({why}): measure with chunkbench run")
    lines = {name: _lines(content) for name, content in journals.items()}
    personal = PersonalWords.of_this_machine(hidden, _hosts(lines.values()))
    name = _public_name(called or folder.resolve().name, personal)
    stripped = {
        journal: b"".join(_packed_line(text, line, personal, name) for text, line in of_journal)
        for journal, of_journal in lines.items()
    }
    taken = {what: many for what, many in sorted(personal.taken.items()) if many}
    pairs = sum(line["kind"] == "pair" for of in lines.values() for _, line in of)
    about = {"chunkbench": __version__, "runs": len(journals), "pairs": pairs, "taken_out": taken}
    return Contribution(
        name,
        stripped,
        pairs,
        left_out,
        list(checks_of(read, set(journals))),
        taken,
        _left(stripped),
        packed(name, stripped, about),
    )


def _folder(results: Path, machine: str | None) -> Path:
    if not results.is_dir():
        raise InputError(f"{results}: no such results folder: give one with --results")
    with_journals = {path.resolve().name: path for path in machine_folders(results)}
    known = {name: path for name, path in with_journals.items() if not name.startswith(".")}
    if machine is not None:
        if machine not in known:
            raise UnknownNameError("machine", machine, sorted(known))
        return known[machine]
    if len(known) != 1:
        names = ", ".join(sorted(known)) or "none"
        raise UsageError(f"{results} has several machines or none: name one of {names}")
    return next(iter(known.values()))


def _contents(folder: Path, content: MachineContent) -> dict[str, bytes]:
    """Every journal by its name, also those that were compacted."""
    contents: dict[str, bytes] = {}
    for place, part in content.parts:
        contents |= {journal.name: bytes(content) for journal, content in restored(place, part)}
    for path in sorted((folder / "journal").glob("*.jsonl")):
        if is_being_written(path):
            raise UsageError(f"{path} is being written by a run: wait for it")
        contents[path.name] = path.read_bytes()
    return contents


def _not_packed(
    folder: Path, read: Results, contents: Mapping[str, bytes]
) -> Iterator[tuple[str, str]]:
    """What stays here, and why: runs of one's own work, and files that are no journals."""
    for journal in read.journals:
        words = journal.columns.select(["workload", "executor"]).to_pydict()
        others = _between_pairs(contents[journal.path.name])  # of what was started or tried alone
        for what, ours in (("workload", WORKLOADS), ("executor", EXECUTORS)):
            named = {*words[what], *(line.get(what) for line in others)} - {None}
            if not named <= set(ours):
                yield journal.path.name, f"measures a {what} of your own"
                break
    for name, what in (("accounting", "listings of jobs"), ("timings", "timings of others")):
        if (folder / name).is_dir():
            yield f"{name}/", f"{what}, which are not asked for"
    if next(folder.glob("*.json"), None):
        yield "*.json", "files of ASV's, which chunkbench asv-export makes again of journals"


def _between_pairs(content: bytes) -> list[dict[str, Any]]:
    """The lines that are no pairs of this version, read."""
    whole = content[: content.rfind(b"\n") + 1]
    texts = (text for text in whole.splitlines() if not text.startswith(PAIR_BEGINS))
    return [json.loads(text) for text in texts if text.strip()]


def _lines(content: bytes) -> list[tuple[bytes, dict[str, Any]]]:
    """Each line as it is and read; a last one that was cut off in mid-write is dropped."""
    whole = content[: content.rfind(b"\n") + 1]
    return [(text, json.loads(text)) for text in whole.splitlines(keepends=True) if text.strip()]


def _hosts(journals: Iterable[list[tuple[bytes, dict[str, Any]]]]) -> set[str]:
    """The names of nodes that workers told, which may stand in other lines as well."""
    return {
        str(probe["host"])
        for of_journal in journals
        for _, line in of_journal
        for probe in line.get("verified") or []
        if probe.get("host")
    }


def _public_name(name: str, personal: PersonalWords) -> str:
    if word := personal.named_in(checked_name(name)):
        raise UsageError(
            f"the machine is called {name!r}, which has {word!r} in it: give the name that others "
            "are to see by --as, such as epyc-7543-64core"
        )
    return name


def _packed_line(text: bytes, line: Mapping[str, Any], personal: PersonalWords, name: str) -> bytes:
    """A line without names; one that has none stays as it is, to the last byte."""
    kept = personal.stripped(line)
    if isinstance(kept.get("machine"), dict):
        kept["machine"] = {**kept["machine"], "name": name}
    if kept == line:
        return text
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _left(journals: Mapping[str, bytes]) -> dict[str, Counter[str]]:
    """Every word that is packed, by its field."""
    left: dict[str, Counter[str]] = {}
    for content in journals.values():
        for _, line in _lines(content):
            for field, word in _words(line, ""):
                left.setdefault(field, Counter())[word] += 1
    return dict(sorted(left.items()))


def _words(value: Any, field: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _words(part, f"{field}.{name}" if field else str(name))
    elif isinstance(value, list):
        for part in value:
            yield from _words(part, field)
    elif isinstance(value, str):
        yield field, value
