"""Disks that are full or read-only, where results, temporary files or the output go."""

from __future__ import annotations

import os
from time import sleep

import pytest

from tests.faults.commands import MEASURING, READING, filled
from tests.faults.mounts import FILLER, again, disk, fill
from tests.faults.watched import one_line

WRITE = {**MEASURING, **{name: READING[name] for name in ("publish", "merge", "tables")}}
WRITE.pop("advise")  # writes no results
SMALL = {"run": "16k", "publish": "300k", "trace": "4k"}
"""What does not take all that a command writes; others write a journal."""
ROOM = "64m"
FULL = "No space left on device.*: free some"


def each(kind, names, cheap=()):
    return [
        pytest.param(name, marks=[] if name in cheap else pytest.mark.fault, id=f"{kind} on {name}")
        for name in names
    ]


def target(place, name):
    return place.out.parent if name in READING else place.results


@pytest.mark.parametrize("name", each("full disk", WRITE, cheap=("tables", "merge")))
def test_a_full_disk_is_one_line_and_loses_no_whole_pair(name, place, start):
    """Once there is room again, the same command comes to its end with what it had."""
    command = WRITE[name]
    words = command.words(place)
    with disk(target(place, name), f"size={SMALL.get(name, '8k')}"):
        watched = start(words)
        assert watched.wait() == 2, watched.said()
        one_line(watched, FULL)
        watched.nothing_left()
        written = place.lines() if command.journals else []
        again(target(place, name), f"size={ROOM}")
        last = start([*words, *["--resume"][: command.resumes]])
        assert last.wait() == 0, last.said()
        last.nothing_left()
        if command.resumes:
            assert len(place.journals()) == 1
            assert place.lines()[: len(written)] == written


@pytest.mark.parametrize("name", each("disk that gets full", ("settle", "claims", "run")))
def test_a_disk_that_gets_full_while_pairs_are_written(name, place, start, chance):
    """At a random moment after the first pair."""
    command = MEASURING[name]
    words = command.words(place)
    with disk(place.results, f"size={ROOM}"):
        watched = start(words)
        watched.wait_for(lambda: command.begun(watched), "first pair")
        sleep(chance.uniform(0, 1))
        fill(place.results)
        if watched.wait() == 0:  # the last block of the file had room for what was left
            return
        one_line(watched, FULL)
        watched.nothing_left()
        written = place.lines()
        (place.results / FILLER).unlink()
        last = start([*words, "--resume"])
        assert last.wait() == 0, last.said()
        assert len(place.journals()) == 1
        assert place.lines()[: len(written)] == written


@pytest.mark.parametrize(
    "name", each("temporary folder that gets full", ("settle", "trace", "advise"))
)
def test_a_temporary_folder_that_gets_full(name, place, start):
    """Costs what needs it, or nothing; and what was in it is removed."""
    command = MEASURING[name]
    with disk(place.temporary, f"size={ROOM}"):
        watched = start(command.words(place))
        watched.wait_for(lambda: command.begun(watched), "first pair")
        fill(place.temporary)
        if watched.wait() != 0:
            one_line(watched, "No space left|--resume|no trace")
        (place.temporary / FILLER).unlink()
        watched.nothing_left()


@pytest.mark.parametrize("name", each("full temporary folder", ("try", "run", "claims")))
def test_a_temporary_folder_that_is_full_from_the_start(name, place, start):
    """Another one is taken, as Python does; nothing of that is left either."""
    with disk(place.temporary, f"size={ROOM}"):
        fill(place.temporary)
        watched = start(MEASURING[name].words(place))
        if watched.wait() != 0:
            one_line(watched, "No space left|temporary")
        (place.temporary / FILLER).unlink()
        watched.nothing_left()


@pytest.mark.parametrize("name", each("read-only folder", WRITE, cheap=("merge", "trace")))
def test_a_read_only_folder_is_refused_in_one_line_that_names_it(name, place, start):
    """Before anything is measured."""
    words = WRITE[name].words(place)
    with disk(target(place, name), "size=1m,ro") as folder:
        watched = start(words)
        assert watched.wait() == 2, watched.said()
        line = one_line(watched, "Read-only file system: choose a folder")
        assert str(folder) in line
        watched.nothing_left()


FULL_OUTPUT = ["systems", "tables", "account", "merge", "trace"]
"""A journal is written before the answer: see the kinds above."""


def shown(name, place):
    if name == "systems":
        return ["systems"]
    if name == "tables":
        return ["tables", "--results", str(filled(place).results)]
    return (MEASURING | READING)[name].words(place)


@pytest.mark.parametrize("name", each("full output", FULL_OUTPUT, cheap=("systems",)))
def test_an_output_that_is_full_is_no_bug(name, place, start):
    """``> /dev/full``: one line."""
    number = os.open("/dev/full", os.O_WRONLY)
    watched = start(shown(name, place), stdout=number)
    os.close(number)
    assert watched.wait() == 2, watched.said()
    one_line(watched, "No space left on device.*free some")
    watched.nothing_left()


@pytest.mark.parametrize("name", each("reader that is gone", FULL_OUTPUT, cheap=("systems",)))
def test_a_reader_that_is_gone_is_no_error_to_tell_of(name, place, start):
    """``| head``: nothing on stderr but progress."""
    ours, theirs = os.pipe()
    watched = start(shown(name, place), stdout=theirs)
    os.close(theirs)
    os.close(ours)
    watched.wait()
    assert watched.last_words() == [], watched.said()
    assert "Traceback" not in watched.said()
    watched.nothing_left()
