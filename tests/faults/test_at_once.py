"""Two of a command at work in the same folders, begun at nearly the same moment."""

from __future__ import annotations

from time import sleep

import pytest

from harness.reading.ingest import read_journal
from tests.faults.commands import MEASURING, READING
from tests.faults.watched import one_line

WRITE = [name for name in (*MEASURING, *READING) if name != "advise"]
CHEAP = {"merge"}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(
            name, marks=[] if name in CHEAP else pytest.mark.fault, id=f"two at once on {name}"
        )
        for name in WRITE
    ],
)
def test_two_at_once_both_come_to_their_end_or_one_is_told_to_wait(name, place, start, chance):
    """No file of one is spoilt by the other: each journal can be read, each result is there."""
    command = (MEASURING | READING)[name]
    words = command.words(place)
    first = start(words)
    sleep(chance.uniform(0, 0.3))
    second = start(words)
    codes = [each.wait() for each in (first, second)]
    assert 0 in codes, first.said()
    for code, each in zip(codes, (first, second), strict=True):
        if code:
            assert code == 2
            one_line(each, "wait|another")
        each.nothing_left()
    for path in place.journals():
        journal = read_journal(path)
        assert not command.journals or journal.end is not None
