"""A home that is none, limits that are tight, another user, ports and memory that are taken."""

from __future__ import annotations

import os
import resource
import shutil
import socket
import subprocess
import sys
from contextlib import ExitStack

import pytest

from tests.faults.commands import MEASURING, READING
from tests.faults.watched import one_line

HOMES = {"unset": None, "missing": "/nonexistent/home", "a file": "/dev/null", "no disk": "/proc"}
NOBODY, SOMEBODY = 65534, 65533
NO_RIGHTS = ("settle", "try", "run", "trace", "tables")
KINDS = ["thread-pool", "process-pool", "dask-distributed-processes", "ray-tasks"]
COMMANDS = MEASURING | READING


def traced(executor):
    case = f"empty-task/{executor}/chunk=500/size=1000/workers=2"
    return lambda place: [
        *("trace", case, "--rounds", "2", "--results", str(place.results), "--machine", "m")
    ]


def each(kind, names, cheap=()):
    return [
        pytest.param(name, marks=[] if name in cheap else pytest.mark.fault, id=f"{kind} on {name}")
        for name in names
    ]


def well_or_one_line(watched, *parts):
    """It came to its end, or said in one line why not; nothing is left of it either way."""
    code = watched.wait()
    if code == 0:
        assert watched.last_words() == [], watched.said()
    else:
        assert code in (1, 2), watched.said()
        one_line(watched, *parts)
    watched.nothing_left()
    return code


@pytest.mark.parametrize(
    "name", each("HOME that is none", ("settle", "run", "advise", "publish", "merge"))
)
def test_a_command_needs_no_home(name, place, start, chance):
    """Unset, missing, a file, or on no disk: by chance."""
    which = chance.choice(sorted(HOMES))
    watched = start(COMMANDS[name].words(place), HOME=HOMES[which])
    assert watched.wait() == 0, f"{which}: {watched.said()}"
    watched.nothing_left()


@pytest.mark.parametrize("which", each("HOME", HOMES, cheap=("missing",)))
def test_account_needs_no_home(which, place, start):
    watched = start(READING["account"].words(place), HOME=HOMES[which])
    assert watched.wait() == 0, watched.said()
    watched.nothing_left()


@pytest.mark.parametrize("executor", each("ulimit -n 64", KINDS))
def test_few_open_files_cost_an_engine_at_most(executor, place, start):
    words = traced(executor)(place)
    well_or_one_line(start(words, limits={resource.RLIMIT_NOFILE: 64}), "no trace of")


@pytest.mark.parametrize("name", each("ulimit -n 64", ["settle", "run", "claims"]))
def test_few_open_files_leave_a_sweep_its_end(name, place, start):
    watched = start(MEASURING[name].words(place), limits={resource.RLIMIT_NOFILE: 64})
    well_or_one_line(watched, "open files|ulimit")
    assert place.pairs()


@pytest.mark.parametrize("name", each("ulimit -f", ["settle", "run", "trace", "merge"]))
def test_a_limit_on_the_size_of_files_is_one_line(name, place, start):
    watched = start(COMMANDS[name].words(place), limits={resource.RLIMIT_FSIZE: 2048})
    assert watched.wait() == 2, watched.said()
    one_line(watched, "File too large.*ulimit -f")
    watched.nothing_left()


@pytest.mark.parametrize("megabytes", each("ulimit -v", [700, 1500]))
@pytest.mark.parametrize("name", ["tables", "trace"])
def test_too_little_memory_is_one_line(megabytes, name, place, start):
    """Address space, which libraries take much of before they do anything."""
    watched = start(
        COMMANDS[name].words(place),
        limits={resource.RLIMIT_AS: megabytes << 20},
        OPENBLAS_NUM_THREADS="1",
    )
    well_or_one_line(watched, "memory")


@pytest.mark.parametrize("name", each("tiny /dev/shm", ["process-pool", "ray-tasks"]))
def test_a_tiny_shared_memory_costs_an_engine_at_most(name, place, start):
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("no right to mount a file system")
    mount = 'mount -t tmpfs -o size=64k none /dev/shm && exec "$@"'
    watched = start(traced(name)(place), under=["unshare", "--mount", "sh", "-c", mount, "sh"])
    well_or_one_line(watched, "no trace of")


@pytest.mark.parametrize("name", each("taken ports", ["dask-distributed-processes", "ray-tasks"]))
def test_taken_ports_are_in_nobodys_way(name, place, start):
    """Those that Dask's and Ray's manuals name."""
    with ExitStack() as held:
        for port in (8786, 8787, 6379, 8265, 10001):
            taken = held.enter_context(socket.socket())
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                taken.bind(("127.0.0.1", port))
                taken.listen()
            except OSError:
                continue  # so it is taken by somebody else
        watched = start(traced(name)(place))
        assert watched.wait() == 0, watched.said()
    watched.nothing_left()


@pytest.fixture
def unprivileged(place):
    """How to start a command without root's rights: as another user, where this Python is for
    others as well; else as a root that has given up all of its capabilities."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("only root may give its rights up")
    try:
        subprocess.run([sys.executable, "-c", "import psutil"], user=NOBODY, check=True, cwd="/")
    except (OSError, subprocess.CalledProcessError):
        return {"under": ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]}
    for path in [place.folder, *place.folder.rglob("*")]:
        os.chown(path, NOBODY, NOBODY)
    return {"user": NOBODY}


@pytest.mark.parametrize("name", each("user without rights", NO_RIGHTS))
def test_a_user_without_rights_needs_none(name, place, unprivileged, start):
    watched = start(COMMANDS[name].words(place), **unprivileged)
    assert watched.wait() == 0, watched.said()
    watched.nothing_left()


@pytest.mark.parametrize(
    "name", each("folder of somebody else", ["settle", "run", "trace", "merge"], cheap=("merge",))
)
def test_a_folder_of_somebody_else_is_refused_in_one_line(name, place, unprivileged, start):
    words = COMMANDS[name].words(place)
    for folder in (place.results, place.out.parent):
        folder.mkdir(exist_ok=True)
        folder.chmod(0o555)
        os.chown(folder, SOMEBODY, SOMEBODY)
    watched = start(words, **unprivileged)
    assert watched.wait() == 2, watched.said()
    one_line(watched, f"{place.folder}/(r|o).*Permission denied: choose a folder")
    watched.nothing_left()
