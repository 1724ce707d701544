"""A command is stopped, killed or held at a random moment after its first pair."""

from __future__ import annotations

import re
import signal
from time import sleep

import pytest

from tests.faults.commands import MEASURING, READING
from tests.faults.watched import one_line

STOPPED = 130
MOST_SECONDS = 20.0
"""A stop ends what it started; engines have a few seconds for it, on a busy machine."""
CHEAP = {("trace", "Ctrl-C"), ("merge", "SIGTERM"), ("account", "SIGKILL")}
EVERY = [
    pytest.param(
        name, how, marks=[] if (name, how) in CHEAP else [pytest.mark.fault], id=f"{how} on {name}"
    )
    for name in (*MEASURING, *READING)
    for how in ("Ctrl-C", "SIGTERM", "SIGKILL", "held")
]
REPORTED = re.compile(r"(\d+)/\d+ pairs")


def came_to_its_end(line):
    return b'"kind":"end"' in line and b'"status":"interrupted"' not in line


def send(watched, how, chance):
    if how == "Ctrl-C":
        watched.press_ctrl_c()
    elif how == "held":
        watched.process.send_signal(signal.SIGSTOP)
        sleep(chance.uniform(0.1, 2.0))
        watched.process.send_signal(signal.SIGCONT)
    else:
        watched.process.send_signal(signal.Signals[how])


@pytest.mark.parametrize(("name", "how"), EVERY)
def test_a_command_that_is_stopped_leaves_nothing_and_can_be_gone_on_with(
    name, how, place, start, chance
):
    """Within seconds, with one line and exit code 130; what was measured stays; the next command
    of the kind comes to its end. One that was held (SIGSTOP, SIGCONT) comes to its end itself."""
    command = (MEASURING | READING)[name]
    words = command.words(place)
    watched = start(words, on_terminal=how == "Ctrl-C")
    watched.wait_for(lambda: command.begun(watched), f"first pair of {name}")
    sleep(chance.uniform(0, 1.5))
    written = place.written() if command.journals else {}
    send(watched, how, chance)
    code = watched.wait(150 if how == "held" else MOST_SECONDS)
    watched.nothing_left(killed=how == "SIGKILL")
    if how == "SIGKILL":
        assert code in (-signal.SIGKILL, 0)
    elif how == "held":
        assert code == 0, watched.said()
    elif code != 0 and not watched.has_ended():  # which it may have just before
        assert code == STOPPED, watched.said()
        line = one_line(watched, "stopped")
        whole = command.journals and came_to_its_end(place.lines()[-1])
        assert ("--resume" in line) == (command.resumes and not whole), line
    if command.journals:
        reported = [int(number) for number in REPORTED.findall(watched.said())]
        assert place.pairs() >= max(reported, default=0)
        assert place.keeps(written)
    if how == "held":
        return
    again = start([*words, *["--resume"][: command.resumes]])
    assert again.wait() == 0, again.said()
    again.nothing_left()
    if command.resumes:
        assert place.keeps(written)
        assert len(place.journals()) == 1 or code == 0
