"""Journals that were cut off, reordered, doubled, copied, or edited by hand: read, or refused in
one line that says where."""

from __future__ import annotations

import json
import re
import shutil
import sys

import pytest

from harness.cli import main
from tests.faults.commands import filled

NUMBERS = ("parallel_seconds", "serial_seconds", "chunk", "round", "block", "workers", "size")
WRONG: tuple[object, ...] = (-1, 0, 1e400, "x", None, [], {}, True, 10**30, 0.5)


def cut_off(lines, chance):
    text = b"".join(lines)
    return [text[: chance.randrange(1, len(text))]]


def reordered(lines, chance):
    rest = lines[1:]
    chance.shuffle(rest)
    return [lines[0], *rest]


def begun_in_the_middle(lines, chance):
    return lines[chance.randrange(1, len(lines)) :]


def doubled_lines(lines, chance):
    which = chance.randrange(1, len(lines))
    return [*lines[: which + 1], *lines[which:]]


def with_a_line_less(lines, chance):
    which = chance.randrange(1, len(lines))
    return lines[:which] + lines[which + 1 :]


def twice_in_one_file(lines, chance):
    return lines + lines


def with_a_byte_changed(lines, chance):
    text = bytearray(b"".join(lines))
    text[chance.randrange(len(text))] = chance.randrange(256)
    return [bytes(text)]


def with_zeros(lines, chance):
    text = b"".join(lines)
    where = chance.randrange(len(text))
    return [text[:where] + bytes(chance.randrange(1, 5000)) + text[where:]]


def with_a_wrong_number(lines, chance):
    which = chance.choice([n for n, line in enumerate(lines) if b'"kind":"pair"' in line])
    record = json.loads(lines[which])
    record[chance.choice(NUMBERS)] = chance.choice(WRONG)
    return [*lines[:which], json.dumps(record).encode() + b"\n", *lines[which + 1 :]]


def with_a_field_less(lines, chance):
    which = chance.randrange(len(lines))
    record = json.loads(lines[which])
    record.pop(chance.choice(sorted(record)))
    return [*lines[:which], json.dumps(record).encode() + b"\n", *lines[which + 1 :]]


def saved_by_an_editor(lines, chance):
    return [b"\xef\xbb\xbf" + b"".join(lines).replace(b"\n", b"\r\n")]


def indented(lines, chance):
    return [json.dumps(json.loads(line), indent=1).encode() + b"\n" for line in lines]


def empty(lines, chance):
    return []


def something_else(lines, chance):
    return [chance.randbytes(3000)]


DAMAGES = [
    *(cut_off, reordered, begun_in_the_middle, doubled_lines, with_a_line_less, twice_in_one_file),
    *(with_a_byte_changed, with_zeros, with_a_wrong_number, with_a_field_less, saved_by_an_editor),
    *(indented, empty, something_else),
]
TIMES = 3
CHEAP = {cut_off, with_a_wrong_number}
COMMANDS = {
    "tables": lambda place: [
        *("tables", "--results", str(place.results), "--format", "csv", "--out", str(place.out))
    ],
    "merge": lambda place: ["merge", str(place.results), "--out", str(place.out)],
}


def run(words, monkeypatch, capsys):
    """The exit code of a command in this process, and its last words."""
    monkeypatch.setattr(sys, "argv", ["chunkbench", *words])
    with pytest.raises(SystemExit) as stop:
        main()
    said = capsys.readouterr().err
    assert "a bug" not in said, said
    return stop.value.code, [line for line in said.splitlines() if line.startswith("chunkbench: ")]


@pytest.mark.parametrize(
    ("damage", "turn"),
    [
        pytest.param(
            damage,
            turn,
            marks=[] if damage in CHEAP and not turn else pytest.mark.fault,
            id=f"journal {damage.__name__.replace('_', ' ')} on {turn}",
        )
        for damage in DAMAGES
        for turn in range(TIMES)
    ],
)
def test_a_damaged_journal_is_read_or_refused_by_its_name(
    damage, turn, place, chance, monkeypatch, capsys
):
    """By file and, where a line is wrong, its number; never by a traceback, whichever command."""
    filled(place)
    path = chance.choice(place.journals())
    path.write_bytes(b"".join(damage(path.read_bytes().splitlines(keepends=True), chance)))
    for words in COMMANDS.values():
        code, said = run(words(place), monkeypatch, capsys)
        assert code in (0, 1, 2)
        if code == 2:
            [line] = said
            assert path.name in line, line
            assert re.search(r"line \d+|no run|empty|not .* UTF-8|first line", line), line


@pytest.mark.fault
@pytest.mark.parametrize("where", ["copy on same machine", "copy on other machine"])
def test_a_copied_journal_is_counted_once(where, place, monkeypatch, capsys):
    """Under another name, or for another machine: tables have no pair more than without it."""
    filled(place)
    tables = COMMANDS["tables"](place)
    run(tables, monkeypatch, capsys)
    before = (place.out / "cases.csv").read_text()
    path = place.journals()[0]
    folder = (
        path.parent if where == "copy on same machine" else place.results / "copied" / "journal"
    )
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(path, folder / f"copy-{path.name}")
    shutil.rmtree(place.out)
    monkeypatch.setattr(sys, "argv", ["chunkbench", *tables])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 0
    assert (place.out / "cases.csv").read_text() == before
    assert f"copy-{path.name}" in capsys.readouterr().err
