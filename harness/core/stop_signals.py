"""The signals that ask this process to stop, and how it does."""

from __future__ import annotations

import signal
import threading
from collections import namedtuple
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

UNTYPED = (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGXCPU)
"""What asks any command to stop, and no terminal sends at a key: Python hears Ctrl-C by itself."""

STOPPING = (signal.SIGINT, *UNTYPED)
"""What a terminal, a shell, or a batch system some time before a job's end, sends to a sweep. A
shell without job control starts what it puts into the background with Ctrl-C ignored, which it then
is not: batch systems send that signal too."""


@contextmanager
def stopped_by_signals(*numbers: int) -> Iterator[None]:
    """Turn the first of these signals into :class:`KeyboardInterrupt`; later ones do nothing.

    A SIGHUP that is ignored stays so, since that is what ``nohup`` is for.
    """
    stopping = False

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        if not stopping:
            stopping = True
            raise KeyboardInterrupt

    before = {}
    if threading.current_thread() is threading.main_thread():
        for number in numbers:
            if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def forget_interrupted_code() -> None:
    """Have Python end with the exit code that it is given.

    Where a stop interrupts a string of code, as libraries run when they define classes, CPython
    ends the process by SIGINT later, however the stop was answered, unless another such string has
    run since: ``namedtuple`` runs one.
    """
    namedtuple("Forgotten", ())


def came_of_a_stop(error: BaseException | None) -> bool:
    """Whether *error* is a :class:`KeyboardInterrupt`, or was made of one, as Python does with
    what is raised while a library defines its classes."""
    while error is not None:
        if isinstance(error, KeyboardInterrupt):
            return True
        error = error.__cause__ or error.__context__
    return False
