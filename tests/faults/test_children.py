"""One process below a command is killed or held, at a random moment after the first pair."""

from __future__ import annotations

import signal
from time import sleep

import psutil
import pytest

from tests.faults.commands import MEASURING, settle
from tests.faults.watched import one_line

DASK = "dask-distributed-processes"


def tried(executor):
    return lambda place: [
        *("try", "faultwork:task", "--items", "faultwork:inputs", "--on", executor),
        *("--budget", "90s", "--results", str(place.results), "--machine", "m"),
    ]


COMMANDS = {
    "settle on a cluster": settle(DASK),
    "try on Ray": tried("ray-tasks"),
    "try on processes": tried("process-pool"),
    **{name: command.words for name, command in MEASURING.items()},
}
ROLES = {
    "reaper": ("harness.running.measure.process.reaper",),
    "engine child": ("process.child",),
    "Dask worker": ("multiprocessing", "spawn_main"),
    "pool worker": ("multiprocessing",),
    "raylet": ("raylet", "--raylet_socket_name"),
    "Ray's GCS": ("gcs_server",),
    "Ray worker": ("ray::",),
    "own child": ("own_child",),
    "sweep of run": ("harness.all_suites",),
}
WHERE = [
    ("reaper", "settle"),
    ("reaper", "trace"),
    ("engine child", "settle"),
    ("engine child", "try"),
    ("engine child", "run"),
    ("engine child", "claims"),
    ("engine child", "trace"),
    ("own child", "advise"),
    ("sweep of run", "run"),
    ("Dask worker", "settle on a cluster"),
    ("pool worker", "try on processes"),
    ("raylet", "try on Ray"),
    ("Ray's GCS", "try on Ray"),
    ("Ray worker", "try on Ray"),
]
CHEAP = {("SIGKILL", "engine child", "trace")}
EVERY = [
    pytest.param(
        how,
        role,
        name,
        marks=[] if (how, role, name) in CHEAP else pytest.mark.fault,
        id=f"{how} of {role} on {name}",
    )
    for how in ("SIGKILL", "held")
    for role, name in WHERE
]


@pytest.mark.parametrize(("how", "role", "name"), EVERY)
def test_a_child_that_is_lost_costs_its_case_at_most(how, role, name, place, start, chance):
    """The sweep comes to its end and says in its journal what became of the case; nothing is left.
    One that was held (SIGSTOP, SIGCONT) costs nothing."""
    watched = start(COMMANDS[name](place))
    traces = name in ("trace", "advise")

    def ready():
        child = watched.child(*ROLES[role])
        return child if child and (traces or place.pairs()) else None

    watched.wait_for(ready, f"{role} after a pair")
    sleep(chance.uniform(0, 1.0))
    written = place.lines()
    child = watched.child(*ROLES[role])
    if child is None:
        pytest.skip("it had ended by then")
    try:
        if how == "held":
            child.suspend()
            sleep(chance.uniform(0.1, 1.5))
            child.resume()
        else:
            child.send_signal(signal.Signals[how])
    except psutil.NoSuchProcess:
        pytest.skip("it had ended by then")
    code = watched.wait()
    watched.nothing_left(killed=role == "sweep of run")
    assert place.lines()[: len(written)] == written
    if how == "held" or role == "reaper":
        assert code == 0, watched.said()
    elif role == "sweep of run":
        assert code == 2
        one_line(watched, "SIGKILL.*go on with chunkbench run --resume")
        last = start([*COMMANDS[name](place), "--resume"])
        assert last.wait() == 0, last.said()
        assert len(place.journals()) == 1
        last.nothing_left()
    elif traces:
        failed = 1 if name == "trace" else 2
        assert code in (0, failed), watched.said()  # 0: it had been of use already
        if code:
            one_line(watched, "SIGKILL|died|gone")
    else:
        unmeasured = name == "claims"  # exit code 1: its only case failed
        assert code == 0 or (unmeasured and code == 1), watched.said()
        assert b'"kind":"end"' in place.lines()[-1]
        assert watched.last_words() == []
